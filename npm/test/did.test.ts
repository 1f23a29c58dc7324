import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDidKey, type DidKey, didKeyFrom } from '../src/did.js';
import { AncpClient, type AncpClientOptions, AncpError, type DidSigner, type DidSource } from '../src/index.js';
import { chunk, done, events, failure, OPTIONS, type Received, result, scripted, task } from './node.js';

afterEach(() => vi.unstubAllGlobals());

const REFUSED = failure(401, 'unauthenticated');
const N = 'https://api.example.com/ncp/nodes/42';

function client(did: DidSource, ...answers: Parameters<typeof scripted>) {
  const fetch = scripted(...answers);
  return { client: new AncpClient({ ...OPTIONS, auth: { did }, fetch }), fetch };
}

/** The proof that came with a request, once its signature is found to be right. */
async function proofOf({ init }: Received, key: DidKey) {
  const proof = init.headers['x-ancp-did-proof'] ?? '';
  const [header = '', claims = '', signature = ''] = proof.split('.');
  const signed = new TextEncoder().encode(`${header}.${claims}`);
  const publicKey = key.keyPair.publicKey as CryptoKey;
  const valid = await crypto.subtle.verify('Ed25519', publicKey, Buffer.from(signature, 'base64url'), signed);
  expect(valid).toBe(true);
  const json = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { header: json(header), claims: json(claims) };
}

describe('a DID proof', () => {
  it('is the JWT of the contract', async () => {
    const key = await createDidKey();
    const { client: ancp, fetch } = client(key, result(1));
    await ancp.invoke('a');
    const [request] = fetch.requests as [Received];
    const { header, claims } = await proofOf(request, key);
    expect(header).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: key.keyId });
    const now = Date.now() / 1000;
    expect(claims).toEqual({
      iss: key.did,
      sub: key.did,
      aud: N,
      iat: expect.any(Number),
      exp: claims.iat + 60,
      jti: expect.stringMatching(/^[\w-]{22}$/),
    });
    expect(Math.abs(claims.iat - now)).toBeLessThan(30);
    expect(request.init.headers).not.toHaveProperty('authorization');
  });

  it('is another one for every request', async () => {
    const key = await createDidKey();
    const { client: ancp, fetch } = client(
      key,
      failure(503, 'unavailable'),
      task('Running', {}, null, 202),
      task('Running'),
      task('Completed'),
      events((request) => [chunk(request, 1, 'x', true)]),
      events((request) => [chunk(request, 2, 'y', true), done(request, 2)]),
    );
    const retrying = new AncpClient({ ...OPTIONS, retry: { baseDelayMs: 1 }, auth: { did: key }, fetch });
    const taskId = await retrying.startTask('run-payroll');
    await ancp.waitForTask(taskId, { pollIntervalMs: 1 });
    const chunks: unknown[] = [];
    for await (const chunk of ancp.stream('generate-report')) chunks.push(chunk);
    expect(chunks).toEqual(['x', 'y']);
    const proofs = await Promise.all(fetch.requests.map((request) => proofOf(request, key)));
    expect(proofs.length).toBe(6);
    expect(new Set(proofs.map(({ claims }) => claims.jti)).size).toBe(6);
    expect(proofs.every(({ claims }) => claims.aud === N)).toBe(true);
  });

  it('is signed by any object that can', async () => {
    const { keyPair } = await createDidKey();
    const names = { did: 'did:web:shop.example.com', keyId: 'did:web:shop.example.com#key-1' };
    const signer: DidSigner = {
      ...names,
      sign: async (message) =>
        new Uint8Array(await crypto.subtle.sign('Ed25519', keyPair.privateKey as CryptoKey, message)),
    };
    const key = await didKeyFrom(keyPair, names);
    expect([key.did, key.keyId]).toEqual([names.did, names.keyId]);
    const { client: ancp, fetch } = client(signer, result(1));
    await ancp.invoke('a');
    const { header, claims } = await proofOf(fetch.requests[0] as Received, key);
    expect([header.kid, claims.iss]).toEqual([names.keyId, names.did]);
  });

  it('is not tried again where the key is fixed', async () => {
    const { client: ancp, fetch } = client(await createDidKey(), REFUSED);
    await expect(ancp.invoke('a')).rejects.toMatchObject({ code: 'unauthenticated', status: 401 });
    expect(fetch.requests).toHaveLength(1);
  });

  it('is of another key after a 401, where a function gives it, once for all calls', async () => {
    const keys = [await createDidKey(), await createDidKey()] as const;
    const give = vi.fn(async () => keys[give.mock.calls.length - 1] as DidKey);
    const isFirst = ({ init }: Received) =>
      Buffer.from(init.headers['x-ancp-did-proof'] ?? '', 'base64url')
        .toString()
        .includes(keys[0].did);
    const { client: ancp, fetch } = client(give, (request) => (isFirst(request) ? REFUSED : result('ok'))(request));
    expect(await Promise.all([ancp.invoke('a'), ancp.invoke('b'), ancp.invoke('c')])).toEqual(['ok', 'ok', 'ok']);
    expect(give).toHaveBeenCalledTimes(2);
    // Signing takes its time: the refused attempt of one call may come after the second one of another.
    const renewed = fetch.requests.filter((request) => !isFirst(request));
    expect(renewed).toHaveLength(3);
    await Promise.all(renewed.map((request) => proofOf(request, keys[1])));
  });
});

