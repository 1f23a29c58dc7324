import type { AncpPayer, CredentialSource, DidSigner, DidSource, Fetch, FetchInit, FetchResponse } from '../options.js';
import type { Payment, PaymentTerms } from '../payment.js';
import { type BodyReader, letGo, nextOf, readAll, readerOf, TooLarge } from './body.js';
import type { Tokens } from './engine.js';
import { signerLines } from './lines.js';
import type { RawEngine } from './module.js';
import { PLACES } from './slots.js';
import { fromLatin1 } from './text.js';
import { Timers } from './timers.js';

/** What happens to calls; the engine's side of a {@link Host}, which it outlives where nobody holds the engine. */
export interface HostEvents {
  /** A call's payload as JSON text. */
  payload(call: number): string;
  parse(call: number, payload: string): boolean;
  progress(call: number, text: string, op: number): boolean;
  settle(call: number, ok: boolean, text: string): void;
  /** Runs something on the engine, if it is still there. */
  complete(run: (engine: RawEngine) => void): void;
}

/** What the host needs of a client's options. */
export interface HostOptions {
  readonly fetch: Fetch | undefined;
  /** Whether responses may come from the HTTP cache is told to `fetch` by `cache`, where that is understood. */
  readonly noStore: boolean;
  readonly credential: CredentialSource | DidSource | undefined;
  readonly payer: AncpPayer | undefined;
  readonly tokens: Tokens;
}

/** What the engine waits for, under a number of its own. */
interface Op {
  readonly number: number;
  readonly end: () => void;
  /** The answer that it reads. */
  body?: BodyReader;
}

/** A request without its body. */
interface Head {
  /** The URL and the headers, a line each. */
  readonly text: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How an op failed. The numbers are those of `Failure` in `wasm/src/failure.rs`. */
const FAILED = { network: 0, tooLarge: 1, notAResponse: 2, invalidOptions: 3, notSent: 4 } as const;

const METHODS = ['GET', 'POST', 'DELETE'] as const;

/** The longest that timers can wait; longer waits never end. */
const MAX_TIMER = 2 ** 31 - 1;

/** How long the function for the credential may take, in milliseconds, before the next call asks it anew. */
const MAX_ASKED = 30_000;

/** How many exceptions are kept for the errors that they cause. */
const MAX_CAUSES = 64;

/** How many signers are kept: those of the calls that run, of which the oldest may be some refusals behind. */
const MAX_SIGNERS = 64;

/**
 * What the WebAssembly module asks of JavaScript (`wasm/src/host.rs`). Its methods do not throw, and complete an op
 * only after they have returned. Globals are looked up at each use, so that fake timers and stubs work.
 */
export class Host {
  readonly #options: HostOptions;
  /** Weak, as the module holds this host for as long as the engine lives, which could then never be collected. */
  readonly #events: WeakRef<HostEvents>;
  /** What runs, and how it is ended. */
  readonly #ops: (Op | undefined)[] = [];
  #running = 0;
  readonly #timers = new Timers();
  /** The latest exceptions, over and over in the same places: an error is made of one soon or never. */
  readonly #causes: unknown[] = [];
  /** Whether the function for the credential was asked. */
  #hasAsked = false;
  /** The latest signers of DID proofs, in the same way. */
  readonly #signers: DidSigner[] = [];
  #signersGiven = 0;
  #failures = 0;
  /** The latest request's. */
  #head: Head = { text: '', url: '', headers: {} };
  readonly #random = new Uint8Array(1024);
  #randomLeft = 0;
  /** Whether what is left is of a cryptographic source. */
  #randomIsSecure = false;

  constructor(options: HostOptions, events: HostEvents) {
    this.#options = options;
    this.#events = new WeakRef(events);
    if (typeof options.credential === 'object') this.#keep(options.credential);
  }

  send(op: number, method: number, text: string, payload: number, limit: number): void {
    this.#attempt(op, (signal, running) => this.#send(signal, running, method, text, payload, limit));
  }

