import { describe, expect, it, vi } from 'vitest';
import type { CreateGlue, Part, RawEngine } from '../src/engine/module.js';
import { AncpClient, AncpError } from '../src/index.js';
import { chunk, events, never, OPTIONS, result, scripted } from './node.js';

const counts = vi.hoisted(() => ({ modules: 0, instances: 0, failures: 0 }));

// The real module, whose class traps when it is told to: an address outside of the memory goes in.
vi.mock('../src/engine/source.js', async (original) => {
  const real = await original<typeof import('../src/engine/source.js')>();
  return {
    noStore: real.noStore,
    hasPlain: real.hasPlain,
    async loadSource(part: Part) {
      counts.modules += 1;
      if (counts.failures > 0) {
        counts.failures -= 1;
        throw new WebAssembly.CompileError("Refused to compile: violates 'script-src self'");
      }
      const { module, createGlue } = await real.loadSource(part);
      const trapping: CreateGlue = (codec) => {
        counts.instances += 1;
        const glue = createGlue(codec);
        class Engine extends glue.Engine {
          override start(call: number, verb: number, name: string, options: string): number {
            const target = name === 'trap' ? Object.create(this, { __wbg_ptr: { value: 0xfffffff0 } }) : this;
            return (glue.Engine.prototype as RawEngine).start.call(target, call, verb, name, options);
          }
        }
        return { Engine, instantiate: (wasm) => glue.instantiate(wasm) };
      };
      return { module, createGlue: trapping };
    },
  };
});

describe('a trap', () => {
  it('rejects every call of every client, and the next call has a fresh instance', async () => {
    const fetch = scripted(never);
    const [first, second] = [new AncpClient({ ...OPTIONS, fetch }), new AncpClient({ ...OPTIONS, fetch })];
    const pending = [first.invoke('a'), first.invoke('b'), second.invoke('c')].map((call) =>
      call.catch((error: unknown) => error),
    );
    await vi.waitFor(() => expect(fetch.requests).toHaveLength(3));
    const error = await first.invoke('trap').catch((error: unknown) => error);
    expect(error).toBeInstanceOf(AncpError);
    expect(error).toMatchObject({ code: 'wasm_unavailable', cause: expect.any(WebAssembly.RuntimeError) });
    expect(await Promise.all(pending)).toEqual([error, error, error]);
    expect(fetch.requests.every(({ init }) => init.signal.aborted)).toBe(true);
    expect(counts).toMatchObject({ modules: 1, instances: 1 });

    const again = scripted(result('fresh'));
    vi.stubGlobal('fetch', again);
    const third = new AncpClient(OPTIONS);
    expect(await third.invoke('a')).toBe('fresh');
    // The module is compiled once; clients that lived through the trap go on, too.
    expect(counts).toMatchObject({ modules: 1, instances: 2 });
    const survivor = new AncpClient(OPTIONS);
    expect(await survivor.invoke('a')).toBe('fresh');
    await expect(first.invoke('a', null, { timeout: 20 })).rejects.toMatchObject({ code: 'timeout' });
    expect(counts).toMatchObject({ modules: 1, instances: 2 });
    vi.unstubAllGlobals();
  });

  it('ends streams, and late answers are ignored', async () => {
    const client = new AncpClient({
      ...OPTIONS,
      fetch: scripted(
        events(async function* (r) {
          yield chunk(r, 1, 1);
          await new Promise(() => {});
        }),
      ),
    });
    const stream = client.stream('a');
    await stream.next();
    const next = stream.next();
    await expect(client.invoke('trap')).rejects.toMatchObject({ code: 'wasm_unavailable' });
    await expect(next).rejects.toMatchObject({ code: 'wasm_unavailable' });
    await stream.return();
    client.close();
  });
});

describe('loading', () => {
  it('that fails names the Content-Security-Policy, and is tried again', async () => {
    vi.resetModules();
    const fresh = await import('../src/index.js');
    counts.failures = 1;
    const client = new fresh.AncpClient({ ...OPTIONS, fetch: scripted(result(1)) });
    const calls = [client.invoke('a'), client.invoke('b')];
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({
        code: 'wasm_unavailable',
        status: 0,
        message: expect.stringContaining("'wasm-unsafe-eval'"),
        cause: expect.any(WebAssembly.CompileError),
        mayHaveBeenDelivered: false,
      });
    }
    expect(await client.invoke('a')).toBe(1);
  });

  it('says so where there is no WebAssembly', async () => {
    vi.resetModules();
    const fresh = await import('../src/index.js');
    vi.stubGlobal('WebAssembly', undefined);
    const client = new fresh.AncpClient({ ...OPTIONS, fetch: scripted(result(1)) });
    await expect(client.invoke('a')).rejects.toMatchObject({ code: 'wasm_unavailable', message: /no WebAssembly/ });
    vi.unstubAllGlobals();
  });

  it('does nothing at import, nor when a client is made', async () => {
    vi.resetModules();
    const before = counts.modules;
    const fresh = await import('../src/index.js');
    new fresh.AncpClient(OPTIONS).close();
    new fresh.FakeAncpClient().setupResponse('a', 1);
    expect(counts.modules).toBe(before);
  });
});