describe('a signer that', () => {
  const names = { did: 'did:web:a', keyId: 'did:web:a#k' };
  const fails = async (did: unknown, expected: object) => {
    const { client: ancp, fetch } = client(did as DidSource, result(1));
    await expect(ancp.invoke('a', null, { timeout: 1000 })).rejects.toMatchObject(expected);
    expect(fetch.requests).toHaveLength(0);
  };

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('locked');
      },
    ],
    ['rejects', () => Promise.reject(new Error('locked'))],
  ])('%s is the cause', (_, sign) =>
    fails({ ...names, sign }, { code: 'unauthenticated', cause: { message: 'locked' }, mayHaveBeenDelivered: false }),
  );

  it.each([[new Uint8Array(63)], [new ArrayBuffer(65)], ['signature'], [undefined]])(
    'gives %o gives no signature',
    (signature) =>
      fails(
        { ...names, sign: () => signature },
        { code: 'unauthenticated', message: expect.stringContaining('64 bytes') },
      ),
  );

  it('never answers is given up with the call', async () => {
    const { client: ancp } = client({ ...names, sign: () => new Promise(() => {}) }, result(1));
    await expect(ancp.invoke('a', null, { timeout: 20 })).rejects.toMatchObject({ code: 'timeout' });
    const controller = new AbortController();
    const call = ancp.invoke('a', null, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
  });

  it.each<[unknown]>([
    [{ did: 'did:web:a', keyId: 'did:web:b#k' }],
    [{ did: 'did:web:a', keyId: 'did:web:a' }],
    [{ did: 'web:a', keyId: 'web:a#k' }],
    [{ did: 'did:web:a\n', keyId: 'did:web:a\n#k' }],
    [{}],
    ['did:web:a'],
  ])('is %o is refused', async (signer) => {
    const sign = () => new Uint8Array(64);
    const did = typeof signer === 'object' ? { sign, ...signer } : signer;
    await fails(did, { code: 'invalid_options' });
  });

  it.each<[unknown, string]>([
    ['did:web:a', 'invalid_options'],
    [null, 'unauthenticated'],
    [{}, 'unauthenticated'],
  ])('is given as %o is none', (given, code) => fails(() => given, { code }));
});

it('without cryptographic randomness there is no proof, and no request', async () => {
  vi.stubGlobal('crypto', undefined);
  vi.resetModules();
  const { AncpClient } = await import('../src/index.js');
  const fetch = scripted(result(1));
  const signer = { did: 'did:web:a', keyId: 'did:web:a#k', sign: () => new Uint8Array(64) };
  const ancp = new AncpClient({ ...OPTIONS, auth: { did: signer }, fetch });
  await expect(ancp.invoke('a')).rejects.toMatchObject({
    code: 'unauthenticated',
    message: expect.stringContaining('randomness'),
  });
  expect(fetch.requests).toHaveLength(0);
});

