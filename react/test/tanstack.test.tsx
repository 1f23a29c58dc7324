import { AncpError, FakeAncpClient, NodeAddress } from '@bizfirst/ancp-core';
import { QueryClient, QueryClientProvider, useMutation, useQuery } from '@tanstack/react-query';
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { AncpProvider, ancpMutationOptions, ancpQueryOptions, useAncpClient } from '../src/index.js';

let fake: FakeAncpClient;
let queryClient: QueryClient;
beforeEach(() => {
  fake = new FakeAncpClient();
  queryClient = new QueryClient();
});
const wrapper = ({ children }: { children: ReactNode }) => (
  <QueryClientProvider client={queryClient}>
    <AncpProvider client={fake}>{children}</AncpProvider>
  </QueryClientProvider>
);

interface Order {
  status: string;
}

it('reads', async () => {
  fake.setupResponse('get-order', { status: 'Active' });
  const { result } = renderHook(
    () => {
      const client = useAncpClient();
      return [
        useQuery(ancpQueryOptions<Order>(client, 'get-order', { orderId: '1' })),
        useQuery({ ...ancpQueryOptions<Order>(client, 'get-order', { orderId: '1' }), select: ({ status }) => status }),
      ] as const;
    },
    { wrapper },
  );
  await waitFor(() => expect(result.current[0].data?.status).toBe('Active'));
  expect(result.current[1].data?.toUpperCase()).toBe('ACTIVE');
  expect(fake.capturedCalls).toMatchObject([{ action: 'get-order', payload: { orderId: '1' } }]);
});

it('tells the error at once, as the client has repeated what is worth it', async () => {
  fake.setupError('get-order', new AncpError('busy', 503));
  const { result } = renderHook(() => useQuery(ancpQueryOptions(useAncpClient(), 'get-order')), { wrapper });
  await waitFor(() => expect(result.current.error).toBeInstanceOf(AncpError));
  expect(fake.capturedCalls).toHaveLength(1);
});

it('aborts what nobody waits for', async () => {
  fake.setupResponse('slow', () => new Promise(() => {}));
  const invoke = vi.spyOn(fake, 'invoke');
  const { unmount } = renderHook(() => useQuery(ancpQueryOptions(useAncpClient(), 'slow')), { wrapper });
  await waitFor(() => expect(invoke).toHaveBeenCalled());
  unmount();
  await expect(invoke.mock.results[0]?.value).rejects.toMatchObject({ code: 'aborted' });
});

it('does not take the answers of one client for those of another', () => {
  const key = (client: FakeAncpClient, scope?: string) => ancpQueryOptions(client, 'get-order', 1, { scope }).queryKey;
  expect(key(fake)).toEqual(key(fake));
  expect(key(fake)).not.toEqual(key(new FakeAncpClient()));
  expect(key(fake, 'node-42')).toEqual(['ancp', 'node-42', 'get-order', 1]);
});

it('does not take the answers of one address for those of another', () => {
  const key = (address?: string | NodeAddress) => ancpQueryOptions(fake, 'get-order', 1, { address }).queryKey;
  expect(key('res:orders')).toEqual(key(NodeAddress.fromResId('orders')));
  expect(key('res:orders')).not.toEqual(key());
  expect(key('res:orders')).not.toEqual(key('res:returns'));
});

it('calls', async () => {
  fake.setupResponse('place-order', ({ item }: { item: string }) => `placed ${item}`);
  const { result } = renderHook(
    () => useMutation(ancpMutationOptions<{ item: string }, string>(useAncpClient(), 'place-order')),
    { wrapper },
  );
  act(() => result.current.mutate({ item: 'tea' }));
  await waitFor(() => expect(result.current.data).toBe('placed tea'));
});
