// Runs in front of a page: says which of its files are loaded, and that the first request leaves, where the page ends.

import { register } from 'node:module';

globalThis.fetch = () => {
  // Written at once, unlike `console.log` to a pipe.
  process.stdout.write('fetched\n', () => process.exit());
  return new Promise(() => {});
};

const hooks = `
  import { writeSync } from 'node:fs';
  export function load(url, context, next) {
    writeSync(1, 'loaded ' + url.split('/').at(-1) + '\\n');
    return next(url, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