  read(number: number): void {
    const op = this.#op(number);
    if (!op?.body) return;
    nextOf(op.body).then(
      (bytes) => {
        const done = (engine: RawEngine) => engine.read(number, bytes);
        if (!bytes) this.#finish(op, done);
        else if (this.#op(number) === op) this.#complete(done);
      },
      (error: unknown) => this.#fail(op, FAILED.network, error),
    );
  }

  sleep(op: number, milliseconds: number): void {
    if (milliseconds > MAX_TIMER) return;
    const timer = this.#timers.start(milliseconds, () => this.#finish(running, (engine) => engine.fired(op)));
    const running = this.#begin(op, () => this.#timers.cancel(timer));
  }

  token(op: number): void {
    this.#attempt(op, async (_, running) => {
      const token = textOf(await this.#askCredential(), (signer) => this.#keep(signer));
      this.#finish(running, (engine) => engine.token(op, token));
    });
  }

  sign(op: number, signer: number, message: Uint8Array): void {
    // A copy, as the module's memory is used again before the signer is done.
    const bytes = message.slice();
    this.#attempt(op, async (_, running) => {
      // What is no signature is told by its length.
      const signature = new Uint8Array((await this.#signers[signer]?.sign(bytes)) ?? []);
      this.#finish(running, (engine) => engine.read(op, signature));
    });
  }

