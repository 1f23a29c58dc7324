import type { AncpError } from '@bizfirst/ancp-core';
import { asAncpError, quiet } from './error.js';
import { Store } from './store.js';

/** How a read stands. A failure leaves the data of the last success. */
export interface QueryState<Data> {
  readonly data: Data | undefined;
  readonly error: AncpError | undefined;
  /** Whether there is neither an answer nor an error yet. */
  readonly isLoading: boolean;
  /** Whether a request is on its way, the first or a later one. */
  readonly isFetching: boolean;
}

/** Does the read. */
export type Load<Data> = (signal: AbortSignal) => Promise<Data>;

/** How a component watches a read. */
export interface Watch {
  /** Whether to read without being asked: at first, where the answer is stale, and at the interval. */
  readonly enabled: boolean;
  /** How old an answer may be when a component mounts. */
  readonly staleMs: number;
  /** How long the answer is kept once no component watches. */
  readonly cacheMs: number;
  /** How long after an answer the next one is asked for. */
  readonly intervalMs: number | undefined;
}

/** The state before the first request. */
export const PENDING: QueryState<never> = { data: undefined, error: undefined, isLoading: true, isFetching: false };

/** The same on the server, and for the first render of what it has rendered. */
export const ON_SERVER: QueryState<never> = { ...PENDING };

/** How long the answer to a component that suspends is kept until it watches. */
export const CACHE_MS = 300_000;

/**
 * How long an error is thrown to components that suspend, before they may ask again: long enough for React to reach the
 * error boundary, and short enough for a person who then presses "try again".
 */
const ERROR_MS = 500;

/** Timers with longer delays fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** One read, shared by all components that ask for the same. */
export class Query<Data> extends Store<QueryState<Data>> {
  readonly #load: Load<Data>;
  readonly #forget: () => void;
  readonly #watches = new Set<Watch>();
  #attempt: { readonly controller: AbortController; readonly promise: Promise<Data> } | undefined;
  #settledAt = Number.NEGATIVE_INFINITY;
  #thrownAt: number | undefined;
  #cacheMs = CACHE_MS;
  #interval: ReturnType<typeof setTimeout> | undefined;
  #expiry: ReturnType<typeof setTimeout> | undefined;

  /** @param forget Called once nobody has watched for a while. */
  constructor(load: Load<Data>, forget: () => void) {
    super(PENDING);
    this.#load = load;
    this.#forget = forget;
  }

  watch(listener: () => void, options: Watch): () => void {
    // A copy, as one component may come twice.
    const watch = { ...options };
    const leave = this.subscribe(listener);
    clearTimeout(this.#expiry);
    this.#watches.add(watch);
    this.#cacheMs = watch.cacheMs;
    if (watch.enabled && this.#age >= watch.staleMs) void this.fetch();
    else this.#schedule();
    return () => {
      this.#watches.delete(watch);
      this.#schedule();
      leave();
    };
  }

  /** Asks, unless a request is on its way. */
  fetch(): Promise<Data> {
    return this.#attempt?.promise ?? this.refetch();
  }

  /** Asks anew: the answer is none of before. */
  refetch(): Promise<Data> {
    const older = this.#attempt;
    const controller = new AbortController();
    const promise = quiet(this.#read(controller));
    this.#attempt = { controller, promise };
    clearTimeout(this.#interval);
    clearTimeout(this.#expiry);
    this.update({ isFetching: true });
    older?.controller.abort();
    return promise;
  }

  /** The data; or throws the error, or the promise that React waits for. */
  suspend(): Data {
    const { data, error } = this.getSnapshot();
    if (data !== undefined) return data;
    if (!error) throw this.fetch();
    // From when it was first thrown: a slow page may come back for it long after it was there.
    this.#thrownAt ??= Date.now();
    throw Date.now() - this.#thrownAt < ERROR_MS ? error : this.fetch();
  }

  protected override left(): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.update({ isFetching: false });
    attempt?.controller.abort();
    this.#expire();
  }

  get #age(): number {
    return Date.now() - this.#settledAt;
  }

  async #read(controller: AbortController): Promise<Data> {
    const isNewest = () => this.#attempt?.controller === controller;
    try {
      const data = await this.#load(controller.signal);
      if (isNewest()) this.#settle({ data, error: undefined });
      return data;
    } catch (thrown) {
      const error = asAncpError(thrown);
      if (isNewest()) this.#settle(error.code === 'aborted' ? {} : { error });
      // Whoever waits for this answer is served by the newer one.
      else if (this.#attempt) return this.#attempt.promise;
      throw error;
    }
  }

  #settle(change: Partial<QueryState<Data>>): void {
    this.#attempt = undefined;
    this.#settledAt = Date.now();
    this.#thrownAt = undefined;
    this.update({ ...change, isLoading: false, isFetching: false });
    this.#schedule();
    if (!this.isWatched) this.#expire();
  }

  /** Sees to the next request at the shortest interval that anybody wants. */
  #schedule(): void {
    clearTimeout(this.#interval);
    const intervals = [...this.#watches].map(({ enabled, intervalMs }) => (enabled && intervalMs) || LONGEST_MS);
    const shortest = Math.min(LONGEST_MS, ...intervals);
    if (this.#attempt || shortest === LONGEST_MS) return;
    this.#interval = setTimeout(() => void this.fetch(), shortest);
  }

  #expire(): void {
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(this.#forget, Math.min(this.#cacheMs, LONGEST_MS));
    // In Node.js, an answer that is kept is no reason to keep the process.
    (this.#expiry as { unref?(): void }).unref?.();
  }
}
