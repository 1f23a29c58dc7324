import type { AcceptedToken, PaymentReason, PaymentTerms } from './payment.js';

/**
 * What went wrong, in the words of the ANCP contract. The first group comes from a node, the second is raised by
 * the client itself with status 0. An action may add codes of its own.
 */
export type AncpErrorCode = (typeof CODES)[keyof typeof CODES][number] | (string & {});

/** Circumstances of an {@link AncpError}; what is left out is derived from the code or the status. */
export interface AncpErrorOptions {
  /** What went wrong. Default: what the contract names for the status. */
  readonly code?: AncpErrorCode | undefined;
  /** The HTTP status, 0 for the client's own errors. Default: the one that belongs to the code. */
  readonly status?: number | undefined;
  /** Whether trying again may help. Default: whether the client itself would try again. */
  readonly retryable?: boolean | undefined;
  /** The node's id of the request, for its logs. */
  readonly requestId?: string | undefined;
  /** The operation that failed, such as `invoke get-order`. */
  readonly operation?: string | undefined;
  /** What the node added. */
  readonly details?: unknown;
  /** Whether the node may have seen the call. Default: whether a node answered. */
  readonly mayHaveBeenDelivered?: boolean | undefined;
  /** The underlying cause: an abort's reason, or what `fetch` or a token provider threw. */
  readonly cause?: unknown;
}

/**
 * Codes by their status, 0 for the client's own. One that comes without a code means the first; a code that stands more than
 * once has the last.
 */
const CODES = {
  0: [
    'network',
    'aborted',
    'invalid_options',
    'invalid_response',
    'response_too_large',
    'stream_interrupted',
    'address_not_found',
    'wasm_unavailable',
    'closed',
  ],
  400: ['invalid_envelope', 'invalid_payload', 'tenant_required', 'unsupported_version'],
  401: ['unauthenticated'],
  402: ['payment_required'],
  403: ['forbidden', 'tenant_mismatch'],
  404: ['node_not_found', 'action_not_found', 'task_not_found', 'stream_not_found'],
  408: ['timeout'],
  409: ['duplicate_id', 'pattern_mismatch', 'task_not_waiting'],
  410: ['stream_expired', 'task_expired'],
  413: ['payload_too_large'],
  425: ['unavailable'],
  429: ['rate_limited'],
  500: ['handler_error'],
  503: ['unavailable'],
  504: ['timeout'],
} as const;

const RETRYABLE_STATUS: readonly number[] = [408, 425, 429, 502, 503, 504];

// Registered for the whole process, so that another copy of this package, or another realm, finds it.
const BRAND = Symbol.for('@bizfirst/ancp-core/AncpError');

/**
 * The one error that this package throws.
 *
 * `instanceof AncpError` also recognises errors of another copy of this package (a bundle with two versions, or an
 * ESM and a CommonJS copy) and of another realm. An error never holds a credential.
 *
 * @example
 * ```ts
 * import { AncpClient, AncpError } from '@bizfirst/ancp-core';
 *
 * const client = new AncpClient({ baseUrl: 'https://api.example.com', nodeId: 42 });
 * try {
 *   await client.invoke('get-order', { orderId: 'ORD-123' });
 * } catch (error) {
 *   if (!(error instanceof AncpError)) throw error;
 *   console.error(error.code, error.status, error.requestId);
 * }
 * ```
 */
export class AncpError extends Error {
  override readonly name = 'AncpError';
  /** What went wrong: the contract's codes, or an action's own. */
  readonly code: AncpErrorCode;
  /** The HTTP status; 0 for errors that the client itself raises. */
  readonly status: number;
  /** Whether trying again may help. */
  readonly retryable: boolean;
  /** The node's id of the request (`X-Request-Id`), for its logs. */
  readonly requestId: string | undefined;
  /** The operation that failed, such as `invoke get-order`. */
  readonly operation: string | undefined;
  /** What the node added, as it came. */
  readonly details: unknown;
  /** Whether the node may have seen the call: where it is false, repeating the call is safe. */
  readonly mayHaveBeenDelivered: boolean;

