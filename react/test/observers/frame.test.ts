import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Frames } from '../../src/observers/frame.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('calls once, at the frame', () => {
  const called = vi.fn();
  new Frames().next(called);
  vi.advanceTimersByTime(33);
  expect(called).not.toHaveBeenCalled();
  vi.advanceTimersByTime(20);
  expect(called).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1000);
  expect(called).toHaveBeenCalledTimes(1);
});

it('does not call once it is cancelled', () => {
  const called = vi.fn();
  new Frames().next(called)();
  vi.advanceTimersByTime(1000);
  expect(called).not.toHaveBeenCalled();
  // Also not between two frames of which the first came too early.
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => setTimeout(callback, 5));
  vi.stubGlobal('cancelAnimationFrame', clearTimeout);
  const cancel = new Frames().next(called);
  vi.advanceTimersByTime(12);
  cancel();
  vi.advanceTimersByTime(1000);
  expect(called).not.toHaveBeenCalled();
});

it('takes a timer on a hidden page', () => {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  const frame = vi.spyOn(globalThis, 'requestAnimationFrame');
  const called = vi.fn();
  new Frames().next(called);
  vi.advanceTimersByTime(17);
  expect(called).toHaveBeenCalledTimes(1);
  expect(frame).not.toHaveBeenCalled();
});

it('takes a timer outside of a browser', () => {
  vi.stubGlobal('document', undefined);
  const called = vi.fn();
  new Frames().next(called);
  vi.advanceTimersByTime(17);
  expect(called).toHaveBeenCalledTimes(1);
});

it('calls also where the page is hidden before the frame', () => {
  vi.spyOn(globalThis, 'requestAnimationFrame').mockReturnValue(1);
  const called = vi.fn();
  new Frames().next(called);
  vi.advanceTimersByTime(250);
  expect(called).toHaveBeenCalledTimes(1);
});

/** Asks for the next frame over and over on a screen, and tells when it was called in these milliseconds. */
function onScreen(hertz: number, milliseconds: number, jitter = 0): number[] {
  let now = 0;
  let waiting: (() => void) | undefined;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => {
    waiting = callback;
    return 1;
  });
  vi.stubGlobal('cancelAnimationFrame', () => {});
  const calls: number[] = [];
  const frames = new Frames();
  const again = () => frames.next(() => calls.push(now) && again());
  again();
  for (let frame = 1; (frame * 1000) / hertz <= milliseconds; frame++) {
    // As frames come in practice: each some time after it is due, by turns more and less.
    now = (frame * 1000) / hertz + (frame % 3) * jitter;
    const call = waiting;
    waiting = undefined;
    call?.();
  }
  return calls;
}

it.each([
  [30, 300],
  [50, 500],
  [59.94, 599],
  [60, 600],
  [62.5, 600],
  [75, 600],
  [90, 600],
  [120, 600],
  [144, 600],
  [165, 600],
  [240, 600],
])('a screen with %s frames a second, over ten seconds', (hertz, calls) => {
  for (const jitter of [0, 1]) {
    const times = onScreen(hertz, 10_000, jitter);
    // One is left to the beginning, one to the end, and one is lost where a frame comes too early.
    expect(times.length).toBeLessThanOrEqual(Math.min(calls, 599));
    expect(times.length).toBeGreaterThanOrEqual(calls - 3);
  }
});

it('makes up for no more than one frame of a time without calls', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  const callbacks: (() => void)[] = [];
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => callbacks.push(callback));
  const frames = new Frames();
  const called = vi.fn();
  for (const [now, calls] of [
    [1000, 1],
    [1001, 2],
    [1002, 2],
    [1017, 3],
    [1018, 3],
  ] as const) {
    if (callbacks.length === 0) frames.next(called);
    clock.mockReturnValue(now);
    callbacks.shift()?.();
    expect([now, called.mock.calls.length]).toEqual([now, calls]);
  }
});
