import { spawn } from 'node:child_process';

/** The groups of the running programs, by their leaders' ids. */
const groups = new Set();

/**
 * Runs a program to its end, or ends it and all that it has started when its time is over.
 * Resolves to undefined if it succeeded, else to what it wrote and how it ended.
 */
export function run(command, args, { cwd, env, limitMs }) {
  // A group of its own, so that it can be ended together with what it has started.
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  groups.add(child.pid);
  let output = `$ ${command} ${args.join(' ')}\n`;
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  let late = '';
  const timer = setTimeout(() => {
    late = ` after ${limitMs} ms, which is all it may take`;
    endGroup(child.pid);
  }, limitMs);
  return new Promise((resolve) => {
    const finish = (how) => {
      clearTimeout(timer);
      groups.delete(child.pid);
      resolve(how && `${output}${how}`);
    };
    child.on('error', (error) => finish(error.message));
    // What it has left running would hold its output open, and `close` would not come.
    child.on('exit', () => endGroup(child.pid));
    child.on('close', (code, signal) => finish(code === 0 ? undefined : `ended with ${code ?? signal}${late}`));
  });
}

/** Ends every program that still runs, for use before exiting. */
export function endAll() {
  for (const group of groups) endGroup(group);
}

function endGroup(group) {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
