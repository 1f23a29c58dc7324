import type { NodeAddress } from './address.js';
import { AncpError } from './error.js';
import type { Payment, PaymentTerms } from './payment.js';

/** A credential: the text itself, or a function that gives it, at once or later. */
export type CredentialSource = string | (() => string | PromiseLike<string>);

/** The bytes that a signer signs; a type that `crypto.subtle.sign` takes under every version of TypeScript. */
export type SignerMessage = ReturnType<InstanceType<typeof TextEncoder>['encode']>;

/**
 * Signs DID proofs: holds the Ed25519 key of a DID, or speaks to what holds it. `createDidKey()` of
 * `@bizfirst/ancp-core/did` makes one whose key can't be read, also not by scripts of the page.
 */
export interface DidSigner {
  /** The caller's DID, such as `did:key:z6Mk…` or `did:web:shop.example.com`. */
  readonly did: string;
  /** Which of the DID's keys signs: `{did}#{fragment}`. */
  readonly keyId: string;
  /** The Ed25519 signature of the message, 64 bytes; at once or later. Asked once for each request. */
  sign(message: SignerMessage): ArrayBuffer | Uint8Array | PromiseLike<ArrayBuffer | Uint8Array>;
}

/** A signer, or a function that gives it, at once or later. */
export type DidSource = DidSigner | (() => DidSigner | PromiseLike<DidSigner>);

/**
 * How a client authenticates. A function is asked at the first call; its answer is kept and shared by all calls. It is
 * asked again when a node refuses what it gave (401), once for all calls that were refused. What it throws becomes the
 * `cause` of an `unauthenticated` error.
 */
export type AncpAuth =
  | {
      /** Sent as `X-Ancp-Api-Key`. */
      readonly apiKey: CredentialSource;
    }
  | {
      /** Sent as `Authorization: Bearer …`. */
      readonly jwtToken: CredentialSource;
    }
  | {
      /** Signs a fresh proof for every request, sent as `X-Ancp-Did-Proof`. */
      readonly did: DidSource;
    };

/**
 * How a client pays for actions by itself. When a node answers a call with 402, the client asks the function to pay,
 * turns the transaction into a receipt, waiting for confirmations, and repeats the call with it. The receipt serves later
 * calls of the action until it expires. Nodes are paid where credentials may go to: at the base URL's origin (without
 * one: a direct URL's) and at those of `credentialOrigins`.
 *
 * The caps hold for the prices that nodes name, in USDC. The function decides in which token and on which chain it
 * pays, and should know their contracts and decimals rather than take a node's word.
 */
export interface AncpPayer {
  /**
   * Sends the token transfer that the terms ask for, and gives its hash and the address that it came from as soon as it
   * is sent. What it throws means that nothing was sent, and becomes the `cause` of a `payment_required` error.
   *
   * The signal is aborted once no call waits for the payment any more. A transaction that was sent is worth giving all
   * the same: it serves the next call.
   */
  pay(terms: PaymentTerms, options: { readonly signal: AbortSignal }): PromiseLike<Payment>;
  /**
   * The most that one call may cost, in USDC: a decimal string such as `'1.00'`. It holds for the price at its node, or
   * at all nodes together where it is a group's.
   */
  readonly maxPerCall: string;
  /** What the client may pay in all, in USDC: a decimal string. */
  readonly maxTotal: string;
  /** How long a call may take to pay and to get its receipt, in milliseconds, besides its own. Default 120000. */
  readonly timeout?: number | undefined;
}

/** How failed attempts are repeated, all under the same message id. */
export interface RetryOptions {
  /** How often a call is repeated at most. Default 3. */
  readonly maxRetries?: number | undefined;
  /** The first delay's upper bound in milliseconds; it doubles from there. Default 200. */
  readonly baseDelayMs?: number | undefined;
  /** The largest delay in milliseconds. Default 5000. */
  readonly maxDelayMs?: number | undefined;
}

/** Additional headers, by name or as pairs (a `Headers` object is one). */
export type HeaderOptions = Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;

/** What `fetch` is called with. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly redirect: 'manual';
  readonly cache?: 'no-store';
}

/** What is used of a response. Any object of this shape will do, such as a test's stub. */
export interface FetchResponse {
  readonly status: number;
  /** Without any, the body counts as `application/json`. */
  readonly headers?: { get(name: string): string | null };
  /** Read first, where it is there: by `getReader()`, else as an async iterable of bytes. */
  readonly body?: object | null;
  arrayBuffer?(): Promise<ArrayBuffer>;
  text?(): Promise<string>;
  json?(): Promise<unknown>;
}

