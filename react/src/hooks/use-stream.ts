import type { CallOptions, PayloadAndOptions, UntypedResult } from '@bizfirst/ancp-core';
import {
  type PlainStreamOptions,
  type ReducingStreamOptions,
  StreamObserver,
  type StreamOptions,
  type StreamState,
} from '../observers/stream.js';
import { useObserver } from './use-observer.js';

/** What {@link useAncpStream} gives. */
export interface UseAncpStreamResult<Payload, Chunk, Value = undefined, Summary = unknown>
  extends StreamState<Chunk, Value, Summary> {
  /**
   * Begins a stream, in place of one that runs. Resolves when it is over, also where it was stopped; rejects with an
   * `AncpError` where it fails, which `error` then is, too.
   */
  readonly start: (...args: PayloadAndOptions<Payload, CallOptions>) => Promise<void>;
  /** Ends the stream here and at the node. What has come stays. */
  readonly stop: () => void;
  /** Ends the stream and forgets what has come. */
  readonly reset: () => void;
}

/**
 * Reads a stream when told to. However fast it is, React renders it at most once per animation frame, and 60 times a second.
 *
 * @example
 * ```tsx
 * const { start, stop, chunks, isStreaming, isDone, error } = useAncpStream<ReportRequest, ReportChunk>('generate-report');
 * ```
 * @example
 * ```tsx
 * const { start, value: text } = useAncpStream<Question, Token, string>('chat', {
 *   initialValue: '',
 *   reducer: (text, { token }) => text + token,
 * });
 * ```
 */
export function useAncpStream<Payload = unknown, Chunk = UntypedResult>(
  action: string,
  options?: PlainStreamOptions,
): UseAncpStreamResult<Payload, Chunk>;
export function useAncpStream<Payload, Chunk, Value>(
  action: string,
  options: ReducingStreamOptions<Chunk, Value>,
): UseAncpStreamResult<Payload, Chunk, Value>;
export function useAncpStream<Payload, Chunk, Value>(
  action: string,
  options: StreamOptions<Chunk, Value> = {},
): UseAncpStreamResult<Payload, Chunk, Value> {
  const [{ start, stop, reset }, state] = useObserver(StreamObserver<Chunk, Value, unknown>, action, options);
  return { ...state, start, stop, reset };
}
