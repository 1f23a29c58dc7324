import assert from 'node:assert/strict';
import react from '@vitejs/plugin-react';
import { build, createServer, preview } from 'vite';
import { openPage } from '../support/browser.mjs';

const options = { configFile: false, logLevel: 'warn', plugins: [react()], server: { fs: { allow: ['..'] } } };

await build(options);
const built = await preview({ ...options, preview: { port: 0 } });
await openPage(built.resolvedUrls.local[0]);
await built.close();

const development = await createServer(options);
await development.listen(0);
await openPage(development.resolvedUrls.local[0]);
await development.close();

await build({ ...options, build: { ssr: 'server.tsx', outDir: 'dist-server' } });
const { render } = await import('./dist-server/server.js');
globalThis.fetch = () => assert.fail('a request while rendering on the server');
const html = render();
for (const part of ['loading', 'idle', '0 false', 'undefined undefined', 'waiting']) assert.match(html, RegExp(part));
