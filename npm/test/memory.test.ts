import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import type { CreateGlue, Part } from '../src/engine/module.js';
import { AncpClient } from '../src/index.js';
import { chunk, events, OPTIONS, result, scripted } from './node.js';

const seen = vi.hoisted(() => ({ engines: [] as WeakRef<object>[], freed: 0 }));

vi.mock('../src/engine/source.js', async (original) => {
  const real = await original<typeof import('../src/engine/source.js')>();
  return {
    noStore: real.noStore,
    hasPlain: real.hasPlain,
    async loadSource(part: Part) {
      const { module, createGlue } = await real.loadSource(part);
      const watched: CreateGlue = (...given) => {
        const glue = createGlue(...given);
        class Engine extends glue.Engine {
          constructor(...rest: ConstructorParameters<typeof glue.Engine>) {
            super(...rest);
            seen.engines.push(new WeakRef(this));
          }
          override free(): void {
            seen.freed += 1;
            super.free();
          }
        }
        return { Engine, instantiate: (wasm) => glue.instantiate(wasm) };
      };
      return { module, createGlue: watched };
    },
  };
});

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

async function collected(): Promise<void> {
  await vi.waitFor(() => {
    gc();
    // A failed expectation would hold the engine that it tells of.
    expect(seen.engines.at(-1)?.deref() === undefined).toBe(true);
  });
}

describe('memory', () => {
  it('of a client that nobody holds is freed, though it was not closed', async () => {
    await (async () => {
      const client = new AncpClient({ ...OPTIONS, fetch: scripted(result(1)) });
      await client.invoke('a');
    })();
    await collected();
  });

  it('is kept while a call runs', async () => {
    let answer: (() => void) | undefined;
    const call = (() => {
      const wait = new Promise<void>((resolve) => {
        answer = resolve;
      });
      const fetch = scripted(async (request) => {
        await wait;
        return result('late')(request);
      });
      return new AncpClient({ ...OPTIONS, fetch }).invoke('a');
    })();
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
    answer?.();
    expect(await call).toBe('late');
    await collected();
  });

  it('of a closed client is freed at once, but not before its stream is ended at the node', async () => {
    let ended: (() => void) | undefined;
    const fetch = scripted(
      events(async function* (request) {
        yield chunk(request, 1, 1, true);
        await new Promise(() => {});
      }),
      () =>
        new Promise((resolve) => {
          ended = () => resolve(new Response(null, { status: 204 }));
        }),
    );
    const client = new AncpClient({ ...OPTIONS, fetch });
    const stream = client.stream('a');
    await stream.next();
    const before = seen.freed;
    client.close();
    await vi.waitFor(() => expect(ended).toBeDefined());
    expect(seen.freed).toBe(before);
    ended?.();
    await vi.waitFor(() => expect(seen.freed).toBe(before + 1));
    await stream.return();
    client.close();
    const idle = new AncpClient({ ...OPTIONS, fetch: scripted(result(1)) });
    await idle.invoke('a');
    idle.close();
    expect(seen.freed).toBe(before + 2);
  });
});
