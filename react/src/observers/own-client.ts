import { AncpClient, type AncpClientOptions } from '@bizfirst/ancp-core';
import { stableKey } from './key.js';

/** A client that a provider made of its options. */
export class OwnClient {
  readonly client: AncpClient;
  /** The options of the newest render, which say the same as those that the client was made of. */
  options: AncpClientOptions;
  readonly #key: string;

  constructor(options: AncpClientOptions) {
    this.options = options;
    this.#key = stableKey(options);
    const { auth, payer } = options;
    this.client = new AncpClient({
      ...live(() => this.options),
      ...(auth && { auth: live(() => this.options.auth as typeof auth) }),
      ...(payer && { payer: { ...payer, pay: (...call) => (this.options.payer ?? payer).pay(...call) } }),
    });
  }

  /** Whether it can go on with these options. */
  serves(options: AncpClientOptions): boolean {
    return stableKey(options) === this.#key;
  }
}

/** A provider's client: made where the options ask for another one, and closed after the provider is gone. */
export class ClientKeeper {
  #shown: OwnClient | undefined;
  #next: OwnClient | undefined;
  #mounts = 0;

  /**
   * The client for these options. A render that is not shown yet, such as a transition that waits for its data, is done
   * again and again: it finds the client that it asked for before, and with it what has been read already.
   */
  for(options: AncpClientOptions): OwnClient {
    const known = [this.#shown, this.#next].find((own) => own?.serves(options));
    if (known) return known;
    this.#next = new OwnClient(options);
    return this.#next;
  }

  /** Tells what is shown. A client that was replaced finishes its work, and is then left to the garbage collector. */
  show(own: OwnClient | undefined, options: AncpClientOptions | undefined): void {
    this.#shown = own;
    if (own && options) own.options = options;
  }

  mount(): () => void {
    this.#mounts += 1;
    return () => {
      this.#mounts -= 1;
      // Hot reloading leaves and comes back at once.
      queueMicrotask(() => {
        if (this.#mounts === 0) this.#shown?.client.close();
      });
    };
  }
}

/** The same object, whose functions are looked up when they are called: inline ones are new at every render. */
function live<Options extends object>(newest: () => Options): Options {
  const entries = Object.entries(newest()).map(([name, value]) => [
    name,
    typeof value === 'function'
      ? (...args: unknown[]) => (newest() as Record<string, (...args: unknown[]) => unknown>)[name]?.(...args)
      : value,
  ]);
  return Object.fromEntries(entries) as Options;
}
