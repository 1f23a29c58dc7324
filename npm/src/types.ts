import type { AncpError } from './error.js';

/** How a message and its answer relate. */
export type AncpPattern = 'request-reply' | 'fire-and-forget' | 'streaming' | 'task-start';

/**
 * The result of a call whose type the caller did not name: its properties can be read, but are `unknown`. Name the
 * type in the call (`client.invoke<Order>(…)`) or once for all in an action map.
 */
export interface UntypedResult {
  readonly [property: string]: unknown;
}

/** The state of a task. The last four are final; a state that this version does not know is kept as text. */
export type TaskState =
  | 'Pending'
  | 'Running'
  | 'InputRequired'
  | 'Completed'
  | 'Failed'
  | 'Cancelled'
  | 'Rejected'
  | (string & {});

/** Why a task failed, as the node tells it. */
export interface TaskError {
  /** What went wrong. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
  /** Whether trying again may help. */
  readonly retryable: boolean;
  /** What the node added. */
  readonly details?: unknown;
}

/** What a node says about a task. */
export interface TaskStatus<Result = UntypedResult> {
  /** The task's id. */
  readonly taskId: string;
  /** The action that runs. */
  readonly action: string;
  /** Where it stands. */
  readonly state: TaskState;
  /** How far it is, from 0 to 1; null where the node does not say. */
  readonly progress: number | null;
  /** A sentence for people, such as what the task does now or which input it waits for. */
  readonly message: string | null;
  /** When it began, RFC 3339. */
  readonly createdAt: string;
  /** When it changed last, RFC 3339. */
  readonly updatedAt: string;
  /** The result, once `state` is `Completed`. */
  readonly result?: Result;
  /** Why it failed, once `state` is `Failed` or `Rejected`. */
  readonly error?: TaskError;
}

declare const resultOfTask: unique symbol;

/** A task's id: a string that remembers, for the compiler alone, what the task results in. */
export type TaskId<Result = UntypedResult> = string & { readonly [resultOfTask]?: Result };

/** An action that a node offers. */
export interface ActionDescriptor {
  /** The action's name. */
  readonly action: string;
  /** The pattern that it is called with. */
  readonly pattern: AncpPattern | (string & {});
  /** What it does. */
  readonly description?: string | null;
  /** The price of a call in USDC, a decimal string; null or absent: free. */
  readonly priceUsdc?: string | null;
  /** JSON Schema of the payload. */
  readonly inputSchema?: unknown;
  /** JSON Schema of the result, or of one chunk. */
  readonly outputSchema?: unknown;
}

/** The answer to {@link AncpClient.ping}. */
export interface PingResponse {
  readonly nodeId: number | string;
  readonly tenantId: string;
  readonly status: string;
  /** The node's own version. */
  readonly version: string;
  /** Seconds since the node started. */
  readonly uptimeSec: number;
  /** The node's clock, RFC 3339. */
  readonly timestamp: string;
}

/** The answer to {@link AncpClient.getCapabilities}. */
export interface Capabilities {
  readonly nodeId: number | string;
  readonly actions: readonly ActionDescriptor[];
}

/** The answer to {@link AncpClient.negotiate}. */
export interface Negotiation {
  /** The actions that the node has. */
  readonly supported: readonly ActionDescriptor[];
  /** The names of those it does not have. */
  readonly missing: readonly string[];
}

/** The answer to {@link AncpClient.getStatus}. */
export interface NodeStatus {
  readonly nodeId: number | string;
  readonly environment: string | null;
  readonly aiModel: string | null;
  readonly isAutonomous: boolean;
  readonly acceptingCalls: boolean;
  readonly version: string;
}

/** What one member of a group answered to {@link AncpClient.invokeAll}. */
export type MemberOutcome<Result = UntypedResult> = {
  /** The member's id, where it is known. */
  readonly nodeId?: number | string;
  /** The URL that it was called at; empty where the discovery document names none that can be used. */
  readonly endpoint: string;
} & ({ readonly ok: true; readonly result: Result } | { readonly ok: false; readonly error: AncpError });

/** A group that a node belongs to. */
export interface NodeGroup {
  readonly groupId?: number | string;
  readonly resId?: string;
  readonly strategy?: 'RoundRobin' | 'Random' | 'FirstAvailable' | 'Broadcast' | (string & {});
}

/** One node in a discovery document. */
export interface DiscoveredNode {
  readonly nodeId: number | string;
  readonly tenantId: string;
  readonly name?: string;
  readonly version?: string;
  /** The node's own URL. */
  readonly endpoint: string;
  readonly resId?: string;
  readonly did?: string;
  readonly evmAddress?: string;
  readonly operateIds?: readonly string[];
  readonly groups?: readonly NodeGroup[];
  /** The kinds of credential that the node accepts. */
  readonly auth?: readonly string[];
  readonly features?: { readonly streamResume?: boolean; readonly taskEvents?: boolean };
  readonly actions?: readonly ActionDescriptor[];
}

/** The answer to {@link AncpClient.discover}: what stands at `/.well-known/ncp.json`. */
export interface DiscoveryDocument {
  readonly protocolVersion: string;
  readonly nodes: readonly DiscoveredNode[];
}
