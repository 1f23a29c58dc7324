// Starts lib/server.mjs and stops it.

import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { fileURLToPath } from 'node:url';

export async function startServer() {
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)));
  const [{ port }] = await once(child, 'message');
  return {
    /** Where a client calls, for payloads of this size. */
    origin: (file, size) => `http://127.0.0.1:${port}/${file}/${size}`,
    /** When the next request of a client came, in milliseconds since 1970. */
    async nextRequest(file) {
      for await (const [{ at, url }] of on(child, 'message')) if (url.startsWith(`/${file}/`)) return at;
    },
    stop: () => child.kill(),
  };
}
