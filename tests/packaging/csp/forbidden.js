import { equal, failure } from '../support/exercise.mjs';
import { runInPage } from '../support/page.mjs';
import { AncpClient, AncpError, FakeAncpClient } from './node_modules/@bizfirst/ancp-core/dist/index.js';

void runInPage(async ({ apiKey, ...address }) => {
  for (const client of [new AncpClient({ ...address, auth: { apiKey } }), new FakeAncpClient()]) {
    const error = await failure(client.ping(), AncpError);
    equal(error.code, 'wasm_unavailable');
    if (!error.message.includes("'wasm-unsafe-eval'")) throw new Error(`does not say what to do: ${error.message}`);
    const stream = client.stream('generate-report', { year: 2026 });
    equal((await failure(stream.next(), AncpError)).code, 'wasm_unavailable');
  }
});
