import type { AncpPattern, UntypedResult } from './types.js';

/**
 * What an action map says about one action.
 *
 * - `pattern`: how it is called. Default `'streaming'` where `chunk` stands, else `'request-reply'`.
 * - `payload`: what it takes. Default: nothing.
 * - `result`: what a request-reply answers, a task results in, or a stream ends with.
 * - `chunk`: what a stream yields.
 */
export interface ActionShape {
  pattern?: AncpPattern;
  payload?: unknown;
  result?: unknown;
  chunk?: unknown;
}

/**
 * A map from action names to {@link ActionShape}s. An `interface` serves as well as a `type`.
 *
 * @example
 * ```ts
 * import { AncpClient } from '@bizfirst/ancp-core';
 *
 * interface Order { orderId: string; status: string }
 * interface MyActions {
 *   'get-order': { payload: { orderId: string }; result: Order };
 *   'log-event': { pattern: 'fire-and-forget'; payload: { eventType: string } };
 *   'generate-report': { payload: { year: number }; chunk: { row: string } };
 *   'run-payroll': { pattern: 'task-start'; payload: { month: string }; result: { totalPaid: number } };
 * }
 *
 * const client = new AncpClient<MyActions>({ baseUrl: 'https://api.example.com', nodeId: 42 });
 * const order = await client.invoke('get-order', { orderId: 'ORD-123' }); // Order
 * ```
 */
export type ActionMap<Actions> = { [Name in keyof Actions]: ActionShape };

/** The map of a client that was given none: any action name is accepted. */
export type UntypedActions = Record<never, never>;

/** An action's pattern. */
export type PatternOf<Shape> = Shape extends { pattern: infer Pattern extends AncpPattern }
  ? Pattern
  : Shape extends { chunk: unknown }
    ? 'streaming'
    : 'request-reply';

/** The names of a map's actions that have a pattern. */
export type ActionName<Actions, Pattern extends AncpPattern = AncpPattern> = {
  [Name in keyof Actions & string]: PatternOf<Actions[Name]> extends Pattern ? Name : never;
}[keyof Actions & string];

/** `string` for a client without a map; `never` for one with a map, whose names are checked instead. */
export type AnyAction<Actions> = [keyof Actions] extends [never] ? string : never;

/** What an action takes. */
export type PayloadOf<Actions, Name extends keyof Actions> = Actions[Name] extends { payload: infer Payload }
  ? Payload
  : undefined;

/** What an action results in. */
export type ResultOf<Actions, Name extends keyof Actions> = Actions[Name] extends { result: infer Result }
  ? Result
  : UntypedResult;

/** What a stream yields. */
export type ChunkOf<Actions, Name extends keyof Actions> = Actions[Name] extends { chunk: infer Chunk }
  ? Chunk
  : UntypedResult;

/** A payload and the options after it; the payload may be left out where the action takes none. */
export type PayloadAndOptions<Payload, Options> = undefined extends Payload
  ? [payload?: Payload, options?: Options]
  : [payload: Payload, options?: Options];
