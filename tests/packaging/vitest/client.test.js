import { AncpClient, AncpError, FakeAncpClient } from '@bizfirst/ancp-core';
import { expect, it, vi } from 'vitest';
import { exercise } from '../support/exercise.mjs';
import { node } from '../support/node.mjs';

it('calls a node', () => exercise({ AncpClient, AncpError, FakeAncpClient }, node));

it('takes a mocked fetch', async () => {
  const fetch = vi.fn(async () => ({ status: 500 }));
  vi.stubGlobal('fetch', fetch);
  const client = new AncpClient({ ...node, retry: false });
  await expect(client.ping()).rejects.toBeInstanceOf(AncpError);
  expect(fetch).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
});

it('works under fake timers', async () => {
  vi.useFakeTimers();
  const fake = new FakeAncpClient();
  fake.setupTask('run-payroll', [{ progress: 0.5, delayMs: 60_000 }, { result: { totalPaid: 12 } }]);
  const waiting = fake.startTask('run-payroll').then((taskId) => fake.waitForTask(taskId));
  await vi.advanceTimersByTimeAsync(120_000);
  expect(await waiting).toMatchObject({ state: 'Completed', result: { totalPaid: 12 } });
  vi.useRealTimers();
});
