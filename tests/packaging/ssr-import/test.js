import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { exercise } from '../support/exercise.mjs';
import { node } from '../support/node.mjs';
import { poisoned } from './poisoned.js';

for (const [format, outfile] of [
  ['esm', 'bundle.mjs'],
  ['cjs', 'bundle.cjs'],
]) {
  await build({ entryPoints: ['app.js'], bundle: true, platform: 'node', format, outfile, logLevel: 'warning' });
}

const require = createRequire(import.meta.url);
const apps = await poisoned(async () => [
  await import('./app.js'),
  await import('./bundle.mjs'),
  require('./bundle.cjs'),
  require('@bizfirst/ancp-core'),
]);

assert.equal(apps.length, 4);
for (const app of apps) await exercise(app, node);
