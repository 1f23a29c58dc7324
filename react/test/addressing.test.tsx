import { FakeAncpClient } from '@bizfirst/ancp-core';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { expect, it } from 'vitest';
import { AncpProvider, useAncpInvoke } from '../src/index.js';

it('takes the address of a hook, or of a single call', async () => {
  const fake = new FakeAncpClient();
  fake.setupResponse('get-stock', 5);
  const wrapper = ({ children }: { children: ReactNode }) => <AncpProvider client={fake}>{children}</AncpProvider>;
  const { result } = renderHook(() => useAncpInvoke('get-stock', { address: 'group:5' }), { wrapper });
  await act(async () => {
    await result.current.invoke();
    await result.current.invoke(undefined, { address: 'res:store-7' });
  });
  expect(fake.capturedCalls.map(({ address }) => address)).toEqual(['group:5', 'res:store-7']);
});
