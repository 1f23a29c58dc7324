// The A2A JavaScript SDK over its JSON-RPC transport: the payload is a data part of a message, both ways.

import { around, json } from '../lib/answer.mjs';

export const name = '@a2a-js/sdk';

export async function connect(origin, fetch) {
  const { ClientFactory, JsonRpcTransportFactory } = await import('@a2a-js/sdk/client');
  const factory = new ClientFactory({ transports: [new JsonRpcTransportFactory({ fetchImpl: fetch })] });
  const client = await factory.createFromAgentCard(agentCard(origin));
  return {
    async invoke(payload) {
      const answer = await client.sendMessage(message(payload));
      return answer.parts[0].content.value;
    },
    async *stream() {
      for await (const event of client.sendMessageStream(message({ year: 2026 }))) {
        yield event.payload.value.artifact.parts[0].content.value;
      }
    },
    close() {},
  };
}

function message(payload) {
  return {
    tenant: '',
    message: {
      messageId: crypto.randomUUID(),
      contextId: '',
      taskId: '',
      role: 1,
      parts: [{ content: { $case: 'data', value: payload }, metadata: undefined, filename: '', mediaType: '' }],
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
    },
    configuration: undefined,
    metadata: undefined,
  };
}

/** The card of an agent; with it in hand the client need not fetch it first. */
export function agentCard(origin) {
  return {
    name: 'orders',
    description: 'Orders',
    supportedInterfaces: [{ url: `${origin}/rpc`, protocolBinding: 'JSONRPC', tenant: '', protocolVersion: '1.0' }],
    version: '2.1.0',
    capabilities: { streaming: true, extensions: [] },
    securitySchemes: {},
    securityRequirements: [],
    defaultInputModes: ['application/json'],
    defaultOutputModes: ['application/json'],
    skills: [],
    signatures: [],
  };
}

/** The client numbers its requests, and writes the number last. */
export function respond(_url, _method, body, payload) {
  const id = /"id":(\d+)\}$/.exec(body.slice(-30))?.[1];
  const head = `{"jsonrpc":"2.0","id":${id},"result":{"message":{"messageId":"3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d","role":"ROLE_AGENT","parts":[{"data":`;
  return json(around(head, payload, '}]}}}'));
}

/** As a fresh client's first request gets it: its number is 1. */
export function chunk(payload, sequence) {
  const artifact = `{"artifactId":"A1","parts":[{"data":${payload}}]}`;
  const update = `{"taskId":"T1","contextId":"C1","artifact":${artifact},"append":${sequence > 1},"lastChunk":false}`;
  return `data: {"jsonrpc":"2.0","id":1,"result":{"artifactUpdate":${update}}}\n\n`;
}

/** The connection's end is the stream's. */
export const end = () => '';