  pay(op: number, terms: string): void {
    this.#attempt(op, async (signal, running) => {
      const paid: unknown = await this.#options.payer?.pay(JSON.parse(terms) as PaymentTerms, { signal });
      const { txHash, payer } = (paid ?? {}) as Partial<Payment>;
      if (!(isLine(txHash) && isLine(payer))) throw new NoPayment(paid);
      this.#finish(running, (engine) => engine.token(op, `${txHash}\n${payer}`));
    });
  }

  /** Aborts the signal of an op that goes on. */
  unwanted(op: number): void {
    this.#op(op)?.end();
  }

  cancel(number: number): void {
    const op = this.#op(number);
    if (!op) return;
    this.#forget(op);
    if (op.body) letGo(op.body);
    op.end();
  }

  /** Whether something runs that the engine waits for. */
  get busy(): boolean {
    return this.#running > 0;
  }

  /** Ends all ops, for an instance that is gone. */
  cancelAll(): void {
    for (const op of [...this.#ops]) if (op) this.cancel(op.number);
    this.rest();
  }

  /** Lets go of what is kept for the next op, where there is none. */
  rest(): void {
    this.#timers.rest();
  }

  parse(call: number, payload: string): boolean {
    return this.#events.deref()?.parse(call, payload) ?? false;
  }

  /** The same for a payload of which each character is a byte: the module for Node.js asks for it. */
  parse_latin1(call: number, payload: Uint8Array): boolean {
    return this.parse(call, fromLatin1(payload));
  }

  progress(call: number, text: string, op: number): boolean {
    // The wait for the consumer holds nothing here.
    return this.#events.deref()?.progress(call, text, op) ?? true;
  }

  settle(call: number, ok: boolean, text: string): void {
    this.#events.deref()?.settle(call, ok, text);
  }

  now(): number {
    return performance.now();
  }

  unix_now(): number {
    return Date.now();
  }

  random(bytes: Uint8Array): boolean {
    // Asked for in bulk: one request takes as long as a good part of a call.
    if (this.#randomLeft < bytes.length) {
      this.#randomIsSecure = refill(this.#random);
      this.#randomLeft = this.#random.length;
    }
    this.#randomLeft -= bytes.length;
    bytes.set(this.#random.subarray(this.#randomLeft, this.#randomLeft + bytes.length));
    return this.#randomIsSecure;
  }

  /** The exception behind an error that the engine told of. */
  cause(number: number): unknown {
    return this.#causes[number];
  }

  /** Keeps a signer, and tells under which number. */
  #keep(signer: DidSigner): number {
    const number = this.#signersGiven++ % MAX_SIGNERS;
    this.#signers[number] = signer;
    return number;
  }

  /** A call that gives up does not make the function run a second time beside the first, unless that hangs. */
  #askCredential(): Promise<unknown> {
    const { credential, tokens } = this.#options;
    const isFirst = !this.#hasAsked;
    this.#hasAsked = true;
    // That of the client's engine before this one will do, until a node refuses it.
    if (isFirst && tokens.latest !== undefined) return Promise.resolve(tokens.latest);
    const now = this.now();
    if (tokens.asked && now - tokens.asked.at < MAX_ASKED) return tokens.asked.answer;
    const answer = Promise.resolve(typeof credential === 'function' ? credential() : credential)
      .then((given) => {
        tokens.latest = given;
        return given;
      })
      .finally(() => {
        if (tokens.asked === asked) tokens.asked = undefined;
      });
    const asked = { at: now, answer };
    tokens.asked = asked;
    return answer;
  }

  /** What runs under a number, if it still does. */
  #op(number: number): Op | undefined {
    const op = this.#ops[number % PLACES];
    return op?.number === number ? op : undefined;
  }

  #begin(number: number, end: () => void): Op {
    const op: Op = { number, end };
    this.#ops[number % PLACES] = op;
    this.#running += 1;
    return op;
  }

  /** @returns Whether it has run until now. */
  #forget(op: Op): boolean {
    if (this.#op(op.number) !== op) return false;
    this.#ops[op.number % PLACES] = undefined;
    this.#running -= 1;
    return true;
  }

  #attempt(number: number, run: (signal: AbortSignal, op: Op) => Promise<void>): void {
    const controller = new AbortController();
    const op = this.#begin(number, () => controller.abort());
    run(controller.signal, op).catch((error: unknown) => {
      if (error instanceof TooLarge) controller.abort();
      this.#fail(op, kindOf(error), error);
    });
  }

  async #send(
    signal: AbortSignal,
    op: Op,
    method: number,
    text: string,
    payload: number,
    limit: number,
  ): Promise<void> {
    const fetch: Fetch | undefined = this.#options.fetch ?? globalThis.fetch;
    if (typeof fetch !== 'function') throw new NoFetch();
    const [head, before, after] = text.split('\0') as [string, string?, string?];
    const { url, headers } = this.#headOf(head);
    const init: { -readonly [Name in keyof FetchInit]: FetchInit[Name] } = {
      method: METHODS[method] as string,
      headers: { ...headers },
      signal,
      // A redirect is answered by an error, not followed.
      redirect: 'manual',
    };
    if (before !== undefined) init.body = before + (payload ? this.#events.deref()?.payload(payload) : '') + after;
    // A task's status must not come from a cache.
    else if (method === 0 && this.#options.noStore) init.cache = 'no-store';
    const response = await fetch(url, init);
    if (typeof response?.status !== 'number') throw new NotAResponse();
    // Not within the engine, which what a response of one's own throws would bring down.
    const status = statusOf(response);
    const answer = headersOf(response, !limit);
    if (limit) {
      const bytes = await readAll(response, limit);
      this.#finish(op, (engine) => engine.answered(op.number, status, answer, bytes));
      return;
    }
    const body = readerOf(response);
    // Cancelled in the meantime, and the response does not know of the signal.
    if (signal.aborted) return letGo(body);
    op.body = body;
    this.#complete((engine) => engine.opened(op.number, status, answer));
  }

  /** What the lines of a request's head say: mostly the same as those of the call before. */
  #headOf(text: string): Head {
    if (text !== this.#head.text) {
      const [url, ...lines] = text.split('\n') as [string, ...string[]];
      const headers: Record<string, string> = {};
      for (let at = 0; at + 1 < lines.length; at += 2) headers[lines[at] as string] = lines[at + 1] as string;
      this.#head = { text, url, headers };
    }
    return this.#head;
  }

  #finish(op: Op, run: (engine: RawEngine) => void): void {
    // Otherwise it was cancelled, and the engine knows nothing of it.
    if (this.#forget(op)) this.#complete(run);
  }

  #complete(run: (engine: RawEngine) => void): void {
    this.#events.deref()?.complete(run);
  }

  #fail(op: Op, kind: number, error: unknown): void {
    const number = this.#failures++ % MAX_CAUSES;
    this.#causes[number] = error;
    const message = messageOf(error);
    this.#finish(op, (engine) => engine.failed(op.number, kind, message, number));
  }
}

