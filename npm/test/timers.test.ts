import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Timers } from '../src/engine/timers.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('fires when it is due, once', () => {
  const fire = vi.fn();
  new Timers().start(100, fire);
  vi.advanceTimersByTime(99);
  expect(fire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  expect(fire).toHaveBeenCalledTimes(1);
});

it('takes over one that was cancelled, and fires no sooner and no later for it', () => {
  const timers = new Timers();
  const start = vi.spyOn(globalThis, 'setTimeout');
  const fire = vi.fn();
  for (let read = 0; read < 50; read++) {
    const timer = timers.start(100, fire);
    vi.advanceTimersByTime(1);
    timers.cancel(timer);
  }
  timers.start(100, fire);
  expect(start).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(99);
  expect(fire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(fire).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

it('starts another one for what is due sooner', () => {
  const timers = new Timers();
  const [late, soon] = [vi.fn(), vi.fn()];
  timers.cancel(timers.start(100, late));
  timers.start(50, soon);
  vi.advanceTimersByTime(50);
  expect(soon).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1000);
  expect(late).not.toHaveBeenCalled();
});

it('keeps one at most, and none when there is nothing to do', () => {
  const timers = new Timers();
  const running = Array.from({ length: 5 }, () => timers.start(100, () => {}));
  for (const timer of running) timers.cancel(timer);
  expect(vi.getTimerCount()).toBe(1);
  timers.rest();
  expect(vi.getTimerCount()).toBe(0);
});

it('does not rely on a clock that was put in its place before', () => {
  const timers = new Timers();
  timers.cancel(timers.start(100, () => {}));
  vi.useRealTimers();
  vi.useFakeTimers();
  const fire = vi.fn();
  timers.start(100, fire);
  vi.advanceTimersByTime(100);
  expect(fire).toHaveBeenCalledTimes(1);
});
