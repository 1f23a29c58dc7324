import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The node that the environment variable names; without it, one of its own. `line` is its description in JSON. */
export async function startMockNode() {
  const { ANCP_TEST_NODE, CARGO_TARGET_DIR } = process.env;
  if (ANCP_TEST_NODE) return { line: ANCP_TEST_NODE, stop() {} };

  const program = join(CARGO_TARGET_DIR ?? join(import.meta.dirname, '../../../target'), 'debug/ancp-mock-node');
  // It ends with its standard input, whichever way this program ends.
  const child = spawn(program, ['--port', '0', '--exit-with-stdin'], {
    env: { RUST_LOG: 'warn', ...process.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child, 'spawn').catch((cause) => {
    throw new Error(`there is no ${program}: run \`cargo xtask build\` first`, { cause });
  });
  const { value: line, done } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (done) throw new Error('the mock node ended without a word');
  return { line, stop: () => child.stdin.end() };
}
