import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { AncpError } from '../src/index.js';

describe('AncpError', () => {
  it('derives the code from the status', () => {
    const error = new AncpError('Unauthorized', 401);
    expect(error).toMatchObject({ name: 'AncpError', message: 'Unauthorized', code: 'unauthenticated', status: 401 });
    const codes = [400, 402, 403, 404, 408, 409, 410, 413, 418, 425, 429, 500, 502, 503, 504, 0];
    expect(codes.map((status) => new AncpError('', status).code)).toEqual([
      'invalid_envelope',
      'payment_required',
      'forbidden',
      'node_not_found',
      'timeout',
      'duplicate_id',
      'stream_expired',
      'payload_too_large',
      'invalid_response',
      'unavailable',
      'rate_limited',
      'handler_error',
      'unavailable',
      'unavailable',
      'timeout',
      'network',
    ]);
    const retryable = codes.filter((status) => new AncpError('', status).retryable);
    expect(retryable).toEqual([408, 425, 429, 502, 503, 504, 0]);
  });

  it('derives the status from the code', () => {
    expect(new AncpError('', { code: 'tenant_mismatch' })).toMatchObject({ status: 403, mayHaveBeenDelivered: true });
    expect(new AncpError('', { code: 'network' })).toMatchObject({
      status: 0,
      retryable: true,
      mayHaveBeenDelivered: false,
    });
    expect(new AncpError('', { code: 'out_of_stock' })).toMatchObject({ status: 500, retryable: false });
    expect(new AncpError('', { code: 'toString' })).toMatchObject({ status: 500 });
    expect(new AncpError('boom')).toMatchObject({ code: 'handler_error', status: 500 });
  });

  it('takes everything, and has a cause only where it was given one', () => {
    const cause = new Error('why');
    const error = new AncpError('m', 503, { requestId: 'r', operation: 'o', details: [1], retryable: false, cause });
    expect(error).toMatchObject({ requestId: 'r', operation: 'o', details: [1], retryable: false, cause });
    expect('cause' in new AncpError('m')).toBe(false);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'AncpError',
      message: 'm',
      code: 'unavailable',
      status: 503,
      retryable: false,
      requestId: 'r',
      operation: 'o',
      details: [1],
      mayHaveBeenDelivered: true,
    });
  });

  it('leaves its cause out of logs, also one that it was given later', () => {
    const error = Object.assign(new AncpError('m'), { cause: { authorization: 'Bearer secret' } });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('is recognised across copies and realms, and tells subclasses apart', async () => {
    vi.resetModules();
    const copy = (await import('../src/error.js')).AncpError;
    expect(copy).not.toBe(AncpError);
    expect(new copy('x')).toBeInstanceOf(AncpError);
    const foreign: unknown = runInNewContext(
      "Object.defineProperty(new Error('x'), Symbol.for('@bizfirst/ancp-core/AncpError'), { value: true })",
    );
    expect(foreign).toBeInstanceOf(AncpError);
    expect(foreign).not.toBeInstanceOf(Error);
    class Mine extends AncpError {}
    expect(new Mine('x')).toBeInstanceOf(AncpError);
    expect(new Mine('x')).toBeInstanceOf(Mine);
    expect(new AncpError('x')).not.toBeInstanceOf(Mine);
    for (const other of [new Error('x'), null, undefined, 'AncpError', {}]) expect(other).not.toBeInstanceOf(AncpError);
  });
});
