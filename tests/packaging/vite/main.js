import * as ancp from '@bizfirst/ancp-core';
import wasmUrl from '@bizfirst/ancp-core/ancp.wasm?url';
import * as slim from '@bizfirst/ancp-core/slim';
import { exercise } from '../support/exercise.mjs';
import { runInPage } from '../support/page.mjs';
import { runWorker } from '../support/run-worker.mjs';

void runInPage(async (node) => {
  await exercise(ancp, node);
  slim.setWasmModule(() => fetch(wasmUrl));
  await exercise(slim, node);
  await runWorker(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }), node);
});
