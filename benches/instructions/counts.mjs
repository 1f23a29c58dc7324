// How many instructions the core's hot paths take, counted by callgrind, which no noise of the machine reaches.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export const title = 'Instructions';

export function run({ progress }) {
  const program = process.env.ANCP_INSTRUCTIONS;
  if (!program) throw new Error('ANCP_INSTRUCTIONS does not name the program: run `cargo xtask bench instructions`');
  const names = execFileSync(program, { encoding: 'utf8' }).trim().split('\n');
  const cases = names.map((name) => progress({ case: name, results: {}, instructions: count(program, name) }));
  return { about: environment(), cases };
}

/** What the counts depend on besides the code. */
export function environment() {
  return {
    rustc: execFileSync('rustc', ['--version'], { encoding: 'utf8' }).split(' ').slice(0, 2).join(' '),
    processor: processor(),
  };
}

/** The code for a processor with AVX2 is other code: `memchr` and the C library choose it at run time. */
function processor() {
  const avx2 = existsSync('/proc/cpuinfo') && / avx2 /.test(readFileSync('/proc/cpuinfo', 'utf8'));
  return `${process.arch}${avx2 ? ' with AVX2' : ''}`;
}

/** One way to copy memory, which every such processor has: the C library's choice alone makes up to 3 %. */
const COPY = 'glibc.cpu.hwcaps=-AVX2_Usable,-AVX2,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM';

function count(program, name) {
  const options = [
    '--tool=callgrind',
    '--callgrind-out-file=/dev/null',
    '--collect-atstart=no',
    '--toggle-collect=*measured*',
  ];
  // It reports on its standard error.
  const report = execFileSync('sh', ['-c', 'exec valgrind "$@" 2>&1', 'sh', ...options, program, name], {
    encoding: 'utf8',
    env: { ...process.env, GLIBC_TUNABLES: COPY },
  });
  const collected = Number(/Collected\s*:\s*(\d+)/.exec(report)?.[1]);
  if (!(collected > 0)) throw new Error(`callgrind counted nothing for ${name}:\n${report}`);
  return collected;
}
