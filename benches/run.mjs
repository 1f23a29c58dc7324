// node run.mjs {suite} [part]: measures, prints the tables, and writes results/{suite}.json.

import { writePart } from './lib/results.mjs';
import { tableOf, tablesOf } from './lib/tables.mjs';

const SUITES = {
  size: { bundles: './size/size.mjs' },
  node: {
    start: './node/start.mjs',
    call: './node/call.mjs',
    stream: './node/stream.mjs',
    latency: './node/latency.mjs',
    memory: './node/memory.mjs',
  },
  browser: { start: './browser/start.mjs', react: './browser/react.mjs' },
  native: {
    call: './native/native.mjs',
    stream: './native/native.mjs',
    memory: './native/native.mjs',
    decoders: './native/native.mjs',
  },
  instructions: { counts: './instructions/counts.mjs' },
};

const [suite, only] = process.argv.slice(2);
const parts = Object.entries(SUITES[suite] ?? {}).filter(([part]) => only === undefined || part === only);
if (parts.length === 0) {
  const known = Object.entries(SUITES).map(([name, files]) => `${name} [${Object.keys(files).join(' | ')}]`);
  throw new Error(`there is no such benchmark; there are: ${known.join(', ')}`);
}
for (const [part, file] of parts) {
  const { run, title } = await import(file);
  console.log(`\n# ${title} (${part})`);
  writePart(suite, part, await run({ progress, part }));
  for (const name of tablesOf(suite, part)) console.log(`\n${name}\n\n${tableOf(name)}`);
}
process.exit();

/** Says what was measured just now. */
function progress(measured) {
  const { results, rounds: _, ...of } = measured;
  const medians = Object.entries(results).map(([name, { ratio }]) => ratio && `${name} ${ratio.median.toFixed(2)}`);
  console.log([Object.values(of).join(', '), ...medians].filter(Boolean).join('  '));
  return measured;
}
