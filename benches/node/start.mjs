// From importing the module to the first request at the server: each time in a fresh process, over loopback.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startServer } from '../lib/loopback.mjs';
import { interleave } from '../lib/statistics.mjs';

export const title = 'Start';
const BASE = 'bare fetch';
const FILES = ['ancp', 'a2a', 'mcp', 'signalr', 'openai'];
const ROUNDS = 20;

export async function run({ progress }) {
  const server = await startServer();
  try {
    const contenders = { [BASE]: 'transport' };
    for (const file of FILES) contenders[(await import(`../clients/${file}.mjs`)).name] = file;
    const sample = (file) => start(server, file);
    // The first reads of the files from disk.
    await interleave(contenders, BASE, 2, sample);
    const measured = await interleave(contenders, BASE, ROUNDS, sample);
    return { base: BASE, unit: 'ms', cases: [progress({ case: 'cold process', ...measured })] };
  } finally {
    server.stop();
  }
}

async function start(server, file) {
  const child = fork(fileURLToPath(new URL('start-once.mjs', import.meta.url)), [file, server.origin(file, 300)]);
  const arrived = server.nextRequest(file);
  const [{ started }] = await once(child, 'message');
  const took = (await arrived) - started;
  child.send('end');
  await once(child, 'exit');
  return took;
}
