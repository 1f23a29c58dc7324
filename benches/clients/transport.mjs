// No client at all: the request is there, the answer is read to its end, and nobody looks at it.

export const name = 'transport alone';
export { chunk, end, respond } from './ancp.mjs';

export async function connect(origin, fetch = globalThis.fetch) {
  const headers = { 'Content-Type': 'application/json' };
  const bodies = new WeakMap();
  return {
    async invoke(payload) {
      if (!bodies.has(payload)) bodies.set(payload, JSON.stringify({ id: 'none', body: payload }));
      const response = await fetch(`${origin}/ncp/nodes/42/invoke`, {
        method: 'POST',
        headers,
        body: bodies.get(payload),
      });
      return response.arrayBuffer();
    },
    async *stream() {
      const response = await fetch(`${origin}/ncp/nodes/42/stream`, { method: 'POST', headers, body: '{}' });
      const reader = response.body.getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
    },
    close() {},
  };
}
