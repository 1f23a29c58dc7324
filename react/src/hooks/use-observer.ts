import type { AncpError } from '@bizfirst/ancp-core';
import { useInsertionEffect, useState, useSyncExternalStore } from 'react';
import type { Observer, Target } from '../observers/observer.js';
import { useAncpClient } from '../provider.js';

/** A component's own observer, and its state. */
export function useObserver<
  State extends { readonly error: AncpError | undefined },
  Options,
  Kind extends Observer<State, Options>,
>(
  Observer: new (target: Target<Options>) => Kind & Observer<State, Options>,
  action: string,
  options: Options,
): [observer: Kind, state: State] {
  const target = { client: useAncpClient(), action, options };
  const [observer] = useState(() => new Observer(target));
  // Before all other effects, which may call; and not while rendering, which may be for nothing.
  useInsertionEffect(() => {
    observer.target = target;
  });
  return [observer, useSyncExternalStore(observer.subscribe, observer.getSnapshot, observer.getServerSnapshot)];
}
