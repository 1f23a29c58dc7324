import type { AncpClient, AncpError, CallOptions } from '@bizfirst/ancp-core';
import { asAncpError, quiet } from './error.js';
import { Store } from './store.js';

/** Where an observer's calls go, as of the last render that was shown. */
export interface Target<Options> {
  readonly client: AncpClient;
  readonly action: string;
  readonly options: Options;
}

/** Options for all calls of a hook; those of a single call come before them. */
export type HookCallOptions = Omit<CallOptions, 'signal' | 'correlationId' | 'receiptId'>;

/** Changes the state, unless newer work has taken over. */
export type Update<State> = (change: Partial<State>) => void;

/** How a piece of work shows in the state. */
export interface Steps<State, Value> {
  readonly begin: Partial<State>;
  done(value: Value): Partial<State>;
}

/**
 * State that follows one piece of work at a time: the newest. An older one is aborted and can no longer change anything.
 */
export abstract class Observer<State extends { readonly error: AncpError | undefined }, Options> extends Store<State> {
  target: Target<Options>;
  readonly #idle: State;
  readonly #ended: Partial<State>;
  #running: AbortController | undefined;

  /**
   * @param idle The state before any work, and on the server.
   * @param ended What changes when work ends, however it does.
   */
  constructor(target: Target<Options>, idle: State, ended: Partial<State>) {
    super(idle);
    this.target = target;
    this.#idle = idle;
    this.#ended = ended;
  }

  readonly getServerSnapshot = (): State => this.#idle;

  /** Aborts what runs and forgets what there was. */
  readonly reset = (): void => this.clear();

  protected get isWorking(): boolean {
    return this.#running !== undefined;
  }

  /** Ends what runs; the state keeps what has come so far. */
  protected abort(): void {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    this.update(this.#ended);
    running.abort();
  }

  protected clear(): void {
    this.abort();
    this.update(this.#idle);
  }

  protected override left(): void {
    this.abort();
  }

  /** Does work in place of what runs. It rejects with an `AncpError`; where that is an abort, the state holds no error. */
  protected work<Value>(
    signal: AbortSignal | undefined,
    steps: Steps<State, Value>,
    begin: (signal: AbortSignal, update: Update<State>) => Promise<Value>,
  ): Promise<Value> {
    this.abort();
    const running = new AbortController();
    const forward = () => running.abort(signal?.reason);
    if (signal?.aborted) forward();
    signal?.addEventListener('abort', forward);
    const update: Update<State> = (change) => {
      if (this.#running === running) this.update(change);
    };
    const end = (change: Partial<State>) => {
      signal?.removeEventListener('abort', forward);
      if (this.#running !== running) return;
      this.#running = undefined;
      this.update({ ...this.#ended, ...change });
    };
    this.#running = running;
    this.update(steps.begin);
    return quiet(
      begin(running.signal, update).then(
        (value) => {
          end(steps.done(value));
          return value;
        },
        (thrown: unknown) => {
          const error = asAncpError(thrown);
          // Of the client's own `close`, too: nobody needs to be told.
          const aborted = running.signal.aborted || error.code === 'aborted';
          end(aborted ? {} : ({ error } as Partial<State>));
          throw error;
        },
      ),
    );
  }
}
