// Compares the instruction counts with those in results/instructions.json: a check of `cargo xtask test`.
//
// The counts are the same at every run, so that little tolerance is needed where compiler and processor are those of the
// baseline. Another compiler generates other code: there only gross regressions show. On a processor that the baseline
// does not stand for, nothing can be said.

import { readResults } from '../lib/results.mjs';
import { environment, run } from './counts.mjs';

const [SAME_COMPILER, OTHER_COMPILER] = [0.03, 0.15];

const { measured, cases } = readResults('instructions').parts.counts;
const { rustc, processor } = environment();
if (processor !== measured.processor) {
  console.log(`not compared: the counts were taken on ${measured.processor}, this is ${processor}`);
  process.exit();
}
const tolerance = rustc === measured.rustc ? SAME_COMPILER : OTHER_COMPILER;
const before = new Map(cases.map(({ case: name, instructions }) => [name, instructions]));
const now = run({ progress: (measured) => measured }).cases;
let failed = 0;
for (const { case: name, instructions } of now) {
  const change = instructions / before.get(name) - 1;
  const good = Math.abs(change) <= tolerance;
  if (!good) failed += 1;
  console.log(
    `${good ? 'ok  ' : 'FAIL'} ${name}: ${instructions}, ${before.get(name)} before (${(100 * change).toFixed(1)} %)`,
  );
}
if (failed > 0) {
  console.error(
    `beyond the tolerance of ${100 * tolerance} %, up or down. A change that is meant, and a gain, is recorded by: cargo xtask bench instructions`,
  );
  process.exitCode = 1;
}
console.log(`${now.length - failed} passed, ${failed} failed`);
