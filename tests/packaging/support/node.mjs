/** The mock node to call: `{ baseUrl, nodeId, tenantId, apiKey }`. */
export const node = JSON.parse(process.env.ANCP_TEST_NODE);
