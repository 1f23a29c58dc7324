import { FakeAncpClient } from '@bizfirst/ancp-core';
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { expect, it } from 'vitest';
import { AncpProvider, useAncpCapabilities, useAncpInvoke, useAncpPing, useAncpQuery } from '../src/index.js';

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

it('takes the address of a read', async () => {
  const fake = new FakeAncpClient();
  fake.setupResponse('get-stock', 5);
  const wrapper = ({ children }: { children: ReactNode }) => <AncpProvider client={fake}>{children}</AncpProvider>;
  renderHook(
    () => [
      useAncpQuery('get-stock', null, { address: 'group:5' }),
      useAncpPing({ address: 'res:store-7' }),
      useAncpPing({ address: 'res:store-8' }),
      useAncpCapabilities({ address: 'res:store-7' }),
    ],
    { wrapper },
  );
  await waitFor(() => expect(fake.capturedCalls).toHaveLength(4));
  const asked = fake.capturedCalls.map(({ action, address }) => `${action} ${address}`);
  expect(asked.sort()).toEqual([
    'ancp.capabilities res:store-7',
    'ancp.ping res:store-7',
    'ancp.ping res:store-8',
    'get-stock group:5',
  ]);
});