  /**
   * @param message A sentence for people.
   * @param status The HTTP status; the code follows from it.
   * @param options More circumstances.
   */
  constructor(message: string, status: number, options?: AncpErrorOptions);
  /**
   * @param message A sentence for people.
   * @param options The circumstances. With neither a code nor a status it is `handler_error` with status 500.
   */
  constructor(message: string, options?: AncpErrorOptions);
  constructor(message: string, second?: number | AncpErrorOptions, third: AncpErrorOptions = {}) {
    const options = typeof second === 'object' ? second : { ...third, status: second ?? third.status };
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    const status = options.status ?? (options.code === undefined ? 500 : statusOf(options.code));
    this.code = options.code ?? codeOf(status);
    this.status = status;
    this.retryable = options.retryable ?? (RETRYABLE_STATUS.includes(status) || this.code === 'network');
    this.requestId = options.requestId;
    this.operation = options.operation;
    this.details = options.details;
    this.mayHaveBeenDelivered = options.mayHaveBeenDelivered ?? status !== 0;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /**
   * Price and terms, where the call failed because it must be paid. What the node has not told is empty, and what it has
   * told in a wrong way is left out.
   *
   * @example
   * ```ts
   * try {
   *   await client.invoke('run-payroll', { month: '2026-03' });
   * } catch (error) {
   *   if (!(error instanceof AncpError && error.payment)) throw error;
   *   console.log(`${error.payment.action} costs ${error.payment.priceUsdc} USDC`);
   * }
   * ```
   */
  get payment(): PaymentTerms | undefined {
    const { action, priceUsdc, ...more } = refusal(this);
    if (typeof action !== 'string' || typeof priceUsdc !== 'string') return undefined;
    const { evmAddress, acceptedTokens } = more;
    return {
      action,
      priceUsdc,
      evmAddress: typeof evmAddress === 'string' ? evmAddress : null,
      acceptedTokens: Array.isArray(acceptedTokens) ? acceptedTokens.filter(isToken) : [],
      requiredConfirmations: count(more.requiredConfirmations),
      receiptValiditySec: count(more.receiptValiditySec),
    };
  }

  /** Why the node refused the payment or the receipt. Without a reason, the call has not been paid yet. */
  get paymentReason(): PaymentReason | undefined {
    const { reason } = refusal(this);
    return typeof reason === 'string' ? reason : undefined;
  }

  /** Everything but the cause and the stack, for logs. */
  toJSON(): Record<string, unknown> {
    // A cause that was set later is a field like any other.
    return { ...(this as object), message: this.message, cause: undefined };
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A user's own subclass is told apart by its prototype. (The class is not named here: bundlers would rename it.)
    // biome-ignore lint/complexity/noThisInStatic: `this` is the class that `instanceof` was asked about
    if (!Object.hasOwn(this, Symbol.hasInstance)) return super[Symbol.hasInstance](value);
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** The details of a `payment_required`, which may be anything. */
function refusal({ code, details }: AncpError): { readonly [field: string]: unknown } {
  return code === 'payment_required' && typeof details === 'object' && details ? { ...details } : {};
}

function isToken(token: unknown): token is AcceptedToken {
  if (typeof token !== 'object' || !token) return false;
  const { symbol, chainId, contract, decimals } = token as { readonly [field: string]: unknown };
  const isText = typeof symbol === 'string' && typeof contract === 'string';
  return isText && Number.isInteger(chainId) && Number.isInteger(decimals);
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.floor(value) : 0;
}

function statusOf(code: string): number {
  let found = 500;
  for (const [status, codes] of Object.entries(CODES)) {
    if ((codes as readonly string[]).includes(code)) found = Number(status);
  }
  return found;
}

function codeOf(status: number): AncpErrorCode {
  const [code] = (CODES as Readonly<Record<number, readonly string[]>>)[status] ?? [];
  return code ?? (status >= 500 ? 'unavailable' : 'invalid_response');
}