/**
 * Fills the bytes at random, and says whether nobody can guess them: message ids need no secrecy, and there are places
 * without `crypto`.
 */
function refill(bytes: Uint8Array<ArrayBuffer>): boolean {
  const secure = typeof crypto !== 'undefined';
  if (secure) crypto.getRandomValues(bytes);
  else for (const at of bytes.keys()) bytes[at] = Math.random() * 256;
  return secure;
}

/** What the function for the credential gave, as the engine reads it: a token, or the lines of a signer. */
function textOf(given: unknown, keep: (signer: DidSigner) => number): string {
  if (typeof given === 'string') return given;
  const signer = given as DidSigner | null | undefined;
  if (typeof signer?.sign === 'function') return signerLines(keep(signer), signer);
  throw new TypeError('the function for the credential gave neither a string nor a signer');
}

class NoFetch extends Error {
  override message = 'fetch: there is no global one here, and none in the options';
}

class NoPayment extends Error {
  /** The answer is told, as it may be all that is known of a transaction. */
  constructor(answer: unknown) {
    let text = String(answer);
    try {
      text = JSON.stringify(answer) ?? text;
    } catch {
      // Told as well as it can be.
    }
    super(`payer: pay gave no { txHash, payer } but ${text}`);
  }
}

function isLine(value: unknown): value is string {
  return typeof value === 'string' && /^.+$/.test(value);
}

class NotAResponse extends Error {
  override message = 'what fetch gave is not a response: it has no status';
}

function kindOf(error: unknown): number {
  if (error instanceof TooLarge) return FAILED.tooLarge;
  if (error instanceof NoFetch || error instanceof NoPayment) return FAILED.invalidOptions;
  if (error instanceof NotAResponse) return FAILED.notAResponse;
  // How Node.js says that there was no connection.
  const { cause } = (error ?? {}) as { cause?: { code?: unknown } };
  return /^(ECONNREFUSED|ENOTFOUND)$/.test(String(cause?.code)) ? FAILED.notSent : FAILED.network;
}

function messageOf(error: unknown): string {
  const { message, cause } = (error ?? {}) as { message?: unknown; cause?: { message?: unknown } };
  try {
    return [message ?? error, cause?.message].filter(Boolean).map(String).join(': ');
  } catch {
    // Anything can be thrown, also what has no text.
    return 'something that is no Error was thrown';
  }
}

/** A redirect that was not followed has no status in browsers. */
function statusOf(response: FetchResponse & { readonly type?: string }): number {
  return response.type === 'opaqueredirect' ? 302 : response.status;
}

/** The headers that mean something in this place, one a line: a stream's `Location`, and of a failure when to try again. */
function headersOf({ headers, status }: FetchResponse, opened: boolean): string {
  if (!headers) return 'application/json';
  const value = (name: string) => headers.get(name) ?? '';
  const location = opened ? value('location') : '';
  const wait = status < 400 ? '' : waitOf(value('retry-after'));
  return `${value('content-type')}\n${location}\n${wait}\n${value('x-request-id')}`;
}

/** What a `Retry-After` asks for in milliseconds: seconds, or an HTTP date in any of its forms. Empty where it is neither. */
function waitOf(text: string): number | '' {
  // Held within 136 years, so that no sum of times overflows.
  if (/^\s*\d+\s*$/.test(text)) return Math.min(Number(text), 2 ** 32) * 1000;
  // More than that are dates to JavaScript, and one of the forms does not say that it is UTC.
  const isDate = /^\w+,? .+:\d\d( GMT| \d{4})$/.test(text);
  const wait = isDate ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) - Date.now() : Number.NaN;
  return Number.isNaN(wait) ? '' : Math.max(wait, 0);
}
