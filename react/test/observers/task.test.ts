import { AncpError, FakeAncpClient, type FakeTask } from '@bizfirst/ancp-core';
import { beforeEach, expect, it, vi } from 'vitest';
import { TaskObserver } from '../../src/observers/task.js';

let fake: FakeAncpClient;
let payroll: FakeTask<{ totalPaid: number }>;
let observer: TaskObserver<{ totalPaid: number }>;

beforeEach(() => {
  fake = new FakeAncpClient();
  payroll = fake.driveTask('run-payroll');
  observer = new TaskObserver({ client: fake, action: 'run-payroll', options: {} });
});

it('follows a task to its end', async () => {
  const seen: unknown[] = [];
  const finished = observer.run({ month: '2026-03' }, { onProgress: ({ state }) => seen.push(state) });
  expect(observer.getSnapshot()).toMatchObject({ isRunning: true, isPolling: false, progress: null });
  await payroll.started();
  expect(observer.getSnapshot()).toMatchObject({ taskId: 'task-1', isRunning: true, isPolling: true });
  await payroll.progress(0.5);
  await vi.waitFor(() => expect(observer.getSnapshot()).toMatchObject({ progress: 0.5, status: { state: 'Running' } }));
  await payroll.complete({ totalPaid: 12 });
  expect(await finished).toMatchObject({ state: 'Completed', result: { totalPaid: 12 } });
  expect(observer.getSnapshot()).toMatchObject({
    status: { state: 'Completed', result: { totalPaid: 12 } },
    isRunning: false,
    isPolling: false,
    error: undefined,
  });
  expect(seen).toContain('Completed');
  expect(fake.capturedCalls[0]).toMatchObject({ payload: { month: '2026-03' } });
});

it('tells the id as soon as there is one, and goes on watching', async () => {
  expect(await observer.start()).toBe('task-1');
  await payroll.fail(new AncpError('no money', { code: 'handler_error' }));
  await vi.waitFor(() => expect(observer.getSnapshot().isRunning).toBe(false));
  // A failed task is an answer, not a failed call.
  expect(observer.getSnapshot()).toMatchObject({
    status: { state: 'Failed', error: { message: 'no money' } },
    error: undefined,
  });
});

it('polls where it is told to', async () => {
  fake.setupTask('run-payroll', [{ progress: 0.5 }, { result: { totalPaid: 1 } }]);
  expect(await observer.run(null, { pollIntervalMs: 1 })).toMatchObject({ state: 'Completed' });
});

it('rejects and tells the error where a task cannot be started', async () => {
  fake.setupError('run-payroll', new AncpError('no', 403));
  await expect(observer.run()).rejects.toMatchObject({ code: 'forbidden' });
  expect(observer.getSnapshot()).toMatchObject({ isRunning: false, error: { code: 'forbidden' } });
  await expect(observer.start()).rejects.toMatchObject({ code: 'forbidden' });
  expect(await observer.cancel()).toBeUndefined();
});

it('cancels, also while the task is being started', async () => {
  expect(await observer.cancel()).toBeUndefined();
  const finished = observer.run();
  expect(await observer.cancel()).toMatchObject({ state: 'Cancelled' });
  expect(await finished).toMatchObject({ state: 'Cancelled' });
  expect(observer.getSnapshot()).toMatchObject({ status: { state: 'Cancelled' }, isRunning: false, error: undefined });
  observer.reset();
  expect(observer.getSnapshot()).toMatchObject({ status: undefined, taskId: undefined });
  expect(await observer.cancel()).toBeUndefined();
});

it('rejects and tells the error where it cannot cancel', async () => {
  observer.attach('unknown');
  await expect(observer.cancel()).rejects.toMatchObject({ code: 'task_not_found' });
  expect(observer.getSnapshot().error).toMatchObject({ code: 'task_not_found' });
});

it('gives a task its input', async () => {
  const finished = observer.run();
  await payroll.started();
  await payroll.requireInput('Sure?');
  await vi.waitFor(() =>
    expect(observer.getSnapshot().status).toMatchObject({ state: 'InputRequired', message: 'Sure?' }),
  );
  expect(await observer.provideInput({ approved: true })).toMatchObject({ state: 'Running' });
  await payroll.complete({ totalPaid: 1 });
  await finished;
});

it('attaches once to a task that was started before', async () => {
  const taskId = await fake.startTask('run-payroll');
  const wait = vi.spyOn(fake, 'waitForTask');
  observer.attach(taskId);
  observer.attach(taskId);
  expect(observer.getSnapshot()).toMatchObject({ taskId, isRunning: true, isPolling: true });
  await payroll.complete({ totalPaid: 1 });
  await vi.waitFor(() => expect(observer.getSnapshot().status?.state).toBe('Completed'));
  observer.attach(taskId);
  expect(wait).toHaveBeenCalledTimes(1);
});

it('does not go back from a newer task, or from `reset`, when it is told the same id again', async () => {
  const older = await fake.startTask('run-payroll');
  observer.attach(older);
  const newer = await observer.start();
  observer.attach(older);
  expect(observer.getSnapshot()).toMatchObject({ taskId: newer, isRunning: true });
  observer.attach(newer);
  observer.reset();
  observer.attach(newer);
  expect(observer.getSnapshot()).toMatchObject({ taskId: undefined, isRunning: false });
  observer.attach(older);
  expect(observer.getSnapshot()).toMatchObject({ taskId: older, isRunning: true });
});

it('leaves the task alone when nobody listens any more, and finds it again', async () => {
  const leave = observer.subscribe(() => {});
  const finished = observer.run();
  await payroll.started();
  leave();
  await expect(finished).rejects.toMatchObject({ code: 'aborted' });
  expect(observer.getSnapshot()).toMatchObject({
    isRunning: false,
    isPolling: false,
    error: undefined,
    taskId: 'task-1',
  });
  expect(payroll.state).toBe('Pending');
  observer.subscribe(() => {});
  observer.attach('task-1');
  await payroll.complete({ totalPaid: 1 });
  await vi.waitFor(() => expect(observer.getSnapshot().status?.state).toBe('Completed'));
});

it('shows the newest task alone', async () => {
  const older = observer.run(1);
  await payroll.started();
  const newer = observer.run(2);
  await expect(older).rejects.toMatchObject({ code: 'aborted' });
  await vi.waitFor(() => expect(payroll.taskId).toBe('task-2'));
  await payroll.complete({ totalPaid: 2 });
  expect(await newer).toMatchObject({ taskId: 'task-2' });
  expect(observer.getSnapshot()).toMatchObject({ taskId: 'task-2', status: { taskId: 'task-2' } });
});
