import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AncpClient, AncpError, type CallOptions, FakeAncpClient, NodeAddress } from '../src/index.js';
import { failure, JSON_TYPE, OPTIONS, result, scripted } from './node.js';

interface Vector {
  readonly name: string;
  readonly text: string;
  readonly mode?: string;
  readonly value?: string;
  readonly prints?: string;
  readonly refused?: true;
}

// The native client and the engine read the same.
const file = new URL('../../tests/conformance/vectors/addresses/addresses.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];

const REFUSED = { code: 'invalid_options', message: expect.stringMatching(/^address: /) };

describe('NodeAddress', () => {
  it.each(vectors.filter(({ refused }) => !refused))('parses $name', ({ text, mode, value, prints = text }) => {
    const address = NodeAddress.parse(text);
    expect({ ...address }).toEqual({ mode, value });
    expect(`${address}`).toBe(prints);
    expect(NodeAddress.parse(prints)).toEqual(address);
    expect(JSON.stringify({ address })).toBe(JSON.stringify({ address: prints }));
  });

  it.each(vectors.filter(({ refused }) => refused))('refuses $name', ({ text }) => {
    expect(() => NodeAddress.parse(text)).toThrow(expect.objectContaining(REFUSED));
  });

  it('has a maker for each mode', () => {
    const evm = `0x${'aB'.repeat(20)}`;
    const made = [
      NodeAddress.fromNodeId(42),
      NodeAddress.fromResId('res-orders'),
      NodeAddress.fromDid('did:web:example.com'),
      NodeAddress.fromBlockchainAddress(evm),
      NodeAddress.fromNodeGroupId(5),
      NodeAddress.fromNodeGroupResId('grp'),
      NodeAddress.fromOperateId('op-9'),
      NodeAddress.fromUrl(new URL('https://host/ncp/nodes/42')),
    ];
    expect(made.map(String)).toEqual([
      'node:42',
      'res:res-orders',
      'did:web:example.com',
      `evm:${evm.toLowerCase()}`,
      'group:5',
      'group-res:grp',
      'operate:op-9',
      'https://host/ncp/nodes/42',
    ]);
  });

  it.each([-1, 1.5, 2 ** 53, Number.NaN])('refuses the id %s', (id) => {
    expect(() => NodeAddress.fromNodeId(id)).toThrow(AncpError);
  });
});

describe('the option `address`', () => {
  const client = new AncpClient({
    address: 'https://direct.test/ncp/nodes/1',
    fetch: async (url, { body }) => {
      const { id } = JSON.parse(body ?? '{}');
      const answer = { id, type: 'Response', timestamp: '2026-01-01T00:00:00Z', protocolVersion: '1.0' };
      const data = { payload: url, metadata: { extensions: { ncp: {} } } };
      return { status: 200, json: async () => ({ ...answer, correlationId: id, body: { data } }) };
    },
  });
  afterEach(() => client.close());

  it('is the client’s default and each call’s own, as an address or a string', async () => {
    expect(await client.invoke<string>('a')).toBe('https://direct.test/ncp/nodes/1/invoke');
    for (const address of [NodeAddress.fromNodeId(2), 'node:2']) {
      expect(await client.invoke<string>('a', null, { address })).toBe('https://direct.test/ncp/nodes/2/invoke');
    }
    await expect(client.invoke('a', null, { address: 'nowhere' })).rejects.toMatchObject(REFUSED);
  });
});

describe('an address that is looked up', () => {
  const groups = [{ groupId: 5, strategy: 'Broadcast' }];
  const document = {
    nodes: [
      { nodeId: 'a', resId: 'res-a', endpoint: 'https://a.test/ncp/nodes/a', groups },
      { nodeId: 7, endpoint: 'https://b.test/ncp/nodes/7', groups },
      { nodeId: 8, resId: 'res-http', endpoint: 'http://c.test/ncp/nodes/8', groups },
    ],
  };
  const calls: string[] = [];
  const fetch = scripted((request) => {
    calls.push(request.url);
    if (request.path.endsWith('/ncp.json')) return new Response(JSON.stringify(document), { headers: JSON_TYPE });
    if (request.url.includes('b.test')) return failure(403, 'forbidden')(request);
    return result({ stock: 3, of: 'a.test' })(request);
  });
  const client = new AncpClient({ ...OPTIONS, fetch });
  afterEach(() => {
    calls.length = 0;
    vi.restoreAllMocks();
  });

  it('leads to the node that the discovery document names', async () => {
    expect(await client.invoke('stock', null, { address: NodeAddress.fromResId('res-a') })).toMatchObject({ stock: 3 });
    expect(calls).toEqual(['https://api.example.com/.well-known/ncp.json', 'https://a.test/ncp/nodes/a/invoke']);
    const [, call] = fetch.requests;
    expect(call?.body).toMatchObject({ body: { data: { metadata: { extensions: { ncp: { nodeId: 'a' } } } } } });
  });

  it('is address_not_found, with the address and why, where it leads to no node', async () => {
    await expect(client.invoke('stock', null, { address: 'res:nope' })).rejects.toMatchObject({
      code: 'address_not_found',
      status: 0,
      message: expect.stringMatching(/res:nope.* no such node/),
    });
    const { message } = await client.invoke('stock', null, { address: 'res:res-http' }).then(
      () => new Error('it went through'),
      (error: Error) => error,
    );
    expect(message).toContain('is http, though the base URL is https');
  });

  it('gets every member’s outcome by invokeAll, and each result is parsed once', async () => {
    const parse = vi.spyOn(JSON, 'parse');
    const outcomes = await client.invokeAll('stock', { sku: 'A-7' }, { address: 'group:5' });
    const parsed = parse.mock.calls.filter(([text]) => text.includes('"of":"a.test"'));
    expect(parsed).toHaveLength(1);
    expect(outcomes).toMatchObject([
      { nodeId: 'a', endpoint: 'https://a.test/ncp/nodes/a', ok: true, result: { stock: 3 } },
      { nodeId: 7, ok: false, error: { code: 'forbidden', status: 403 } },
      { nodeId: 8, endpoint: '', ok: false, error: { code: 'address_not_found' } },
    ]);
    for (const outcome of outcomes) if (!outcome.ok) expect(outcome.error).toBeInstanceOf(AncpError);
    await expect(client.invoke('stock', null, { address: 'group:5' })).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('invokeAll'),
    });
  });
});

