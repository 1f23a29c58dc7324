import { AncpError, FakeAncpClient } from '@bizfirst/ancp-core';
import { act, fireEvent, render, renderHook, screen, waitFor } from '@testing-library/react';
import { Component, type ReactNode, Suspense, useState } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AncpProvider, useAncpCapabilities, useAncpPing, useAncpQuery, useAncpSuspenseQuery } from '../src/index.js';
import { quietly } from './quietly.js';

let fake: FakeAncpClient;
beforeEach(() => {
  fake = new FakeAncpClient();
});
const wrapper = ({ children }: { children: ReactNode }) => <AncpProvider client={fake}>{children}</AncpProvider>;
const calls = (action: string) => fake.capturedCalls.filter((call) => call.action === action).length;

describe('useAncpCapabilities', () => {
  it('tells the actions, asking once for all components', async () => {
    fake.setupResponse('get-order', {});
    const both = renderHook(() => [useAncpCapabilities(), useAncpCapabilities()] as const, { wrapper });
    expect(both.result.current[0]).toMatchObject({ actions: [], payableActions: [], isLoading: true });
    await waitFor(() =>
      expect(both.result.current[1]).toMatchObject({ actions: [{ action: 'get-order' }], isLoading: false }),
    );
    expect(both.result.current[0].actions).toBe(both.result.current[1].actions);
    expect(calls('ancp.capabilities')).toBe(1);
    const { payableActions, refresh } = both.result.current[0];
    fake.setupResponse('ancp.capabilities', {
      nodeId: 42,
      actions: [{ action: 'run-payroll', pattern: 'task-start', priceUsdc: '5.00' }],
    });
    await act(async () => void (await refresh()));
    expect(both.result.current[0].payableActions).toMatchObject([{ action: 'run-payroll' }]);
    expect(both.result.current[0].refresh).toBe(refresh);
    both.rerender();
    expect(both.result.current[0].payableActions).not.toBe(payableActions);
  });

  it('tells the error', async () => {
    fake.setupError('ancp.capabilities', new AncpError('no', 403));
    const { result } = renderHook(() => useAncpCapabilities(), { wrapper });
    await waitFor(() => expect(result.current).toMatchObject({ isLoading: false, error: { code: 'forbidden' } }));
    await act(async () => void (await expect(result.current.refresh()).rejects.toBeInstanceOf(AncpError)));
  });
});

describe('useAncpPing', () => {
  it('tells whether the node is there, and does not flicker', async () => {
    vi.useFakeTimers();
    const seen: boolean[] = [];
    const { result } = renderHook(
      () => {
        const ping = useAncpPing({ intervalMs: 5000 });
        seen.push(ping.isLoading);
        return ping;
      },
      { wrapper },
    );
    expect(result.current).toMatchObject({ isReachable: false, isLoading: true });
    await act(() => vi.advanceTimersByTimeAsync(1));
    expect(result.current).toMatchObject({ isReachable: true, isLoading: false, response: { status: 'ok' } });
    fake.setupError('ancp.ping', new AncpError('down', { code: 'network' }));
    seen.length = 0;
    await act(() => vi.advanceTimersByTimeAsync(5000));
    expect(result.current).toMatchObject({
      isReachable: false,
      error: { code: 'network' },
      response: { status: 'ok' },
    });
    fake.setupResponse('ancp.ping', { status: 'ok' });
    await act(() => vi.advanceTimersByTimeAsync(5000));
    expect(result.current).toMatchObject({ isReachable: true, error: undefined });
    expect(seen).not.toContain(true);
    expect(calls('ancp.ping')).toBe(3);
  });

  it('pings once without an interval, and again when told to', async () => {
    const { result, unmount } = renderHook(() => useAncpPing(), { wrapper });
    await waitFor(() => expect(result.current.isReachable).toBe(true));
    await act(async () => void (await result.current.refresh()));
    expect(calls('ancp.ping')).toBe(2);
    unmount();
  });
});

