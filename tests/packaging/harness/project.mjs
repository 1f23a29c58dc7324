import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.mjs';

const tarballs = join(import.meta.dirname, '../../../target/npm');
const INSTALL_LIMIT_MS = 180_000;
const TEST_LIMIT_MS = 120_000;

/** Copies a project, installs what it needs and runs its tests. Resolves to undefined, or to what went wrong. */
export async function testProject(source, folder, nodeLine) {
  cpSync(source, folder, { recursive: true });
  const { packages = ['@bizfirst/ancp-core'] } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = packages.map(tarballOf);
  const env = { ...process.env, ANCP_TEST_NODE: nodeLine, ANCP_TARBALLS: files.join('\n') };
  return (
    (await run('npm', ['install', ...INSTALL_OPTIONS, ...files], { cwd: folder, env, limitMs: INSTALL_LIMIT_MS })) ??
    (await run('npm', ['test'], { cwd: folder, env, limitMs: TEST_LIMIT_MS }))
  );
}

// The lock file pins everything but the tarballs, which it does not know.
const INSTALL_OPTIONS = ['--no-save', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];

function tarballOf(name) {
  const start = `${name.replace('@', '').replace('/', '-')}-`;
  const file = readdirSync(tarballs).find((file) => file.startsWith(start) && file.endsWith('.tgz'));
  if (!file) throw new Error(`target/npm has no tarball of ${name}: run \`cargo xtask build\` first`);
  return join(tarballs, file);
}