describe('the key of WebCrypto', () => {
  it('can not be read', async () => {
    const { keyPair } = await createDidKey();
    expect(keyPair.privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('pkcs8', keyPair.privateKey as CryptoKey)).rejects.toThrow();
  });

  it.each([
    [
      '0000000000000000000000000000000000000000000000000000000000000000',
      'z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp',
    ],
    [
      '0000000000000000000000000000000000000000000000000000000000000001',
      'z6MkjchhfUsD6mmvni8mCdXHw216Xrm9bQe2mBH1P5RDjVJG',
    ],
  ])('of seed %s has its did:key', async (seed, multibase) => {
    const key = await didKeyFrom(await pairOf(seed));
    expect(key.did).toBe(`did:key:${multibase}`);
    expect(key.keyId).toBe(`did:key:${multibase}#${multibase}`);
  });

  it('is refused where it is of another kind', async () => {
    const usages: KeyUsage[] = ['sign', 'verify'];
    const other = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, usages);
    const { keyPair } = await createDidKey();
    const pairs = [
      other,
      { privateKey: keyPair.publicKey, publicKey: keyPair.publicKey },
      { privateKey: keyPair.privateKey, publicKey: keyPair.privateKey },
      {} as typeof keyPair,
    ];
    for (const pair of pairs) {
      await expect(didKeyFrom(pair)).rejects.toMatchObject({ code: 'invalid_options' });
    }
  });

  it.each([
    ['crypto', undefined],
    ['crypto', { subtle: { generateKey: () => Promise.reject(new DOMException('no', 'NotSupportedError')) } }],
  ])('says what to do where there is none', async (name, value) => {
    vi.stubGlobal(name, value);
    const error: unknown = await createDidKey().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(AncpError);
    expect(error).toMatchObject({ code: 'invalid_options', message: expect.stringContaining('HTTPS') });
  });
});

describe('a credential goes', () => {
  const elsewhere = { ...OPTIONS, auth: { apiKey: 'bfk_secret-1' }, headers: { cookie: 'a=b' } };

  it('to the origin of the base URL, also where further ones are named', async () => {
    const fetch = scripted(result(1));
    const options: AncpClientOptions = { ...elsewhere, credentialOrigins: ['https://other.example.com'], fetch };
    await new AncpClient(options).invoke('a');
    expect(fetch.requests[0]?.init.headers).toMatchObject({ 'x-ancp-api-key': 'bfk_secret-1', cookie: 'a=b' });
  });

  it('nowhere else, and the 401 of a node elsewhere says so', async () => {
    const key = await createDidKey();
    for (const auth of [elsewhere.auth, { jwtToken: () => 'bfk_secret-1' }, { did: key }]) {
      const fetch = scripted(REFUSED);
      const ancp = new AncpClient({ ...elsewhere, auth, fetch });
      const call = ancp.invoke('a', null, { address: 'https://other.example.com/ncp/nodes/7' });
      await expect(call).rejects.toMatchObject({
        code: 'unauthenticated',
        status: 401,
        message: expect.stringMatching(/https:\/\/other\.example\.com.*credentialOrigins/),
      });
      expect(fetch.requests.map(({ init }) => Object.keys(init.headers))).toEqual([['accept', 'content-type']]);
    }
  });

  it.each(['other.example.com', 'https://other.example.com/path', 'a\nb'])('to no %o', async (origin) => {
    const fetch = scripted(result(1));
    const ancp = new AncpClient({ ...elsewhere, credentialOrigins: [origin], fetch });
    await expect(ancp.invoke('a')).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('credentialOrigin'),
    });
  });
});

/** The keys of a seed. */
async function pairOf(seed: string): Promise<CryptoKeyPair> {
  const pkcs8 = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
  const readable = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
  const { x } = await crypto.subtle.exportKey('jwk', readable);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: x as string };
  return {
    privateKey: await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']),
    publicKey: await crypto.subtle.importKey('jwk', jwk, 'Ed25519', true, ['verify']),
  };
}
