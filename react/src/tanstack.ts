/**
 * Options for TanStack Query, without a dependency on it.
 *
 * @packageDocumentation
 */

import type {
  ActionMap,
  ActionName,
  AncpClient,
  AnyAction,
  CallOptions,
  PayloadAndOptions,
  PayloadOf,
  ResultOf,
  UntypedActions,
  UntypedResult,
} from '@bizfirst/ancp-core';

/** Options of {@link ancpQueryOptions}. */
export interface AncpQueryOptionsOptions extends Omit<CallOptions, 'signal'> {
  /**
   * What the answer belongs to, in place of the client. Default: a number for each client, with the call's `address`, so
   * that answers of two nodes or two users are not taken for each other. Name it where the cache is carried over, such as
   * from a server, and where other options, such as `headers`, change the answer.
   */
  readonly scope?: string | number | undefined;
}

/** What `useQuery`, `useSuspenseQuery`, `prefetchQuery` and so on take. */
export interface AncpQueryOptions<Result> {
  readonly queryKey: readonly ['ancp', scope: string | number, action: string, payload: unknown];
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<Result>;
  /** The client itself repeats what is worth repeating. */
  readonly retry: false;
}

/** What `useMutation` takes. */
export interface AncpMutationOptions<Payload, Result> {
  readonly mutationKey: readonly ['ancp', action: string];
  readonly mutationFn: (payload: Payload) => Promise<Result>;
  /** The client itself repeats what is worth repeating. */
  readonly retry: false;
}

const scopes = new WeakMap<object, number>();
let lastScope = 0;

function scopeOf(client: object): number {
  const known = scopes.get(client);
  if (known !== undefined) return known;
  lastScope += 1;
  scopes.set(client, lastScope);
  return lastScope;
}

/**
 * A read for TanStack Query.
 *
 * @example
 * ```tsx
 * const client = useAncpClient();
 * const { data } = useQuery(ancpQueryOptions<Order>(client, 'get-order', { orderId }));
 * ```
 */
export function ancpQueryOptions<Actions extends ActionMap<Actions>, Name extends ActionName<Actions, 'request-reply'>>(
  client: AncpClient<Actions>,
  action: Name,
  ...rest: PayloadAndOptions<PayloadOf<Actions, Name>, AncpQueryOptionsOptions>
): AncpQueryOptions<ResultOf<Actions, Name>>;
export function ancpQueryOptions<Result = UntypedResult, Actions extends ActionMap<Actions> = UntypedActions>(
  client: AncpClient<Actions>,
  action: AnyAction<Actions>,
  payload?: unknown,
  options?: AncpQueryOptionsOptions,
): AncpQueryOptions<Result>;
export function ancpQueryOptions(
  client: AncpClient,
  action: string,
  payload?: unknown,
  { scope, ...options }: AncpQueryOptionsOptions = {},
): AncpQueryOptions<unknown> {
  const { address } = options;
  const own = scopeOf(client);
  return {
    queryKey: ['ancp', scope ?? (address ? `${own} ${address}` : own), action, payload],
    queryFn: ({ signal }) => client.invoke(action, payload, { ...options, signal }),
    retry: false,
  };
}

/**
 * A call for TanStack Query.
 *
 * @example
 * ```tsx
 * const client = useAncpClient();
 * const { mutate } = useMutation(ancpMutationOptions<NewOrder, Order>(client, 'place-order'));
 * ```
 */
export function ancpMutationOptions<
  Actions extends ActionMap<Actions>,
  Name extends ActionName<Actions, 'request-reply'>,
>(
  client: AncpClient<Actions>,
  action: Name,
  options?: CallOptions,
): AncpMutationOptions<PayloadOf<Actions, Name>, ResultOf<Actions, Name>>;
export function ancpMutationOptions<
  Payload = unknown,
  Result = UntypedResult,
  Actions extends ActionMap<Actions> = UntypedActions,
>(client: AncpClient<Actions>, action: AnyAction<Actions>, options?: CallOptions): AncpMutationOptions<Payload, Result>;
export function ancpMutationOptions(
  client: AncpClient,
  action: string,
  options?: CallOptions,
): AncpMutationOptions<unknown, unknown> {
  return {
    mutationKey: ['ancp', action],
    mutationFn: (payload) => client.invoke(action, payload, options),
    retry: false,
  };
}
