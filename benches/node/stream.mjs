// Streams through the whole client: how long a chunk takes, by its size and by how the network cuts the bytes.

import assert from 'node:assert/strict';
import { CHUNKS, pulled, reads, streaming, wire } from '../lib/events.mjs';
import { compare } from '../lib/statistics.mjs';

export const title = 'Streams';
const BASE = 'eventsource-parser + JSON.parse';
const FILES = ['handwritten', 'ancp', 'a2a', 'mcp', 'openai'];
const READS = { '1 B': 1, '64 B': 64, 'one event': 'event', '1 KB': 1024, '16 KB': 16_384, '64 KB': 65_536 };

export async function run({ progress }) {
  const modules = await Promise.all(FILES.map((file) => import(`../clients/${file}.mjs`)));
  const cases = [];
  for (const [chunks, payload] of Object.entries(CHUNKS)) {
    for (const [read, size] of Object.entries(READS)) {
      const count = chunksFor(payload().length, size);
      const contenders = {};
      for (const module of modules) {
        const parts = reads(wire(module, count, payload()), size);
        const name = module.name === 'hand-written' ? BASE : module.name;
        contenders[name] = async (times) => {
          for (let at = 0; at < times; at++) await consume(module, parts, count);
        };
      }
      const { rounds, results } = await compare(contenders, BASE);
      const bytes = Buffer.concat(wire(modules[1], count, payload())).length;
      cases.push(progress({ chunks, read, rounds, results: speeds(results, count, bytes) }));
    }
  }
  return { base: BASE, unit: 'chunks/s', cases };
}

/** So many that starting the stream does not count, and so few that a sample is short. */
function chunksFor(length, read) {
  const bytes = read === 1 ? 20_000 : read === 64 ? 400_000 : 2_000_000;
  return Math.max(4, Math.min(2000, Math.round(bytes / (length + 600))));
}

async function consume(module, parts, count) {
  const client = await module.connect(
    'http://node.example',
    streaming(module, () => pulled(parts)),
  );
  let seen = 0;
  for await (const chunk of client.stream()) if (chunk !== undefined) seen += 1;
  if (!module.losesChunks) assert.equal(seen, count);
  await client.close();
}

/** How fast, rather than how long; the ratio tells how many times as fast as the base. */
function speeds(results, count, bytes) {
  const inverse = ({ median, low, high }, unit) => ({ median: unit / median, low: unit / high, high: unit / low });
  const entries = Object.entries(results).map(([name, { time, ratio }]) => [
    name,
    {
      time: inverse(time, 1000 * count),
      ratio: inverse(ratio, 1),
      // The bytes of our protocol; the others' events have other lengths.
      ...(name.includes('ancp') || name === BASE ? { megabytes: inverse(time, bytes / 1000) } : {}),
    },
  ]);
  return Object.fromEntries(entries);
}
