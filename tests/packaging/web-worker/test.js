import { openPage } from '../support/browser.mjs';
import { serve } from '../support/serve.mjs';

const server = await serve();
await openPage(`${server.url}/web-worker/index.html`);
server.close();
