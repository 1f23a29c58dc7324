import type {
  ActionMap,
  ActionName,
  AncpClient,
  ChunkOf,
  PayloadAndOptions,
  PayloadOf,
  ResultOf,
} from '@bizfirst/ancp-core';
import {
  type UseAncpQueryResult,
  type UseAncpSuspenseQueryResult,
  useAncpQuery,
  useAncpSuspenseQuery,
} from './hooks/use-ancp-query.js';
import { useAncpCapabilities } from './hooks/use-capabilities.js';
import { type UseAncpInvokeResult, useAncpInvoke } from './hooks/use-invoke.js';
import { useAncpPing } from './hooks/use-ping.js';
import type { QueryHookOptions } from './hooks/use-query.js';
import { type UseAncpStreamResult, useAncpStream } from './hooks/use-stream.js';
import { type UseAncpTaskResult, useAncpTask } from './hooks/use-task.js';
import type { HookCallOptions } from './observers/observer.js';
import type { PlainStreamOptions, ReducingStreamOptions } from './observers/stream.js';
import type { TaskOptions } from './observers/task.js';
import { useAncpClient } from './provider.js';

/** The hooks, for a node whose actions are known: names, payloads and results are checked. */
export interface AncpHooks<Actions extends ActionMap<Actions>> {
  /** See {@link useAncpClient}. */
  useAncpClient(): AncpClient<Actions>;

  /** See {@link useAncpInvoke}. */
  useAncpInvoke<Name extends ActionName<Actions, 'request-reply'>>(
    action: Name,
    options?: HookCallOptions,
  ): UseAncpInvokeResult<PayloadOf<Actions, Name>, ResultOf<Actions, Name>>;

  /** See {@link useAncpQuery}. */
  useAncpQuery<Name extends ActionName<Actions, 'request-reply'>>(
    action: Name,
    ...rest: PayloadAndOptions<PayloadOf<Actions, Name>, QueryHookOptions>
  ): UseAncpQueryResult<ResultOf<Actions, Name>>;

  /** See {@link useAncpSuspenseQuery}. */
  useAncpSuspenseQuery<Name extends ActionName<Actions, 'request-reply'>>(
    action: Name,
    ...rest: PayloadAndOptions<PayloadOf<Actions, Name>, Omit<QueryHookOptions, 'enabled'>>
  ): UseAncpSuspenseQueryResult<ResultOf<Actions, Name>>;

  /** See {@link useAncpStream}. */
  useAncpStream<Name extends ActionName<Actions, 'streaming'>>(
    action: Name,
    options?: PlainStreamOptions,
  ): UseAncpStreamResult<PayloadOf<Actions, Name>, ChunkOf<Actions, Name>, undefined, ResultOf<Actions, Name>>;
  useAncpStream<Name extends ActionName<Actions, 'streaming'>, Value>(
    action: Name,
    options: ReducingStreamOptions<ChunkOf<Actions, Name>, Value>,
  ): UseAncpStreamResult<PayloadOf<Actions, Name>, ChunkOf<Actions, Name>, Value, ResultOf<Actions, Name>>;

  /** See {@link useAncpTask}. */
  useAncpTask<Name extends ActionName<Actions, 'task-start'>>(
    action: Name,
    options?: TaskOptions<ResultOf<Actions, Name>>,
  ): UseAncpTaskResult<PayloadOf<Actions, Name>, ResultOf<Actions, Name>>;

  /** See {@link useAncpCapabilities}. */
  useAncpCapabilities: typeof useAncpCapabilities;

  /** See {@link useAncpPing}. */
  useAncpPing: typeof useAncpPing;
}

const hooks = {
  useAncpClient,
  useAncpInvoke,
  useAncpQuery,
  useAncpSuspenseQuery,
  useAncpStream,
  useAncpTask,
  useAncpCapabilities,
  useAncpPing,
};

/**
 * The hooks with the types of an action map. Call it once, beside the map.
 *
 * @example
 * ```tsx
 * interface MyActions {
 *   'get-order': { payload: { orderId: string }; result: Order };
 *   'generate-report': { payload: { year: number }; chunk: { row: string } };
 * }
 * export const { useAncpInvoke, useAncpStream } = createAncpHooks<MyActions>();
 * ```
 */
export function createAncpHooks<Actions extends ActionMap<Actions>>(): AncpHooks<Actions> {
  // The same functions: only what the compiler knows of them differs.
  return hooks as unknown as AncpHooks<Actions>;
}
