import { openPage } from '../support/browser.mjs';
import { serve } from '../support/serve.mjs';

for (const [page, scripts] of [
  ['forbidden.html', "'self'"],
  ['allowed.html', "'self' 'wasm-unsafe-eval'"],
]) {
  const server = await serve({ 'Content-Security-Policy': `default-src 'none'; script-src ${scripts}; connect-src *` });
  await openPage(`${server.url}/csp/${page}`);
  server.close();
}
