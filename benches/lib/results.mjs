// The measurements of each suite: results/{suite}.json, which the tables of docs/performance.md are made of.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem, type } from 'node:os';

const file = (suite) => new URL(`../results/${suite}.json`, import.meta.url);

/** What was measured last; empty where nothing was. */
export function readResults(suite) {
  return existsSync(file(suite)) ? JSON.parse(readFileSync(file(suite), 'utf8')) : { parts: {} };
}

/** Keeps a part's measurements beside those of the others. */
export function writePart(suite, part, { about, ...measured }) {
  const { parts } = readResults(suite);
  const results = { parts: { ...parts, [part]: { measured: { ...machine(), ...about }, ...measured } } };
  writeFileSync(file(suite), `${JSON.stringify(results, rounded, 1)}\n`);
}

function machine() {
  const [{ model }] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()}`,
    load: loadavg()[0],
    node: process.version,
  };
}

/** Four digits are more than the spread leaves meaningful. */
function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
