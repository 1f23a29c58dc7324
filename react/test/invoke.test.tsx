import { AncpError, FakeAncpClient } from '@bizfirst/ancp-core';
import { act, fireEvent, render, renderHook, screen, waitFor } from '@testing-library/react';
import { type ReactNode, useEffect, useState } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { AncpProvider, useAncpInvoke } from '../src/index.js';

let fake: FakeAncpClient;
beforeEach(() => {
  fake = new FakeAncpClient();
});
const wrapper = ({ children }: { children: ReactNode }) => <AncpProvider client={fake}>{children}</AncpProvider>;

it('calls when told to, and shows the answer', async () => {
  fake.setupResponse('get-order', ({ orderId }: { orderId: string }) => ({ orderId, status: 'Active' }));
  function Order() {
    const { invoke, isLoading, data, error, reset } = useAncpInvoke<{ orderId: string }, { status: string }>(
      'get-order',
    );
    return (
      <>
        <button type="button" onClick={() => void invoke({ orderId: '1' })}>
          get
        </button>
        <button type="button" onClick={reset}>
          reset
        </button>
        <output>{isLoading ? 'loading' : (error?.code ?? data?.status ?? 'nothing')}</output>
      </>
    );
  }
  render(<Order />, { wrapper });
  const output = screen.getByRole('status');
  expect(output.textContent).toBe('nothing');
  fireEvent.click(screen.getByText('get'));
  expect(output.textContent).toBe('loading');
  await waitFor(() => expect(output.textContent).toBe('Active'));
  fireEvent.click(screen.getByText('reset'));
  expect(output.textContent).toBe('nothing');
  fake.setupError('get-order', new AncpError('no', 403));
  fireEvent.click(screen.getByText('get'));
  await waitFor(() => expect(output.textContent).toBe('forbidden'));
  expect(fake.capturedCalls).toHaveLength(2);
});

it('rejects, and nobody has to catch it', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  fake.setupError('get-order', new AncpError('no', 403));
  const { result, unmount } = renderHook(() => useAncpInvoke('get-order'), { wrapper });
  await act(async () => {
    await expect(result.current.invoke()).rejects.toBeInstanceOf(AncpError);
    void result.current.invoke();
  });
  act(() => void result.current.invoke());
  unmount();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(unhandled).not.toHaveBeenCalled();
  process.off('unhandledRejection', unhandled);
});

it('shows the newest answer only, however late the older one is', async () => {
  const answer: Record<string, (value: string) => void> = {};
  fake.setupResponse(
    'search',
    (text: string) =>
      new Promise((resolve) => {
        answer[text] = resolve;
      }),
  );
  const { result } = renderHook(() => useAncpInvoke<string, string>('search'), { wrapper });
  let first: Promise<unknown> | undefined;
  act(() => {
    first = result.current.invoke('a');
  });
  await waitFor(() => expect(answer.a).toBeDefined());
  act(() => void result.current.invoke('ab'));
  await waitFor(() => expect(answer.ab).toBeDefined());
  await act(async () => {
    answer.ab?.('for ab');
    answer.a?.('for a');
    await expect(first).rejects.toMatchObject({ code: 'aborted' });
  });
  await waitFor(() => expect(result.current).toMatchObject({ data: 'for ab', isLoading: false, error: undefined }));
});

it('aborts on unmount, and sets no state', async () => {
  const errors = vi.spyOn(console, 'error');
  let aborted = false;
  const client = new FakeAncpClient();
  client.setupResponse('slow', () => new Promise(() => {}));
  const invoke = client.invoke.bind(client) as (...args: unknown[]) => Promise<never>;
  vi.spyOn(client, 'invoke').mockImplementation(((
    action: string,
    payload: unknown,
    options: { signal: AbortSignal },
  ) => {
    options.signal.addEventListener('abort', () => {
      aborted = true;
    });
    return invoke(action, payload, options);
  }) as never);
  fake = client;
  const { result, unmount } = renderHook(() => useAncpInvoke('slow'), { wrapper });
  let call: Promise<unknown> | undefined;
  act(() => {
    call = result.current.invoke();
  });
  unmount();
  await expect(call).rejects.toMatchObject({ code: 'aborted' });
  expect(aborted).toBe(true);
  expect(errors).not.toHaveBeenCalled();
  errors.mockRestore();
});

it('keeps its functions, and calls the action of the newest render', async () => {
  fake.setupResponse('a', 'of a');
  fake.setupResponse('b', 'of b');
  const { result, rerender } = renderHook(({ action }) => useAncpInvoke<undefined, string>(action), {
    wrapper,
    initialProps: { action: 'a' },
  });
  const { invoke, reset } = result.current;
  rerender({ action: 'b' });
  await act(async () => void (await invoke()));
  expect(result.current).toMatchObject({ data: 'of b', invoke, reset });
});

it('may be called from an effect', async () => {
  fake.setupResponse('get-order', 'Active');
  function Order() {
    const { invoke, data } = useAncpInvoke<undefined, string>('get-order');
    const [count, setCount] = useState(0);
    useEffect(() => {
      invoke().then(
        () => setCount((n) => n + 1),
        () => {},
      );
    }, [invoke]);
    return (
      <output>
        {data} {count}
      </output>
    );
  }
  render(<Order />, { wrapper });
  // Its effect runs twice: the first call is aborted.
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('Active 1'));
});

it('works with timers of the test', async () => {
  vi.useFakeTimers();
  fake.setupResponse('slow', 'done', { delayMs: 1000 });
  const { result } = renderHook(() => useAncpInvoke<undefined, string>('slow'), { wrapper });
  act(() => void result.current.invoke());
  await act(() => vi.advanceTimersByTimeAsync(999));
  expect(result.current.isLoading).toBe(true);
  await act(() => vi.advanceTimersByTimeAsync(1));
  expect(result.current).toMatchObject({ isLoading: false, data: 'done' });
});
