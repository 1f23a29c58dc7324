// Builds the package into dist/.

import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { publishTypes } from '../../npm/scripts/publish-types.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
rmSync('dist', { recursive: true, force: true });

const shared = {
  bundle: true,
  target: 'es2022',
  platform: 'neutral',
  packages: 'external',
  logLevel: 'warning',
};

/** Leaves tanstack.ts a file of its own, which servers may run: they count clients in one place. */
function besideTanstack(path) {
  return {
    name: 'tanstack',
    setup: ({ onResolve }) => onResolve({ filter: /\/tanstack\.js$/ }, () => ({ path, external: true })),
  };
}

await Promise.all(
  [
    ['esm', '.js'],
    ['cjs', '.cjs'],
  ].flatMap(([format, extension]) => [
    build({
      ...shared,
      format,
      entryPoints: ['src/index.ts'],
      outfile: `dist/index${extension}`,
      // To React's servers, all that is here runs in the browser.
      banner: { js: "'use client';" },
      plugins: [besideTanstack(`./tanstack${extension}`)],
    }),
    build({ ...shared, format, entryPoints: ['src/tanstack.ts'], outfile: `dist/tanstack${extension}` }),
  ]),
);

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
publishTypes(['index', 'tanstack']);
for (const file of readdirSync('..').filter((name) => name.startsWith('LICENSE'))) copyFileSync(`../${file}`, file);
