import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import * as ancp from '@bizfirst/ancp-core/slim';
import { openPage } from '../support/browser.mjs';
import { exercise, failure } from '../support/exercise.mjs';
import { node } from '../support/node.mjs';
import { serve } from '../support/serve.mjs';

const file = await readFile(new URL(import.meta.resolve('@bizfirst/ancp-core/ancp.wasm')));

const client = new ancp.AncpClient(node);
const none = await failure(client.ping(), ancp.AncpError);
assert.equal(none.code, 'wasm_unavailable');
assert.match(none.message, /setWasmModule/);

ancp.setWasmModule(() => Promise.reject(new Error('offline')));
const unreachable = await failure(client.ping(), ancp.AncpError);
assert.equal(unreachable.code, 'wasm_unavailable');

// What failed is tried again.
ancp.setWasmModule(() => WebAssembly.compile(file));
await client.ping();
client.close();
await exercise(ancp, node);

const server = await serve();
await openPage(`${server.url}/slim/index.html`);
server.close();
