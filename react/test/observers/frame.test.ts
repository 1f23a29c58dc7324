import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { onNextFrame } from '../../src/observers/frame.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('calls once, at the frame', () => {
  const called = vi.fn();
  onNextFrame(called);
  expect(called).not.toHaveBeenCalled();
  vi.advanceTimersToNextFrame();
  expect(called).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1000);
  expect(called).toHaveBeenCalledTimes(1);
});

it('does not call once it is cancelled', () => {
  const called = vi.fn();
  onNextFrame(called)();
  vi.advanceTimersByTime(1000);
  expect(called).not.toHaveBeenCalled();
});

it('takes a timer on a hidden page', () => {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  const frame = vi.spyOn(globalThis, 'requestAnimationFrame');
  const called = vi.fn();
  onNextFrame(called);
  vi.advanceTimersByTime(16);
  expect(called).toHaveBeenCalledTimes(1);
  expect(frame).not.toHaveBeenCalled();
});

it('takes a timer outside of a browser', () => {
  vi.stubGlobal('document', undefined);
  const called = vi.fn();
  onNextFrame(called);
  vi.advanceTimersByTime(16);
  expect(called).toHaveBeenCalledTimes(1);
});

it('calls also where the page is hidden before the frame', () => {
  vi.spyOn(globalThis, 'requestAnimationFrame').mockReturnValue(1);
  const called = vi.fn();
  onNextFrame(called);
  vi.advanceTimersByTime(250);
  expect(called).toHaveBeenCalledTimes(1);
});
