// @vitest-environment node
// What is built, as a server meets it: without a browser's objects.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it, vi } from 'vitest';

const dist = `${import.meta.dirname}/../dist`;
const require = createRequire(import.meta.url);

it('is marked for the client, but for what servers use', () => {
  for (const file of ['index.js', 'index.cjs']) {
    expect(readFileSync(`${dist}/${file}`, 'utf8')).toMatch(/^'use client';\n/);
  }
  for (const file of ['tanstack.js', 'tanstack.cjs']) {
    expect(readFileSync(`${dist}/${file}`, 'utf8')).not.toContain('use client');
  }
});

it('is there for `import` and `require`, and does nothing by itself', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const fetch = vi.spyOn(globalThis, 'fetch');
  const names = Object.keys(await import('../src/index.js')).sort();
  expect(Object.keys(await import('@bizfirst/ancp-react' as string)).sort()).toEqual(names);
  expect(Object.keys(require('@bizfirst/ancp-react')).sort()).toEqual(names);
  expect(Object.keys(require('@bizfirst/ancp-react/tanstack')).sort()).toEqual([
    'ancpMutationOptions',
    'ancpQueryOptions',
  ]);
  // The clients are counted in one place.
  expect(require('@bizfirst/ancp-react').ancpQueryOptions).toBe(
    require('@bizfirst/ancp-react/tanstack').ancpQueryOptions,
  );
  expect(timers).not.toHaveBeenCalled();
  expect(fetch).not.toHaveBeenCalled();
});
