// Runs in front of a page: says which of its files are loaded, and that the last request leaves, where the page ends.

import { register } from 'node:module';

// The page that calls and then streams has its call fail.
const hasMore = (url) => process.argv[1].includes('both') && url.endsWith('/invoke');

globalThis.fetch = async (url) => {
  if (hasMore(String(url))) return new Response(null, { status: 404 });
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
