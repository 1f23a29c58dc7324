// What the client adds to each chunk: from the moment the network has it until the consumer has it.

import { setImmediate } from 'node:timers/promises';
import { CHUNKS, streaming, wire } from '../lib/events.mjs';
import { interleave, quantile } from '../lib/statistics.mjs';

export const title = 'Latency of a chunk';
const BASE = 'eventsource-parser + JSON.parse';
const FILES = ['handwritten', 'ancp', 'a2a', 'mcp', 'openai'];
const [ROUNDS, CHUNKS_A_ROUND] = [30, 100];

export async function run({ progress }) {
  const modules = await Promise.all(FILES.map((file) => import(`../clients/${file}.mjs`)));
  const cases = [];
  for (const [chunks, payload] of Object.entries(CHUNKS)) {
    const contenders = {};
    for (const module of modules) {
      contenders[module.name === 'hand-written' ? BASE : module.name] = wire(module, CHUNKS_A_ROUND, payload());
    }
    const byName = Object.fromEntries(modules.map((module, at) => [Object.keys(contenders)[at], module]));
    const sample = (events, name) => latency(byName[name], events);
    await interleave(contenders, BASE, 3, sample);
    cases.push(progress({ chunks, ...(await interleave(contenders, BASE, ROUNDS, sample)) }));
  }
  return { base: BASE, unit: 'µs', cases };
}

/** The median over one stream's chunks, in microseconds. */
async function latency(module, events) {
  let network;
  const body = () =>
    new ReadableStream({
      start(controller) {
        network = controller;
      },
    });
  const client = await module.connect('http://node.example', streaming(module, body));
  const stream = client.stream()[Symbol.asyncIterator]();
  const times = [];
  for (const event of events.slice(0, CHUNKS_A_ROUND)) {
    const next = stream.next();
    // The client waits for the network by then.
    do await setImmediate();
    while (!network);
    const bytes = new Uint8Array(event);
    const start = performance.now();
    network.enqueue(bytes);
    await next;
    times.push((performance.now() - start) * 1000);
  }
  await stream.return?.();
  await client.close();
  return quantile(times.slice(10), 0.5);
}
