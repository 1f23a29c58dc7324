// One measurement of node/memory.mjs, in bytes on standard output.

import { setImmediate } from 'node:timers/promises';
import { immediate } from '../lib/answer.mjs';
import { CHUNKS, pulled, streaming } from '../lib/events.mjs';
import { payloadOf } from '../lib/payload.mjs';

const [file, measure, size] = process.argv.slice(2);
const module = await import(`../clients/${file}.mjs`);
const measures = { call, stream, ahead };
console.log(await measures[measure]());
process.exit();

async function call() {
  const payload = payloadOf(Number(size));
  const client = await module.connect('http://node.example', immediate(module, payload));
  for (let at = 0; at < 500; at++) await client.invoke(payload);
  gc();
  const CALLS = 200;
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < CALLS; at++) await client.invoke(payload);
  return (process.memoryUsage().heapUsed - before) / CALLS;
}

/** The most that is alive at any time, above what was when the first chunk came. */
async function stream() {
  const [COUNT, EVERY] = [100_000, 5000];
  const payload = CHUNKS['small chunks']();
  let [first, most, seen] = [0, 0, 0];
  for await (const _ of (await open(inReads(16_384, COUNT, payload))).stream()) {
    seen += 1;
    if (seen % EVERY !== 1) continue;
    gc();
    const { heapUsed, external } = process.memoryUsage();
    first ||= heapUsed + external;
    most = Math.max(most, heapUsed + external - first);
  }
  return most;
}

/** The most that was taken from the network and not yet given to the consumer, who takes a turn of the event loop for each. */
async function ahead() {
  const [COUNT, READ] = [5000, 16_384];
  const payload = CHUNKS['large chunks']();
  let [taken, given, most, seen] = [0, 0, 0, 0];
  function* counted() {
    for (const part of inReads(READ, COUNT, payload)) {
      taken += part.length;
      most = Math.max(most, taken - given);
      yield part;
    }
  }
  for await (const _ of (await open(counted())).stream()) {
    seen += 1;
    given += Buffer.byteLength(module.chunk(payload, seen));
    for (let at = 0; at < 5; at++) await setImmediate();
  }
  return most;
}

function open(parts) {
  return module.connect(
    'http://node.example',
    streaming(module, () => pulled(parts)),
  );
}

/** A long stream, made as it is read. */
function* inReads(size, count, payload) {
  let waiting = '';
  for (let at = 1; at <= count + 1; at++) {
    waiting += at <= count ? module.chunk(payload, at) : module.end(count);
    while (waiting.length >= size) {
      yield Buffer.from(waiting.slice(0, size));
      waiting = waiting.slice(size);
    }
  }
  if (waiting) yield Buffer.from(waiting);
}
