import { describe, expect, it } from 'vitest';
import type { Outcome } from '../src/engine/engine.js';
import { AncpError } from '../src/error.js';
import { StreamReader } from '../src/stream.js';

function reader() {
  const state = { outcome: undefined as unknown as Outcome, starts: 0, pulls: 0, cancels: 0 };
  const stream = new StreamReader<number, string>((outcome) => {
    state.outcome = outcome;
    state.starts += 1;
    return {
      pull() {
        state.pulls += 1;
      },
      cancel() {
        state.cancels += 1;
      },
    };
  });
  return { stream, state };
}

describe('StreamReader', () => {
  it('starts at the first chunk, and pulls a batch once the last one is taken', async () => {
    const { stream, state } = reader();
    expect(state.starts).toBe(0);
    const first = stream.next();
    expect(state.starts).toBe(1);
    state.outcome.progress([1, 2]);
    expect(await first).toEqual({ done: false, value: 1 });
    expect(await stream.next()).toEqual({ done: false, value: 2 });
    expect(state.pulls).toBe(0);
    const third = stream.next();
    expect(state.pulls).toBe(1);
    state.outcome.progress([3]);
    expect(await third).toEqual({ done: false, value: 3 });
  });

  it('serves calls of next() that overlap, in order', async () => {
    const { stream, state } = reader();
    const all = Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
    expect(state.starts).toBe(1);
    state.outcome.progress([1]);
    expect(state.pulls).toBe(1);
    state.outcome.progress([2]);
    state.outcome.succeed('end');
    expect((await all).map(({ value }) => value)).toEqual([1, 2, 'end', undefined]);
  });

  it('throws the error once, and is over then', async () => {
    const { stream, state } = reader();
    const [first, second] = [stream.next(), stream.next()];
    const error = new AncpError('no', 503);
    state.outcome.fail(error);
    await expect(first).rejects.toBe(error);
    expect(await second).toEqual({ done: true, value: undefined });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('keeps an error for the next next()', async () => {
    const { stream, state } = reader();
    const first = stream.next();
    state.outcome.progress([1, 2]);
    await first;
    state.outcome.fail(new AncpError('aborted', { code: 'aborted' }));
    await expect(stream.next()).rejects.toMatchObject({ code: 'aborted' });
  });

  it('ends the call when it is left', async () => {
    const { stream, state } = reader();
    const pending = stream.next();
    expect(await stream.return('bye')).toEqual({ done: true, value: 'bye' });
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(state.cancels).toBe(1);
    state.outcome.progress([1]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('ends the call when something is thrown in', async () => {
    const { stream, state } = reader();
    void stream.next();
    await expect(stream.throw(new Error('x'))).rejects.toThrow('x');
    expect(state.cancels).toBe(1);
  });

  it('is never started when it is left before', async () => {
    const { stream, state } = reader();
    await stream.return();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(state.starts).toBe(0);
  });
});
