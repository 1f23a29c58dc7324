import { describe, expect, it, vi } from 'vitest';
import type { Engine, EngineCall, LoadEngine, Outcome } from '../src/engine/engine.js';
import { AncpError } from '../src/error.js';
import { Session } from '../src/session.js';
import { FakeEngine } from './engine.js';
import { OPTIONS } from './node.js';

const CALL: EngineCall = {
  verb: 'invoke',
  name: 'get-order',
  payload: 'null',
  headers: [],
  correlationId: undefined,
  receiptId: undefined,
  address: undefined,
  timeout: undefined,
  pollIntervalMs: undefined,
  timeoutMs: undefined,
};

function outcome() {
  return { progress: vi.fn(), succeed: vi.fn(), fail: vi.fn() } satisfies Outcome;
}

function session(load: LoadEngine) {
  return new Session(OPTIONS, load);
}

describe('Session', () => {
  it('loads the engine at the first call, once for all calls', async () => {
    const engine = new FakeEngine();
    const load = vi.fn(async () => engine);
    const client = session(load);
    expect(load).not.toHaveBeenCalled();
    client.start(CALL, undefined, outcome());
    client.start(CALL, undefined, outcome());
    expect(engine.started).toHaveLength(0);
    await vi.waitFor(() => expect(engine.started).toHaveLength(2));
    client.start(CALL, undefined, outcome());
    expect(engine.started).toHaveLength(3);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('tries again after it could not be loaded', async () => {
    const refused = new AncpError('no', { code: 'wasm_unavailable' });
    const engine = new FakeEngine();
    const load = vi.fn<() => Promise<Engine>>().mockRejectedValueOnce(refused).mockResolvedValue(engine);
    const client = session(load);
    const [first, second] = [outcome(), outcome()];
    client.start(CALL, undefined, first);
    await vi.waitFor(() => expect(first.fail).toHaveBeenCalledWith(refused));
    client.start(CALL, undefined, second);
    await vi.waitFor(() => expect(engine.started).toHaveLength(1));
    expect(second.fail).not.toHaveBeenCalled();
  });

  it('asks for an engine for plain calls, and for another one once it is not enough', async () => {
    const [plain, full] = [new FakeEngine(false), new FakeEngine()];
    const load = vi.fn<LoadEngine>(async (_, everything) => (everything ? full : plain));
    const client = session(load);
    const first = outcome();
    client.start(CALL, undefined, first);
    await vi.waitFor(() => expect(plain.started).toHaveLength(1));
    for (const call of [
      { ...CALL, verb: 'stream' } as const,
      { ...CALL, verb: 'startTask' } as const,
      { ...CALL, address: 'did:web:a' },
    ]) {
      client.start(call, undefined, outcome());
    }
    await vi.waitFor(() => expect(full.started).toHaveLength(3));
    const tokens = load.mock.calls[0]?.[2];
    expect(load.mock.calls).toEqual([
      [OPTIONS, false, tokens],
      [OPTIONS, true, tokens],
    ]);
    expect([plain.retired, full.retired]).toEqual([true, false]);
    // From here on, one engine knows of all calls; what runs in the other one ends there.
    client.start(CALL, undefined, outcome());
    expect(full.started).toHaveLength(4);
    plain.last.outcome.succeed(1);
    expect(first.succeed).toHaveBeenCalledWith(1);
  });

  it('makes plain calls wait for what can do everything, where that is on its way', async () => {
    const full = new FakeEngine();
    const load = vi.fn<LoadEngine>(async () => full);
    const client = session(load);
    client.start({ ...CALL, verb: 'stream' }, undefined, outcome());
    client.start(CALL, undefined, outcome());
    await vi.waitFor(() => expect(full.started).toHaveLength(2));
    expect(load.mock.calls).toEqual([[OPTIONS, true, {}]]);
  });

  it('does not fail plain calls that have waited for it, where what can do everything does not come', async () => {
    const plain = new FakeEngine(false);
    const refused = new AncpError('no', { code: 'wasm_unavailable' });
    const client = session((_, everything) => (everything ? Promise.reject(refused) : Promise.resolve(plain)));
    const [stream, call] = [outcome(), outcome()];
    client.start({ ...CALL, verb: 'stream' }, undefined, stream);
    client.start(CALL, undefined, call);
    await vi.waitFor(() => expect(plain.started).toHaveLength(1));
    expect(stream.fail).toHaveBeenCalledWith(refused);
    expect(call.fail).not.toHaveBeenCalled();
  });

  it('closes all engines', async () => {
    const engines = [new FakeEngine(false), new FakeEngine()] as const;
    const client = session(async (_, everything) => engines[everything ? 1 : 0]);
    client.start(CALL, undefined, outcome());
    await vi.waitFor(() => expect(engines[0].started).toHaveLength(1));
    client.start({ ...CALL, verb: 'stream' }, undefined, outcome());
    await vi.waitFor(() => expect(engines[1].started).toHaveLength(1));
    client.close();
    expect(engines.map((engine) => engine.closed)).toEqual([true, true]);
    expect(engines[0].last.cancelled).toBe(true);
  });

  it('keeps the engine that can do everything, where the other one is there later', async () => {
    const [plain, full] = [new FakeEngine(false), new FakeEngine()];
    let arrive = (_: Engine) => {};
    const late = new Promise<Engine>((resolve) => {
      arrive = resolve;
    });
    const client = session((_, everything) => (everything ? Promise.resolve(full) : late));
    client.start(CALL, undefined, outcome());
    client.start({ ...CALL, verb: 'discover' }, undefined, outcome());
    await vi.waitFor(() => expect(full.started).toHaveLength(1));
    arrive(plain);
    await vi.waitFor(() => expect(full.started).toHaveLength(2));
    expect(plain.retired).toBe(true);
    expect(plain.started).toHaveLength(0);
  });

  it('replaces an engine that is no longer alive', async () => {
    const [first, second] = [new FakeEngine(), new FakeEngine()];
    const client = session(vi.fn<() => Promise<Engine>>().mockResolvedValueOnce(first).mockResolvedValueOnce(second));
    client.start(CALL, undefined, outcome());
    await vi.waitFor(() => expect(first.started).toHaveLength(1));
    first.alive = false;
    client.start(CALL, undefined, outcome());
    await vi.waitFor(() => expect(second.started).toHaveLength(1));
  });

  it('aborts at once, also while the engine is loading', async () => {
    let loaded: (engine: Engine) => void = () => {};
    const client = session(() => new Promise((resolve) => (loaded = resolve)));
    const controller = new AbortController();
    const told = outcome();
    client.start(CALL, controller.signal, told);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(told.fail).toHaveBeenCalledTimes(1);
    expect(told.fail.mock.calls[0]?.[0]).toMatchObject({ code: 'aborted', cause: reason, mayHaveBeenDelivered: false });
    const engine = new FakeEngine();
    loaded(engine);
    await new Promise((resolve) => setTimeout(resolve));
    expect(engine.started).toHaveLength(0);
  });

  it('starts nothing for a signal that is aborted already', () => {
    const load = vi.fn(async () => new FakeEngine());
    const told = outcome();
    session(load).start(CALL, AbortSignal.abort('why'), told);
    expect(told.fail.mock.calls[0]?.[0]).toMatchObject({
      code: 'aborted',
      cause: 'why',
      operation: 'invoke get-order',
    });
    expect(load).not.toHaveBeenCalled();
  });

  it('cancels the call underneath, tells nothing later, and leaves no listener', async () => {
    const engine = new FakeEngine();
    const client = session(async () => engine);
    const controller = new AbortController();
    const remove = vi.spyOn(controller.signal, 'removeEventListener');
    const [first, second] = [outcome(), outcome()];
    client.start(CALL, controller.signal, first);
    await vi.waitFor(() => expect(engine.started).toHaveLength(1));
    engine.last.outcome.succeed('1');
    expect(first.succeed).toHaveBeenCalledWith('1');
    expect(remove).toHaveBeenCalledTimes(1);
    client.start(CALL, controller.signal, second);
    controller.abort();
    expect(engine.last.cancelled).toBe(true);
    expect(second.fail.mock.calls[0]?.[0]).toMatchObject({ mayHaveBeenDelivered: true });
    engine.last.outcome.succeed('2');
    engine.last.outcome.progress('2');
    expect(second.succeed).not.toHaveBeenCalled();
    expect(second.progress).not.toHaveBeenCalled();
    expect(first.fail).not.toHaveBeenCalled();
  });

  it('cancels a call that was aborted from within its own start', async () => {
    const controller = new AbortController();
    class Aborting extends FakeEngine {
      override start(call: EngineCall, to: Outcome) {
        controller.abort();
        return super.start(call, to);
      }
    }
    const engine = new Aborting();
    const told = outcome();
    session(async () => engine).start(CALL, controller.signal, told);
    await vi.waitFor(() => expect(engine.started).toHaveLength(1));
    expect(engine.last.cancelled).toBe(true);
    expect(told.fail).toHaveBeenCalledTimes(1);
  });

  it('ends what runs when it is closed, and refuses what comes later', async () => {
    const engine = new FakeEngine();
    const client = session(async () => engine);
    const [running, later] = [outcome(), outcome()];
    client.start(CALL, undefined, running);
    await vi.waitFor(() => expect(engine.started).toHaveLength(1));
    client.close();
    client.close();
    expect(running.fail).toHaveBeenCalledTimes(1);
    expect(running.fail.mock.calls[0]?.[0]).toMatchObject({ code: 'aborted' });
    expect(engine.closed).toBe(true);
    client.start(CALL, undefined, later);
    expect(later.fail.mock.calls[0]?.[0]).toMatchObject({ code: 'closed', status: 0 });
  });

  it('closes an engine that is loaded too late', async () => {
    const engine = new FakeEngine();
    const client = session(async () => engine);
    client.start(CALL, undefined, outcome());
    client.close();
    await vi.waitFor(() => expect(engine.closed).toBe(true));
    expect(engine.started).toHaveLength(0);
  });
});
