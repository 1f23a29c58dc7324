import { FakeAncpClient } from '@bizfirst/ancp-core';
import { renderHook, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import * as all from '../src/index.js';

it('gives the same hooks, with the types of a map', async () => {
  const hooks = all.createAncpHooks<{ now: { result: string } }>();
  expect({ ...all }).toMatchObject(hooks);
  const fake = new FakeAncpClient<{ now: { result: string } }>();
  fake.setupResponse('now', 'noon');
  const { result } = renderHook(() => hooks.useAncpQuery('now').data?.toUpperCase(), {
    wrapper: ({ children }) => <all.AncpProvider client={fake}>{children}</all.AncpProvider>,
  });
  await waitFor(() => expect(result.current).toBe('NOON'));
});
