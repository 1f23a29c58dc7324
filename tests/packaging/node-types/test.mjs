// Compiles what users write, with the settings that they may have, by the newest TypeScript and one of early 2024.

import { spawnSync } from 'node:child_process';

const COMMON = '--noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --target es2022';
const SOURCES = 'src/seeds.mts src/typed.mts';

for (const [compiler, settings] of [
  ['typescript', `--module nodenext --lib es2022 --types node ${SOURCES} src/consumer.cts`],
  ['typescript', `--module node16 --moduleResolution node16 --lib es2022,dom ${SOURCES} src/consumer.cts`],
  ['typescript', `--module esnext --moduleResolution bundler --lib es2022,dom ${SOURCES}`],
  ['typescript-old', `--module nodenext --lib es2022 --types node ${SOURCES} src/consumer.cts`],
]) {
  // The package's own declarations are checked, too: `skipLibCheck` is false unless it is asked for.
  const args = [`node_modules/${compiler}/bin/tsc`, ...`${COMMON} ${settings}`.split(' ')];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) {
    console.error(`${args.join(' ')}\n${stdout}${stderr}`);
    process.exitCode = 1;
  }
}
