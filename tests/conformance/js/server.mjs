import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Starts the server of the vectors. It ends with this process, or by `stop()`. */
export async function startServer() {
  const binary = process.env.ANCP_CONFORMANCE_SERVER;
  const build = ['run', '--quiet', '--package', 'ancp-conformance', '--bin', 'ancp-conformance-server'];
  const server = spawn(binary ?? 'cargo', binary ? [] : build, { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = once(server, 'exit').then(([code]) => {
    throw new Error(`the server of the vectors ended with ${code}`);
  });
  // Only of interest until the first line has come.
  failed.catch(() => {});
  const [line] = await Promise.race([once(createInterface(server.stdout), 'line'), failed]);
  return { baseUrl: JSON.parse(line).baseUrl, stop: () => server.stdin.end() };
}

/** Runs a suite under an overall deadline, tells how it went, and ends the process. */
export async function main(runtime, suite) {
  const deadline = setTimeout(() => {
    console.error(`${runtime}: the suite has not ended in time`);
    process.exit(1);
  }, 300_000);
  const server = await startServer();
  try {
    const { passed, failed } = await suite(server.baseUrl, process.argv[2] ?? '');
    console.log(`${runtime}: ${passed} passed, ${failed} failed`);
    process.exitCode = failed || !passed ? 1 : 0;
  } finally {
    clearTimeout(deadline);
    server.stop();
  }
}
