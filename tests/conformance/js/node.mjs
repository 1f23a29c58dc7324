// Plays the client vectors in Node.js: with the package's usual entry, which makes plain calls by a module of their own,
// and with all calls by the module that can do everything. An argument names the vectors to play: those whose key holds it.

import { readFile } from 'node:fs/promises';
import { AncpClient, setWasmModule } from '@bizfirst/ancp-core/slim';
import { main } from './server.mjs';
import { play } from './suite.mjs';

setWasmModule(() => readFile(new URL(import.meta.resolve('@bizfirst/ancp-core/ancp.wasm'))));

await main('node', async (server, filter) => {
  const options = { server, filter, runtime: 'node', atOnce: 12 };
  const usual = await play(options);
  const full = await play({ ...options, Client: AncpClient, name: 'node-full' });
  return { passed: usual.passed + full.passed, failed: usual.failed + full.failed };
});