/** A function that makes HTTP requests, such as the global `fetch`. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** Options of a client. They are checked at the first call, which rejects with `invalid_options` naming the option. */
export interface AncpClientOptions {
  /**
   * Where the nodes are, such as `https://api.example.com`. A path is allowed, a query is not. Only an `address` that is
   * a URL or a `did:web` does without.
   */
  readonly baseUrl?: string | URL | undefined;
  /** The node that calls go to: an integer or a name. */
  readonly nodeId?: number | string | undefined;
  /** The node or group that calls go to, by any kind of address; takes the place of `nodeId`. */
  readonly address?: NodeAddress | string | undefined;
  /** The tenant: a number or a name. Without one, the node fills in its own. */
  readonly tenantId?: number | string | undefined;
  /** The credential. Without one, calls go out without. */
  readonly auth?: AncpAuth | undefined;
  /**
   * Further origins that may have the credential, such as `https://nodes.example.com`. By default only the base URL's
   * may, wherever an address leads. The same holds for `headers` that carry credentials: `Authorization`, `Cookie`,
   * `Proxy-Authorization`, `X-Ancp-Api-Key` and `X-Ancp-Did-Proof`.
   */
  readonly credentialOrigins?: readonly string[] | undefined;
  /** Who pays for actions that have a price, at the origins that may have the credential. Without one, calls of those reject with `payment_required`. */
  readonly payer?: AncpPayer | undefined;
  /** How long a call may take in milliseconds, retries included. For a stream: until it begins. Default 30000. */
  readonly timeout?: number | undefined;
  /** How long a stream's connection may be silent, in milliseconds, before it counts as lost. Default 45000. */
  readonly livenessTimeout?: number | undefined;
  /** How long a stream may go without an event, in milliseconds, before it fails with `timeout`. Default 300000. */
  readonly idleTimeout?: number | undefined;
  /** How failed attempts are repeated; `false`: not at all. */
  readonly retry?: RetryOptions | false | undefined;
  /** Headers for every request. */
  readonly headers?: HeaderOptions | undefined;
  /**
   * Makes the requests. Default: the global `fetch`, looked up at each request. What it throws counts as `network`, and
   * an `AncpError` reaches the caller as it is.
   */
  readonly fetch?: Fetch | undefined;
}

/** Options of one call. */
export interface CallOptions {
  /**
   * The node or group that the call is for, as a `NodeAddress` or its string form. Default: the client's; for what
   * concerns a task, the node that this client started it on.
   */
  readonly address?: NodeAddress | string | undefined;
  /**
   * Aborts the call: it rejects at once with an `AncpError` of code `aborted` whose `cause` is the signal's reason, and
   * the request underneath ends.
   */
  readonly signal?: AbortSignal | undefined;
  /** How long the call may take in milliseconds, retries included. Default: the client's. */
  readonly timeout?: number | undefined;
  /** Headers for the requests of this call, besides the client's. */
  readonly headers?: HeaderOptions | undefined;
  /** Ties the call to others in logs. Default: the message's own id. */
  readonly correlationId?: string | undefined;
  /** The receipt of a payment that was made for the action. With one, the client's `payer` is not asked. */
  readonly receiptId?: string | undefined;
}

/** Options of {@link AncpClient.waitForTask}. */
export interface WaitOptions<Status = unknown> extends CallOptions {
  /**
   * Ask for the status at this interval in milliseconds. Default: listen to the node's events where it offers them, else
   * ask every 1000.
   */
  readonly pollIntervalMs?: number | undefined;
  /** How long to wait in milliseconds. It bounds the wait, not the task. Default: one hour. */
  readonly timeoutMs?: number | undefined;
  /** Called with each status that differs from the one before. What it throws ends the wait. */
  readonly onProgress?: ((status: Status) => void) | undefined;
}

/**
 * An error about options, raised before anything is sent.
 * @internal
 */
export function invalidOptions(message: string, cause?: unknown): AncpError {
  return new AncpError(message, cause === undefined ? { code: 'invalid_options' } : { code: 'invalid_options', cause });
}

/**
 * Headers as pairs, whichever way they were given.
 * @internal
 */
export function headerPairs(headers: HeaderOptions | undefined): (readonly [name: string, value: string])[] {
  if (!headers) return [];
  return Symbol.iterator in headers ? [...headers] : Object.entries(headers);
}

/**
 * A payload as JSON text; nothing (`undefined`) is `null`.
 * @internal
 */
export function stringify(payload: unknown): string {
  try {
    // `undefined` also comes of a function or a symbol.
    return JSON.stringify(payload) ?? 'null';
  } catch (cause) {
    throw invalidOptions('the payload cannot be written as JSON', cause);
  }
}
