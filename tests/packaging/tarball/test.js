// The tarballs themselves: what publint and "are the types wrong?" find, and which files are in them.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** What may be in a package; everything else is left out of it, such as sources, tests and source maps. */
const ALLOWED =
  /^(package\.json|README\.md|LICENSE(-[A-Z]+)?|dist\/[\w.-]+\.(c?js|wasm)|dist\/types\/[\w./-]+\.d\.c?ts)$/;
const NEEDED = [/^README\.md$/, /^LICENSE/];

const problems = [];
for (const tarball of process.env.ANCP_TARBALLS.split('\n')) {
  const bytes = new Uint8Array(readFileSync(tarball));

  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  problems.push(...messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`));

  const { problems: wrong = [], types } = await checkPackage(createPackageFromTarballData(bytes), {
    // A file for bundlers and `fetch`, without types.
    excludeEntrypoints: ['./ancp.wasm'],
  });
  assert(types, `${tarball} has no types`);
  problems.push(...wrong.filter(matters).map((problem) => `attw: ${JSON.stringify(problem)}`));

  // npm has unpacked it here.
  const folder = join('node_modules', pkg.name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
  problems.push(
    ...files.filter((file) => !ALLOWED.test(file)).map((file) => `${file} does not belong into the package`),
  );
  problems.push(...NEEDED.filter((name) => !files.some((file) => name.test(file))).map((name) => `${name} is missing`));
  for (const file of files) {
    const found = machinePath(readFileSync(join(folder, file), 'latin1'));
    if (found) problems.push(`${file} tells where it was built: ${found}`);
  }
}
assert.deepEqual(problems, []);

/** TypeScript's old `moduleResolution: node` knows no `exports`, and is gone from TypeScript 7. */
function matters(problem) {
  return problem.resolutionKind !== 'node10';
}

/** A path of the machine that built the package; cargo's registry is below the home folder. */
function machinePath(text) {
  const at = text.indexOf(`${homedir()}/`);
  return at === -1 ? undefined : text.slice(at, at + 100);
}
