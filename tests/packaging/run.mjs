// Checks the npm packages as they would be published: installs the tarballs of target/npm/ into fresh projects, one per
// folder beside this file, and runs each project's tests against a mock node.
//
//   node tests/packaging/run.mjs [part of a project's name]
//
// `cargo xtask build` makes the tarballs and the mock node. README.md says what a project consists of.

import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMockNode } from './harness/mock-node.mjs';
import { endAll } from './harness/process.mjs';
import { testProject } from './harness/project.mjs';

/** Most of a project's time is npm's and its tools', which use a core each. */
const AT_ONCE = 2;

const here = import.meta.dirname;
const filter = process.argv[2] ?? '';
const names = readdirSync(here).filter((name) => existsSync(join(here, name, 'package.json')) && name.includes(filter));

const node = await startMockNode();
// Outside of the repository, whose node_modules folders would be found from below it.
const folder = mkdtempSync(join(tmpdir(), 'ancp-packaging-'));
cpSync(join(here, 'support'), join(folder, 'support'), { recursive: true });
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    endAll();
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });
}

let passed = 0;
let failed = 0;
try {
  const waiting = [...names];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const started = performance.now();
      const problem = await testProject(join(here, name), join(folder, name), node.line).catch(String);
      const ms = Math.round(performance.now() - started);
      console.log(problem === undefined ? `ok ${name} (${ms} ms)` : `FAILED ${name} (${ms} ms)\n${problem}`);
      problem === undefined ? passed++ : failed++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
} finally {
  node.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
