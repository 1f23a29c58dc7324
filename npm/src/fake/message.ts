import type { AncpError } from '../error.js';
import type { FetchResponse } from '../options.js';
import type { AncpPattern } from '../types.js';

/** A call that a {@link FakeAncpClient} has made, as its node got it. */
export interface CapturedCall {
  /** The action's name. */
  readonly action: string;
  /** The pattern that it was called with. */
  readonly pattern: AncpPattern;
  /** The node or group that the call was for, as an address prints: `node:42`, `res:res-orders` … */
  readonly address: string;
  /** The payload as it arrived: a copy, without what JSON can't hold. Of `provideInput`, the input. */
  readonly payload: unknown;
  /** The headers of the request; names that the client itself writes are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly correlationId: string;
  /** The message's id, the same for all attempts of a call; only the first is captured. */
  readonly messageId: string;
  /** The task that the input is for; of `provideInput` only. */
  readonly taskId?: string;
  /** The receipt that the call was paid with. */
  readonly receiptId?: string;
}

/**
 * What an answer needs of the request that it answers.
 * @internal
 */
export interface Asked {
  readonly correlationId?: string | undefined;
}

/** A request's envelope, as far as it is looked at. */
interface RequestEnvelope {
  id: string;
  correlationId: string;
  body: {
    data: {
      payload: unknown;
      metadata: { extensions: { ncp: { action: string; pattern: AncpPattern; receiptId?: string } } };
    };
  };
}

/**
 * Reads a request.
 * @internal
 */
export function captured(
  body: string,
  headers: Record<string, string>,
  address: string,
  taskId: string | undefined,
): CapturedCall {
  const { id, correlationId, body: inner } = JSON.parse(body) as RequestEnvelope;
  const { action, pattern, receiptId } = inner.data.metadata.extensions.ncp;
  return {
    action,
    pattern,
    address,
    payload: inner.data.payload,
    headers,
    correlationId,
    messageId: id,
    ...(taskId !== undefined && { taskId }),
    ...(receiptId !== undefined && { receiptId }),
  };
}

let messages = 0;

/**
 * An IEnvelope, as text.
 * @internal
 */
export function envelope(asked: Asked, payload: unknown, ncp: object): string {
  messages += 1;
  return JSON.stringify({
    // A UUID v4 by its form is enough, and is to be had everywhere.
    id: `00000000-0000-4000-8000-${messages.toString(16).padStart(12, '0')}`,
    type: 'Response',
    timestamp: new Date().toISOString(),
    protocolVersion: '1.0',
    correlationId: asked.correlationId,
    body: { data: { payload: payload ?? null, metadata: { extensions: { ncp } } } },
  });
}

/**
 * `ncp.error`.
 * @internal
 */
export function errorMeta({ code, message, retryable, details }: AncpError): object {
  return { code, message, retryable, details };
}

/**
 * An answer with an IEnvelope.
 * @internal
 */
export function answer(asked: Asked, payload: unknown, ncp: object = {}, status = 200): FetchResponse {
  return json(envelope(asked, payload, { caller: { mode: 'none' }, ...ncp }), status);
}

/**
 * An answer with an error of the contract.
 * @internal
 */
export function refusal(asked: Asked, error: AncpError): FetchResponse {
  return json(envelope(asked, null, { error: errorMeta(error) }), error.status);
}

/**
 * An answer with JSON text.
 * @internal
 */
export function json(text: string, status = 200): FetchResponse {
  return { status, text: async () => text };
}

/**
 * One server-sent event.
 * @internal
 */
export function event(name: string, id: number | undefined, data: string): string {
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`;
}

/**
 * What gives the events of an answer, one at a time.
 * @internal
 */
export interface Events {
  /** The next event, `undefined` at the end. */
  read(): Promise<string | undefined>;
  /** The client has left. */
  cancel(): void;
}

/**
 * An answer with server-sent events.
 * @internal
 */
export function eventStream(events: Events, signal: AbortSignal): FetchResponse {
  signal.addEventListener('abort', () => events.cancel());
  const reader = {
    async read() {
      const value = await events.read();
      return { done: value === undefined, value };
    },
    async cancel() {
      events.cancel();
    },
  };
  return {
    status: 200,
    headers: { get: (name) => (name === 'content-type' ? 'text/event-stream' : null) },
    body: { getReader: () => reader },
  };
}

/**
 * Waits, on the timers of the moment, so that fake ones work.
 * @internal
 */
export function delay(milliseconds: number | undefined): Promise<void> | undefined {
  return milliseconds ? new Promise((resolve) => setTimeout(resolve, milliseconds)) : undefined;
}

/**
 * Waits until what has been read has gone through the client to whoever waits for it there, without any timer.
 * @internal
 */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await undefined;
}