describe('FakeAncpClient', () => {
  it('is every node that is addressed, and tells which', async () => {
    const fake = new FakeAncpClient({ address: NodeAddress.fromResId('res-default') });
    fake.setupResponse('get', { ok: true });
    fake.setupStream('rows', [1, 2]);
    fake.setupTask('work', [{ progress: 0.5 }, { result: 1 }]);
    const group: CallOptions = { address: 'group:5' };

    await fake.invoke('get');
    await fake.invoke('get', null, { address: NodeAddress.fromNodeId(7) });
    await fake.invoke('get', null, { address: 'https://elsewhere.test/ncp/nodes/9' });
    const chunks = [];
    for await (const chunk of fake.stream<number>('rows', null, group)) chunks.push(chunk);
    expect(chunks).toEqual([1, 2]);
    const task = await fake.startTask('work', null, group);
    expect((await fake.waitForTask(task)).result).toBe(1);
    const outcomes = await fake.invokeAll('get', null, group);
    expect(outcomes).toMatchObject([{ ok: true, result: { ok: true } }]);

    expect(fake.capturedCalls.map(({ address }) => address)).toEqual([
      'res:res-default',
      'node:7',
      'https://elsewhere.test/ncp/nodes/9',
      'group:5',
      'group:5',
      'group:5',
    ]);
    await expect(fake.invoke('get', null, { address: 'nowhere' })).rejects.toMatchObject(REFUSED);
    fake.close();
  });

  it('gives a member’s failure as its outcome', async () => {
    const fake = new FakeAncpClient();
    const down = new AncpError('down', { code: 'network' });
    fake.setupError('get', down);
    const [outcome] = await fake.invokeAll('get', null, { address: 'group:5' });
    expect(outcome).toMatchObject({ ok: false, error: down });
    fake.setupError('get', new AncpError('no', { code: 'forbidden', details: { why: 1 } }));
    const [refused] = await fake.invokeAll('get');
    expect(refused).toMatchObject({
      nodeId: 42,
      ok: false,
      error: { code: 'forbidden', status: 403, details: { why: 1 } },
    });
    expect(refused?.ok === false && refused.error).toBeInstanceOf(AncpError);
    fake.close();
  });
});
