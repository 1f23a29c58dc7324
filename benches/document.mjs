// node document.mjs [--check]: puts the tables made of results/*.json between their marks in docs/performance.md, or
// checks that they are there. The words around them are written by hand.

import { readFileSync, writeFileSync } from 'node:fs';
import { tableOf } from './lib/tables.mjs';

const page = new URL('../docs/performance.md', import.meta.url);
const text = readFileSync(page, 'utf8');
const marks = /(<!-- table: (.+?) -->)[\s\S]*?(<!-- end of table -->)/g;
const renewed = text.replace(
  marks,
  (_, before, name, after) => `${before}\n\n${tableOf(name) ?? 'Not measured yet.'}\n\n${after}`,
);
if (process.argv[2] !== '--check') {
  writeFileSync(page, renewed);
} else if (renewed !== text) {
  console.error('docs/performance.md does not hold the results in benches/results: run `node benches/document.mjs`');
  process.exitCode = 1;
}
