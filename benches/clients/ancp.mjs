// Ours, through the npm package as it is published.

import { around, json } from '../lib/answer.mjs';

export const name = '@bizfirst/ancp-core';

export async function connect(origin, fetch) {
  const { AncpClient } = await import('@bizfirst/ancp-core');
  const client = new AncpClient({ baseUrl: origin, nodeId: 42, auth: { apiKey: 'bfk_bench' }, fetch });
  return {
    invoke: (payload) => client.invoke('get-order', payload),
    stream: () => client.stream('generate-report', { year: 2026 }, { correlationId: 'bench' }),
    close: () => client.close(),
  };
}

/** An envelope up to its payload, and from there on. */
export function envelope(correlationId, ncp = {}) {
  const [head, tail] = JSON.stringify({
    id: '3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d',
    type: 'Response',
    source: 'node://7/42',
    destination: 'service://7/ancp-client',
    tenantId: '7',
    timestamp: '2026-05-25T09:14:00.000Z',
    protocolVersion: '1.0',
    correlationId,
    body: {
      data: {
        payload: '@',
        metadata: { extensions: { ncp: { nodeId: 42, caller: { mode: 'apiKey', subject: 'bench' }, ...ncp } } },
      },
    },
  }).split('"@"');
  return [head, tail];
}

export function respond(_url, _method, body, payload) {
  const id = /"id":"([^"]*)"/.exec(body.slice(0, 200))?.[1];
  const [head, tail] = envelope(id);
  return json(around(head, payload, tail));
}

/** The event of a stream that carries a payload (JSON text). */
export function chunk(payload, sequence) {
  const [head, tail] = envelope('bench', { stream: { streamId: 'S1', sequence, resumable: true } });
  return `event: chunk\nid: ${sequence}\ndata: ${head}${payload}${tail}\n\n`;
}

/** The event that ends a stream. */
export function end(sequence) {
  const [head, tail] = envelope('bench', { stream: { streamId: 'S1', sequence, final: true } });
  return `event: done\ndata: ${head}null${tail}\n\n`;
}
