import { describe, expect, it } from 'vitest';
import { AncpClient, AncpError } from '../src/index.js';
import { failure, OPTIONS, result, scripted } from './node.js';

describe('invoke', () => {
  it('sends an envelope and gives the result', async () => {
    const fetch = scripted(result({ status: 'Active', total: 99.99 }));
    const client = new AncpClient({ ...OPTIONS, auth: { apiKey: 'bfk_1' }, fetch });
    const order = await client.invoke('get-order', { orderId: 'ORD-123' });
    expect(order).toEqual({ status: 'Active', total: 99.99 });
    expect(order.status).toBe('Active');
    const [request] = fetch.requests;
    expect(request?.url).toBe('https://api.example.com/ncp/nodes/42/invoke');
    expect(request?.init).toMatchObject({
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', 'x-ancp-api-key': 'bfk_1' },
    });
    expect(request?.body).toMatchObject({
      type: 'Query',
      protocolVersion: '1.0',
      body: {
        data: {
          payload: { orderId: 'ORD-123' },
          metadata: { extensions: { ncp: { action: 'get-order', pattern: 'request-reply' } } },
        },
      },
    });
  });

  it('tells the error of the node', async () => {
    const fetch = scripted(
      failure(409, 'pattern_mismatch', { details: { expected: 'streaming' } }, { 'x-request-id': 'R-1' }),
    );
    const client = new AncpClient({ ...OPTIONS, fetch });
    const error = await client.invoke('generate-report').catch((error: unknown) => error);
    expect(error).toBeInstanceOf(AncpError);
    expect(error).toMatchObject({
      code: 'pattern_mismatch',
      status: 409,
      message: 'about pattern_mismatch',
      retryable: false,
      requestId: 'R-1',
      details: { expected: 'streaming' },
      mayHaveBeenDelivered: true,
    });
  });

  it('gives each request headers of its own', async () => {
    const seen: string[] = [];
    const answer = scripted(result(1));
    const client = new AncpClient({
      ...OPTIONS,
      auth: { apiKey: 'bfk_1' },
      fetch: (url, init) => {
        seen.push(JSON.stringify(init.headers));
        init.headers['x-added'] = 'by the fetch';
        return answer(url, init);
      },
    });
    await client.invoke('a');
    await client.invoke('a');
    await client.invoke('a', null, { headers: { 'x-call': '3' } });
    await client.invoke('a');
    const [first, second, third, fourth] = seen;
    expect(first).toContain('bfk_1');
    expect([second, fourth]).toEqual([first, first]);
    expect(third).toContain('"x-call":"3"');
    expect(third).not.toContain('x-added');
  });
});
