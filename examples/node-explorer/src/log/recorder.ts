import type { Fetch, FetchInit, FetchResponse } from '@bizfirst/ancp-core';
import { actionOf, type Exchange } from './exchange.ts';
import { redactHeaders, redactText } from './redact.ts';
import { tap } from './tap.ts';

const MOST = 200;

/** Keeps what goes over the wire: a store for `useSyncExternalStore`. */
export class Recorder {
  #exchanges: readonly Exchange[] = [];
  #number = 0;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The newest last. */
  readonly getSnapshot = (): readonly Exchange[] => this.#exchanges;

  readonly clear = (): void => this.#set([]);

  /** The global `fetch`, recorded with the credential redacted. */
  fetch(credential: string): Fetch {
    return async (url, init) => {
      const started = performance.now();
      const number = this.#begin(url, init, credential);
      const since = () => performance.now() - started;
      let response: Response;
      try {
        response = await fetch(url, init);
      } catch (error) {
        this.#update(number, { state: init.signal.aborted ? 'aborted' : 'failed', totalMs: since() });
        throw error;
      }
      this.#update(number, {
        status: response.status,
        headMs: since(),
        responseHeaders: redactHeaders([...response.headers], credential),
      });
      return this.#watch(number, response, credential, init.signal, since);
    };
  }

  #watch(
    number: number,
    response: Response,
    credential: string,
    signal: AbortSignal,
    since: () => number,
  ): FetchResponse {
    const end = (state: Exchange['state']) => this.#update(number, { state, totalMs: since() });
    if (!response.body) {
      end('complete');
      return response;
    }
    const body = tap(response.body, {
      text: (text, isCut) => this.#update(number, { responseBody: redactText(text, credential), isCut }),
      end: (isComplete) => end(isComplete ? 'complete' : signal.aborted ? 'aborted' : 'failed'),
      cancelled: () => end('aborted'),
    });
    return { status: response.status, headers: response.headers, body };
  }

  #begin(url: string, init: FetchInit, credential: string): number {
    this.#number += 1;
    const exchange: Exchange = {
      number: this.#number,
      method: init.method,
      url: redactText(url, credential),
      action: actionOf(init.body),
      startedAt: Date.now(),
      requestHeaders: redactHeaders(Object.entries(init.headers), credential),
      requestBody: init.body === undefined ? undefined : redactText(init.body, credential),
      status: undefined,
      responseHeaders: undefined,
      responseBody: '',
      isCut: false,
      headMs: undefined,
      totalMs: undefined,
      state: 'open',
    };
    this.#set([...this.#exchanges, exchange].slice(-MOST));
    return exchange.number;
  }

  #update(number: number, change: Partial<Exchange>): void {
    this.#set(this.#exchanges.map((exchange) => (exchange.number === number ? { ...exchange, ...change } : exchange)));
  }

  #set(exchanges: readonly Exchange[]): void {
    this.#exchanges = exchanges;
    for (const listener of this.#listeners) listener();
  }
}
