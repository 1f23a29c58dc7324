import { build, createServer, preview } from 'vite';
import { openPage } from '../support/browser.mjs';

// No options but these: the package must not need any.
const options = { logLevel: 'warn', server: { fs: { allow: ['..'] } } };

await build(options);
const built = await preview({ ...options, preview: { port: 0 } });
await openPage(built.resolvedUrls.local[0]);
await built.close();

const development = await createServer(options);
await development.listen(0);
await openPage(development.resolvedUrls.local[0]);
await development.close();
