// What a call costs beyond the transport: with a `fetch` whose answer is there at once, and over loopback HTTP.

import assert from 'node:assert/strict';
import { immediate } from '../lib/answer.mjs';
import { startServer } from '../lib/loopback.mjs';
import { payloadOf, SIZES } from '../lib/payload.mjs';
import { compare } from '../lib/statistics.mjs';

export const title = 'Calls';
const FILES = ['handwritten', 'ancp', 'a2a', 'mcp', 'transport'];
const IN_FLIGHT = [1, 100];

export async function run({ progress }) {
  const server = await startServer();
  const modules = await Promise.all(FILES.map(async (file) => [file, await import(`../clients/${file}.mjs`)]));
  const cases = [];
  try {
    for (const transport of ['immediate', 'loopback']) {
      for (const [size, bytes] of Object.entries(SIZES)) {
        const payload = payloadOf(bytes);
        const clients = {};
        for (const [file, module] of modules) {
          const client =
            transport === 'immediate'
              ? await module.connect('http://node.example', immediate(module, payload))
              : await module.connect(server.origin(file, bytes), globalThis.fetch);
          if (file !== 'transport') assert.deepEqual(await client.invoke(payload), payload);
          clients[module.name] = client;
        }
        for (const inFlight of IN_FLIGHT) {
          const contenders = Object.entries(clients).map(([name, client]) => [name, calls(client, payload, inFlight)]);
          const compared = await compare(Object.fromEntries(contenders), 'hand-written');
          cases.push(progress({ transport, size, inFlight, ...perCall(compared, inFlight) }));
        }
        for (const client of Object.values(clients)) await client.close();
      }
    }
  } finally {
    server.stop();
  }
  return { base: 'hand-written', unit: 'µs', cases };
}

function calls(client, payload, inFlight) {
  return async (times) => {
    for (let at = 0; at < times; at++) {
      if (inFlight === 1) await client.invoke(payload);
      else await Promise.all(Array.from({ length: inFlight }, () => client.invoke(payload)));
    }
  };
}

/** Microseconds for one call. */
function perCall({ rounds, results }, inFlight) {
  for (const { time } of Object.values(results)) {
    for (const key of Object.keys(time)) time[key] *= 1000 / inFlight;
  }
  return { rounds, results };
}
