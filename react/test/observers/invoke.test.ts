import { AncpError, FakeAncpClient } from '@bizfirst/ancp-core';
import { beforeEach, expect, it, vi } from 'vitest';
import { InvokeObserver } from '../../src/observers/invoke.js';

let fake: FakeAncpClient;
let observer: InvokeObserver<unknown>;
const idle = { isLoading: false, data: undefined, error: undefined };

beforeEach(() => {
  fake = new FakeAncpClient();
  observer = new InvokeObserver({ client: fake, action: 'get-order', options: {} });
});

it('tells of loading and of the answer', async () => {
  fake.setupResponse('get-order', { status: 'Active' });
  const heard = vi.fn();
  observer.subscribe(heard);
  expect(observer.getSnapshot()).toEqual(idle);
  const call = observer.invoke({ orderId: '1' });
  expect(observer.getSnapshot()).toEqual({ ...idle, isLoading: true });
  expect(await call).toEqual({ status: 'Active' });
  expect(observer.getSnapshot()).toEqual({ ...idle, data: { status: 'Active' } });
  expect(heard).toHaveBeenCalledTimes(2);
  expect(observer.getServerSnapshot()).toEqual(idle);
});

it('rejects and tells of the error, which the next call clears', async () => {
  fake.setupError('get-order', new AncpError('Unauthorized', 401));
  await expect(observer.invoke()).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(observer.getSnapshot()).toMatchObject({ isLoading: false, error: { status: 401 } });
  fake.setupResponse('get-order', 1);
  const call = observer.invoke();
  expect(observer.getSnapshot()).toEqual({ ...idle, isLoading: true });
  await call;
  expect(observer.getSnapshot()).toEqual({ ...idle, data: 1 });
});

it('shows the newest call alone, and aborts the older', async () => {
  const answers: ((value: number) => void)[] = [];
  fake.setupResponse('get-order', () => new Promise((resolve) => answers.push(resolve)));
  const older = observer.invoke(1);
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  const newer = observer.invoke(2);
  await expect(older).rejects.toMatchObject({ code: 'aborted' });
  expect(observer.getSnapshot()).toEqual({ ...idle, isLoading: true });
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[0]?.(1);
  answers[1]?.(2);
  expect(await newer).toBe(2);
  expect(observer.getSnapshot()).toEqual({ ...idle, data: 2 });
});

it('passes options on, those of the call first', async () => {
  fake.setupResponse('get-order', 1);
  observer.target = { client: fake, action: 'get-order', options: { headers: { 'x-a': '1' } } };
  await observer.invoke(null, { correlationId: 'c-1' });
  await observer.invoke(null, { headers: { 'x-a': '2' } });
  expect(fake.capturedCalls).toMatchObject([
    { headers: { 'x-a': '1' }, correlationId: 'c-1' },
    { headers: { 'x-a': '2' } },
  ]);
});

it('does not take an abort for an error: of the caller, of reset, of the client', async () => {
  fake.setupResponse('get-order', () => new Promise(() => {}));
  const controller = new AbortController();
  const remove = vi.spyOn(controller.signal, 'removeEventListener');
  const first = observer.invoke(null, { signal: controller.signal });
  controller.abort('enough');
  await expect(first).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
  expect(observer.getSnapshot()).toEqual(idle);
  expect(remove).toHaveBeenCalled();
  await expect(observer.invoke(null, { signal: controller.signal })).rejects.toMatchObject({ code: 'aborted' });
  const second = observer.invoke();
  observer.reset();
  expect(observer.getSnapshot()).toEqual(idle);
  await expect(second).rejects.toMatchObject({ code: 'aborted' });
  const third = observer.invoke();
  fake.close();
  await expect(third).rejects.toMatchObject({ code: 'aborted' });
  expect(observer.getSnapshot()).toEqual(idle);
});

it('aborts when nobody listens any more, but not for coming back at once', async () => {
  fake.setupResponse('get-order', () => new Promise(() => {}));
  const leave = observer.subscribe(() => {});
  const call = observer.invoke();
  leave();
  const leaveAgain = observer.subscribe(() => {});
  await Promise.resolve();
  expect(observer.getSnapshot().isLoading).toBe(true);
  leaveAgain();
  await expect(call).rejects.toMatchObject({ code: 'aborted' });
  expect(observer.getSnapshot()).toEqual(idle);
});
