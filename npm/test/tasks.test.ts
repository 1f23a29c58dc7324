import { describe, expect, it } from 'vitest';
import { AncpClient } from '../src/index.js';
import { type Answer, failure, OPTIONS, result, scripted, task } from './node.js';

function client(...answers: Answer[]) {
  const fetch = scripted(...answers);
  return { client: new AncpClient({ ...OPTIONS, fetch }), fetch };
}

describe('tasks', () => {
  it('start', async () => {
    const { client: ancp, fetch } = client(task('Pending', {}, null, 202));
    expect(await ancp.startTask('run-payroll', { month: '2026-03' })).toBe('T1');
    expect(fetch.requests[0]).toMatchObject({ path: '/ncp/nodes/42/tasks', body: { type: 'Command' } });
  });

  it('tell their status', async () => {
    const details = { row: 7 };
    const { client: ancp, fetch } = client(
      task('Running', { progress: 0.25, message: 'at "it"' }),
      task('Failed', { error: { code: 'handler_error', message: 'no', retryable: false, details } }),
      task('Paused', { progress: 1 }),
    );
    expect(await ancp.getTask('T1')).toEqual({
      taskId: 'T1',
      action: 'run-payroll',
      state: 'Running',
      progress: 0.25,
      message: 'at "it"',
      createdAt: '2026-05-25T09:14:00.000Z',
      updatedAt: '2026-05-25T09:14:00.000Z',
    });
    expect(await ancp.getTask('T1')).toMatchObject({
      state: 'Failed',
      error: { code: 'handler_error', message: 'no', retryable: false, details },
    });
    expect(await ancp.getTask('T1')).toMatchObject({ state: 'Paused', progress: 1 });
    expect(fetch.requests[0]).toMatchObject({
      path: '/ncp/nodes/42/tasks/T1',
      init: { method: 'GET', cache: 'no-store' },
    });
  });

  it('are waited for by polling', async () => {
    const { client: ancp, fetch } = client(
      task('Running', { progress: 0 }),
      failure(503, 'unavailable'),
      task('Running', { progress: 0 }),
      task('Completed', { progress: 1 }, { totalPaid: 12 }),
    );
    const seen: unknown[] = [];
    const status = await ancp.waitForTask<{ totalPaid: number }>('T1', {
      pollIntervalMs: 1,
      onProgress: ({ state, progress }) => seen.push([state, progress]),
    });
    expect(status.result?.totalPaid).toBe(12);
    expect(seen).toEqual([
      ['Running', 0],
      ['Completed', 1],
    ]);
    expect(fetch.requests).toHaveLength(4);
  });

  it('are no longer waited for', async () => {
    const { client: running, fetch } = client(task('Running'));
    const wait = { pollIntervalMs: 1 };
    await expect(running.waitForTask('T1', { ...wait, timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' });
    const error = new Error('mine');
    const onProgress = () => {
      throw error;
    };
    await expect(running.waitForTask('T1', { ...wait, onProgress })).rejects.toBe(error);
    const controller = new AbortController();
    const aborted = running.waitForTask('T1', { ...wait, signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'aborted' });
    const before = fetch.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(fetch.requests.length).toBe(before);
    const { client: gone } = client(failure(410, 'task_expired'));
    await expect(gone.waitForTask('T1', wait)).rejects.toMatchObject({ code: 'task_expired', status: 410 });
  });

  it('take input, and are cancelled', async () => {
    const { client: ancp, fetch } = client(task('InputRequired'), task('Running', {}, null, 202), task('Cancelled'));
    expect(await ancp.provideInput('T1', { approved: true })).toMatchObject({ state: 'Running' });
    expect(fetch.requests[1]).toMatchObject({
      path: '/ncp/nodes/42/tasks/T1/input',
      body: {
        body: { data: { payload: { approved: true }, metadata: { extensions: { ncp: { action: 'run-payroll' } } } } },
      },
    });
    expect(await ancp.cancelTask('T1')).toMatchObject({ state: 'Cancelled' });
    expect(fetch.requests[2]?.init.method).toBe('DELETE');
  });
});

it('system actions are calls', async () => {
  const { client: ancp, fetch } = client(result({ status: 'ok' }));
  await ancp.ping();
  await ancp.getCapabilities();
  await ancp.negotiate(['a']);
  await ancp.getStatus();
  const sent = fetch.requests.map(({ body }) => [
    body.body.data.metadata.extensions.ncp.action,
    body.body.data.payload,
  ]);
  expect(sent).toEqual([
    ['ancp.ping', null],
    ['ancp.capabilities', null],
    ['ancp.negotiate', { actions: ['a'] }],
    ['ancp.status', null],
  ]);
});

it('discovery is the document', async () => {
  const document = { protocolVersion: '1.0', nodes: [{ nodeId: 42, custom: true }] };
  const { client: ancp, fetch } = client(() => Response.json(document));
  expect(await ancp.discover()).toEqual(document);
  expect(fetch.requests[0]?.path).toBe('/.well-known/ncp.json');
});

it('fire and forget resolves to nothing', async () => {
  const { client: ancp } = client(result(null, 202), () => new Response(null, { status: 202 }));
  expect(await ancp.fireAndForget('log-event', {})).toBeUndefined();
  expect(await ancp.fireAndForget('log-event', {})).toBeUndefined();
});
