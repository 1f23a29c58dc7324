'use client';

import { ancpQueryOptions, useAncpClient, useAncpInvoke, useAncpPing, useAncpQuery } from '@bizfirst/ancp-react';
import { HydrationBoundary, QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

const LIMIT_MS = 10_000;

export function Checks({ state }) {
  const [queryClient] = useState(() => new QueryClient());
  return (
    <QueryClientProvider client={queryClient}>
      <HydrationBoundary state={state}>
        <Order />
      </HydrationBoundary>
    </QueryClientProvider>
  );
}

function Order() {
  const { isReachable, isLoading } = useAncpPing();
  const { invoke, data } = useAncpInvoke('get-order');
  const read = useAncpQuery('get-order', { orderId: 'ORD-2' });
  const prefetched = useQuery({
    ...ancpQueryOptions(useAncpClient(), 'get-order', { orderId: 'ORD-1' }, { scope: 'node' }),
    staleTime: 60_000,
  });
  useEffect(() => {
    void check();
  }, []);
  return (
    <>
      <p id="ping">{isLoading ? 'loading' : String(isReachable)}</p>
      <p id="read">{read.data?.status ?? 'waiting'}</p>
      <p id="prefetched">{prefetched.data?.orderId ?? 'missing'}</p>
      <button type="button" id="order" onClick={() => void invoke({ orderId: 'ORD-3' })}>
        {data?.orderId ?? 'idle'}
      </button>
    </>
  );
}

async function check() {
  // React tells of a hydration that did not fit on the console.
  const errors = window.ancpErrors;
  const { runInPage } = await import('./page.mjs');
  await runInPage(async () => {
    await shows('ping', 'true');
    await shows('read', 'Active');
    await shows('prefetched', 'ORD-1');
    document.getElementById('order').click();
    await shows('order', 'ORD-3');
    if (errors.length > 0) throw new Error(`the console shows ${errors.join('\n')}`);
  });
}

async function shows(id, text) {
  const late = performance.now() + LIMIT_MS;
  const seen = () => document.getElementById(id)?.textContent;
  while (seen() !== text) {
    if (performance.now() > late) throw new Error(`#${id} shows ${seen()} instead of ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
