import { AncpClient } from '@bizfirst/ancp-core';

const client = new AncpClient({ baseUrl: 'https://api.example.com', nodeId: 42, auth: { apiKey: 'bfk_1' } });
await client.invoke('get-order', { orderId: 'ORD-123' }).catch(() => {});
for await (const chunk of client.stream('generate-report', { year: 2026 })) console.log(chunk);