describe('useAncpQuery', () => {
  it('asks once per payload, for all components', async () => {
    fake.setupResponse('get-order', ({ orderId }: { orderId: string }) => `order ${orderId}`);
    const { result, rerender } = renderHook(
      ({ orderId }) =>
        [
          useAncpQuery<{ orderId: string }, string>('get-order', { orderId }),
          useAncpQuery<{ orderId: string }, string>('get-order', { orderId }),
        ] as const,
      { wrapper, initialProps: { orderId: '1' } },
    );
    expect(result.current[0]).toMatchObject({ isLoading: true, data: undefined });
    await waitFor(() => expect(result.current.map(({ data }) => data)).toEqual(['order 1', 'order 1']));
    rerender({ orderId: '2' });
    expect(result.current[0]).toMatchObject({ isLoading: true, data: undefined });
    await waitFor(() => expect(result.current[0].data).toBe('order 2'));
    rerender({ orderId: '1' });
    expect(result.current[0]).toMatchObject({ isLoading: false, data: 'order 1' });
    expect(calls('get-order')).toBe(2);
    await act(async () => void (await result.current[1].refetch()));
    expect(calls('get-order')).toBe(3);
  });

  it('tells reads apart by the options of their calls, but not by how they are watched', async () => {
    fake.setupResponse('get-order', 1);
    const { result } = renderHook(
      () => [
        useAncpQuery('get-order', null, { headers: { 'accept-language': 'de' } }),
        useAncpQuery('get-order', null, { headers: { 'accept-language': 'de' }, staleMs: 60_000, intervalMs: 60_000 }),
        useAncpQuery('get-order', null, { headers: { 'accept-language': 'en' } }),
      ],
      { wrapper },
    );
    await waitFor(() => expect(result.current.map(({ data }) => data)).toEqual([1, 1, 1]));
    expect(calls('get-order')).toBe(2);
  });

  it('asks with the timeout of the newest render', async () => {
    fake.setupResponse('slow', () => new Promise(() => {}));
    const { result, rerender } = renderHook(({ timeout }) => useAncpQuery('slow', null, { timeout }), {
      wrapper,
      initialProps: { timeout: 60_000 },
    });
    rerender({ timeout: 20 });
    await waitFor(() => expect(result.current.error?.code).toBe('timeout'));
  });

  it('waits until it is enabled', async () => {
    fake.setupResponse('get-order', 1);
    const { result, rerender } = renderHook(({ enabled }) => useAncpQuery('get-order', null, { enabled }), {
      wrapper,
      initialProps: { enabled: false },
    });
    expect(result.current).toMatchObject({ isLoading: false, isFetching: false });
    rerender({ enabled: true });
    expect(result.current.isLoading).toBe(true);
    await waitFor(() => expect(result.current.data).toBe(1));
    expect(calls('get-order')).toBe(1);
  });

  it('aborts what nobody shows any more', async () => {
    fake.setupResponse('slow', () => new Promise(() => {}));
    const invoke = vi.spyOn(fake, 'invoke');
    const { unmount } = renderHook(() => useAncpQuery('slow'), { wrapper });
    await waitFor(() => expect(invoke).toHaveBeenCalledTimes(1));
    unmount();
    await expect(invoke.mock.results[0]?.value).rejects.toMatchObject({ code: 'aborted' });
  });

  it('begins anew with another client', async () => {
    fake.setupResponse('who', 'a');
    const other = new FakeAncpClient();
    other.setupResponse('who', 'b');
    const Who = () => <output>{useAncpQuery<undefined, string>('who').data ?? 'loading'}</output>;
    const { rerender } = render(
      <AncpProvider client={fake}>
        <Who />
      </AncpProvider>,
    );
    await screen.findByText('a');
    rerender(
      <AncpProvider client={other}>
        <Who />
      </AncpProvider>,
    );
    expect(screen.getByRole('status').textContent).toBe('loading');
    await screen.findByText('b');
  });
});

class Boundary extends Component<{ children: ReactNode }, { error: AncpError | undefined }> {
  override state = { error: undefined };
  static getDerivedStateFromError = (error: AncpError) => ({ error });
  override render() {
    const { error } = this.state as { error: AncpError | undefined };
    if (!error) return this.props.children;
    return (
      <button type="button" onClick={() => this.setState({ error: undefined })}>
        {error.code}
      </button>
    );
  }
}

describe('useAncpSuspenseQuery', () => {
  function Order({ orderId }: { orderId: string }) {
    const { data } = useAncpSuspenseQuery<{ orderId: string }, { status: string }>('get-order', { orderId });
    return <output>{data.status}</output>;
  }

  it('suspends until the answer is there, asking once', async () => {
    fake.setupResponse('get-order', ({ orderId }: { orderId: string }) => ({ status: `Active ${orderId}` }));
    function Page() {
      const [orderId, setOrderId] = useState('1');
      return (
        <Suspense fallback="waiting">
          <Order orderId={orderId} />
          <button type="button" onClick={() => setOrderId('2')}>
            next
          </button>
        </Suspense>
      );
    }
    render(<Page />, { wrapper });
    expect(screen.getByText('waiting')).toBeDefined();
    await screen.findByText('Active 1');
    expect(calls('get-order')).toBe(1);
    fireEvent.click(screen.getByText('next'));
    await screen.findByText('Active 2');
    expect(calls('get-order')).toBe(2);
  });

  it('throws the error to the boundary, and asks again after it', async () => {
    quietly();
    // A clock that stands: however slow the machine is, the error is new.
    vi.useFakeTimers({ toFake: ['Date'] });
    fake.setupError('get-order', new AncpError('no', 403));
    render(
      <Boundary>
        <Suspense fallback="waiting">
          <Order orderId="1" />
        </Suspense>
      </Boundary>,
      { wrapper },
    );
    const again = await screen.findByText('forbidden');
    expect(calls('get-order')).toBe(1);
    fake.setupResponse('get-order', { status: 'Active' });
    vi.setSystemTime(Date.now() + 500);
    fireEvent.click(again);
    await screen.findByText('Active');
  });
});
