// The MCP TypeScript SDK over its HTTP transport: a tool is called with the payload as arguments and answers with
// structured content; a stream is the progress of such a call.

import { around, json } from '../lib/answer.mjs';

export const name = '@modelcontextprotocol/sdk';

/** Progress that the client has read but not yet passed on is dropped when the call's answer comes. */
export const losesChunks = true;

export async function connect(origin, fetch) {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), { fetch }));
  return {
    async invoke(payload) {
      const result = await client.callTool({ name: 'get-order', arguments: payload });
      return result.structuredContent;
    },
    async *stream() {
      const ready = [];
      let [over, wake] = [false, () => {}];
      const call = client.callTool({ name: 'generate-report', arguments: { year: 2026 } }, undefined, {
        onprogress(progress) {
          ready.push(progress.message);
          wake();
        },
      });
      const ended = call.finally(() => {
        over = true;
        wake();
      });
      // Where the consumer leaves early, nobody waits for it.
      ended.catch(() => {});
      for (;;) {
        yield* ready.splice(0);
        if (over) break;
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
      await ended;
    },
    close: () => client.close(),
  };
}

/** The first request is `initialize`; the client numbers its requests from 0, and writes the number last. */
export function respond(_url, method, body, payload) {
  if (method !== 'POST') return { status: 405, headers: {}, body: null };
  const id = /"id":(\d+)\}$/.exec(body.slice(-30))?.[1];
  if (id === undefined) return { status: 202, headers: {}, body: null };
  if (body.startsWith('{"method":"initialize"')) {
    const result = `{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"orders","version":"2.1.0"}}`;
    return json(Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":${result}}`));
  }
  return json(around(`{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":`, payload, '}}'));
}

/** As a fresh client's first call gets it: its number is 1, after the 0 of `initialize`. Progress carries text only. */
export function chunk(payload, sequence) {
  const params = `{"progressToken":1,"progress":${sequence},"message":${JSON.stringify(payload)}}`;
  return `event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":${params}}\n\n`;
}

export const end = () => 'event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{"content":[]}}\n\n';
