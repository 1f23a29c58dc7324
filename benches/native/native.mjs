// The native suite is a program of its own (src/); this runs one part of it.

import { execFileSync } from 'node:child_process';

export const title = 'Native';

export function run({ progress, part }) {
  const program = process.env.ANCP_BENCHES;
  if (!program) throw new Error('ANCP_BENCHES does not name the program: run `cargo xtask bench native`');
  const results = JSON.parse(execFileSync(program, [part], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
  results.cases.forEach(progress);
  const rustc = execFileSync('rustc', ['--version'], { encoding: 'utf8' }).split(' ').slice(0, 2).join(' ');
  return { about: { rustc }, ...results };
}
