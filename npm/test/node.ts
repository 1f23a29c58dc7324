/** A scripted node behind `fetch`: what the tests of the public API talk to. */

import type { Fetch, FetchInit, FetchResponse } from '../src/options.js';

/** A request as the node got it. */
export interface Received {
  url: string;
  path: string;
  init: FetchInit;
  // biome-ignore lint/suspicious/noExplicitAny: an envelope, looked into by tests
  body: any;
}

export type Answer = (request: Received) => FetchResponse | Promise<FetchResponse>;

/** A `fetch` that gives the answers in turn, the last one over and over, and remembers what came. */
export function scripted(...answers: Answer[]): Fetch & { requests: Received[] } {
  const requests: Received[] = [];
  let next = 0;
  const fetch: Fetch = async (url, init) => {
    const body = init.body === undefined ? undefined : JSON.parse(init.body);
    const request = { url, path: url.replace(/^https?:\/\/[^/]*/, ''), init, body };
    requests.push(request);
    const answer = answers[Math.min(next++, answers.length - 1)];
    if (!answer) throw new Error('no answer was scripted');
    return answer(request);
  };
  return Object.assign(fetch, { requests });
}

/** An IEnvelope that answers a request. */
export function envelope(request: Received, payload: unknown, ncp: object = {}): string {
  const extensions = { ncp: { nodeId: 42, caller: { mode: 'none' }, ...ncp } };
  return JSON.stringify({
    id: crypto.randomUUID(),
    type: 'Response',
    source: 'node://7/42',
    destination: 'service://7/ancp-client',
    tenantId: '7',
    timestamp: new Date().toISOString(),
    protocolVersion: '1.0',
    correlationId: request.body?.correlationId,
    body: { data: { payload, metadata: { extensions } } },
  });
}

export const JSON_TYPE = { 'content-type': 'application/json' };

/** A result. */
export function result(payload: unknown, status = 200): Answer {
  return (request) => new Response(envelope(request, payload), { status, headers: JSON_TYPE });
}

/** An error in the words of the contract. */
export function failure(status: number, code: string, more: object = {}, headers: Record<string, string> = {}): Answer {
  return (request) =>
    new Response(envelope(request, null, { error: { code, message: `about ${code}`, retryable: false, ...more } }), {
      status,
      headers: { ...JSON_TYPE, ...headers },
    });
}

/** A task's status. */
export function task(state: string, more: object = {}, payload: unknown = null, status = 200): Answer {
  return (request) =>
    new Response(envelope(request, payload, { task: taskMeta(state, more) }), { status, headers: JSON_TYPE });
}

export function taskMeta(state: string, more: object = {}): object {
  const at = '2026-05-25T09:14:00.000Z';
  return {
    taskId: 'T1',
    action: 'run-payroll',
    state,
    progress: null,
    message: null,
    createdAt: at,
    updatedAt: at,
    ...more,
  };
}

/** One event of a stream. */
export function event(request: Received, name: string, payload: unknown, ncp: object, id?: number): string {
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${envelope(request, payload, ncp)}\n\n`;
}

export function chunk(request: Received, sequence: number, payload: unknown, resumable = false): string {
  return event(request, 'chunk', payload, { stream: { streamId: 'S1', sequence, resumable } }, sequence);
}

export function done(request: Received, sequence: number, payload: unknown = null): string {
  return event(request, 'done', payload, { stream: { streamId: 'S1', sequence, final: true } });
}

/** A stream's answer: each text is one network read, given only when it is asked for. */
export function events(texts: (request: Received) => Iterable<string> | AsyncIterable<string>): Answer {
  return (request) => {
    const iterator = toAsync(texts(request));
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await iterator.next();
          if (done) controller.close();
          else controller.enqueue(encoder.encode(value));
        },
        async cancel() {
          await iterator.return(undefined);
        },
      },
      { highWaterMark: 0 },
    );
    request.init.signal.addEventListener('abort', () => void iterator.return(undefined));
    return new Response(body, {
      headers: { 'content-type': 'text/event-stream', location: '/ncp/nodes/42/streams/S1' },
    });
  };
}

async function* toAsync(texts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  yield* texts;
}

/** An answer that never comes, but ends when the request is aborted. */
export const never: Answer = (request) =>
  new Promise((_, reject) => {
    request.init.signal.addEventListener('abort', () => reject(request.init.signal.reason));
  });

export const OPTIONS = { baseUrl: 'https://api.example.com', nodeId: 42, retry: false } as const;
