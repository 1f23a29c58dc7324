/**
 * React hooks for the Agent Node Communication Protocol (ANCP).
 *
 * @packageDocumentation
 */

export { type AncpHooks, createAncpHooks } from './create-hooks.js';
export {
  type UseAncpQueryResult,
  type UseAncpSuspenseQueryResult,
  useAncpQuery,
  useAncpSuspenseQuery,
} from './hooks/use-ancp-query.js';
export { type UseAncpCapabilitiesResult, useAncpCapabilities } from './hooks/use-capabilities.js';
export { type UseAncpInvokeResult, useAncpInvoke } from './hooks/use-invoke.js';
export { type UseAncpPingResult, useAncpPing } from './hooks/use-ping.js';
export type { QueryHookOptions } from './hooks/use-query.js';
export { type UseAncpStreamResult, useAncpStream } from './hooks/use-stream.js';
export { type UseAncpTaskResult, useAncpTask } from './hooks/use-task.js';
export type { InvokeState } from './observers/invoke.js';
export type { HookCallOptions } from './observers/observer.js';
export type { QueryState } from './observers/query.js';
export type { PlainStreamOptions, ReducingStreamOptions, StreamState } from './observers/stream.js';
export type { TaskOptions, TaskState } from './observers/task.js';
export { AncpProvider, type AncpProviderProps, useAncpClient } from './provider.js';
export {
  type AncpMutationOptions,
  type AncpQueryOptions,
  type AncpQueryOptionsOptions,
  ancpMutationOptions,
  ancpQueryOptions,
} from './tanstack.js';
