import type { ActionMap, AncpClient, AncpClientOptions, UntypedActions } from '@bizfirst/ancp-core';
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useInsertionEffect,
  useState,
} from 'react';
import { ClientKeeper } from './observers/own-client.js';

/** Either a client, or the options to make one of. */
export type AncpProviderProps = { readonly children?: ReactNode } & (
  | {
      /** A client of yours, such as a `FakeAncpClient`. It is yours to close. */
      readonly client: AncpClient;
      readonly options?: undefined;
    }
  | {
      /**
       * The options of a client, which may be written inline: as long as they say the same, the client stays. Where they
       * say something else, such as another token, later calls go to a new client, and what runs finishes on the old one.
       *
       * Functions (`fetch`, a credential, a payer's `pay`) count as equal, and the newest ones are called. A client keeps a
       * credential that a function gave until a node refuses it: for another user, give the provider a `key`, or the token
       * itself.
       */
      readonly options: AncpClientOptions;
      readonly client?: undefined;
    }
);

const ClientContext = createContext<AncpClient | undefined>(undefined);

/**
 * Gives its children a client. One that it makes of `options` is closed after it has unmounted.
 *
 * @example
 * ```tsx
 * <AncpProvider options={{ baseUrl: 'https://api.example.com', nodeId: 42, auth: { jwtToken: token } }}>
 *   <App />
 * </AncpProvider>
 * ```
 */
export function AncpProvider({ client, options, children }: AncpProviderProps): ReactElement {
  const own = useOwnClient(options);
  return createElement(ClientContext.Provider, { value: client ?? own }, children);
}

/** The client of the nearest {@link AncpProvider}. */
export function useAncpClient<Actions extends ActionMap<Actions> = UntypedActions>(): AncpClient<Actions> {
  const client = useContext(ClientContext);
  if (!client) throw new Error('no AncpProvider with a client around this component');
  return client as AncpClient<Actions>;
}

function useOwnClient(options: AncpClientOptions | undefined): AncpClient | undefined {
  const [keeper] = useState(() => new ClientKeeper());
  const own = options && keeper.for(options);
  useInsertionEffect(() => keeper.show(own, options));
  // Unlike other effects, these stay while the provider is hidden: what comes back with it meets a client that is open.
  useInsertionEffect(() => keeper.mount(), [keeper]);
  return own?.client;
}
