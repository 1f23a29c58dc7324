// What a call allocates, what a long stream holds at its high-water mark, and how far a client reads ahead of a slow
// consumer: each in a process of its own.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const title = 'Memory';
const FILES = ['handwritten', 'ancp', 'a2a', 'mcp', 'openai'];
const MEASURES = {
  'allocated per call, 300 B': ['call', '300'],
  'allocated per call, 17 KB': ['call', '17000'],
  'held while 100,000 small chunks pass': ['stream'],
  'read ahead of a slow consumer': ['ahead'],
};

export async function run({ progress }) {
  const cases = [];
  for (const [name, words] of Object.entries(MEASURES)) {
    const results = {};
    for (const file of FILES) {
      const module = await import(`../clients/${file}.mjs`);
      // The OpenAI client has no call with a free payload.
      if (words[0] !== 'call' || file !== 'openai') results[module.name] = { bytes: await measure(file, words) };
    }
    cases.push(progress({ case: name, results }));
  }
  return { unit: 'KB', cases };
}

async function measure(file, words) {
  const script = fileURLToPath(new URL('memory-once.mjs', import.meta.url));
  // Young objects have so much room that none is collected while a call's are counted.
  const options = [
    '--expose-gc',
    ...(words[0] === 'call' ? ['--max-semi-space-size=256', '--min-semi-space-size=256'] : []),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [...options, script, file, ...words]);
  return Number(stdout);
}
