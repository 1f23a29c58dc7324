import { useAncpStream } from '@bizfirst/ancp-react';
import { useEffect, useRef } from 'react';
import { Outcome } from './outcome.tsx';
import { PayloadForm } from './payload-form.tsx';
import type { RunnerProps } from './runner.ts';

/** How many chunks are shown: a browser lays out no more than that in a frame. */
const SHOWN = 200;

export function Streaming({ action, onCredentialRefused }: RunnerProps) {
  const { start, stop, chunks, chunkCount, isStreaming, isDone, error } = useAncpStream<unknown, unknown>(
    action.action,
    { maxChunks: SHOWN },
  );
  const phase = isStreaming ? 'streaming' : isDone ? 'complete' : error ? 'failed' : chunkCount > 0 ? 'stopped' : '';
  return (
    <>
      <PayloadForm schema={action.inputSchema} isBusy={isStreaming} onSend={start}>
        <button type="button" disabled={!isStreaming} onClick={stop}>
          Stop
        </button>
      </PayloadForm>
      <Outcome phase={phase} error={error} onCredentialRefused={onCredentialRefused}>
        {phase && <Chunks chunks={chunks} count={chunkCount} />}
      </Outcome>
    </>
  );
}

/** The newest chunks, the last one in sight. */
function Chunks({ chunks, count }: { readonly chunks: readonly unknown[]; readonly count: number }) {
  const list = useRef<HTMLOListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new chunk is to be seen
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [count]);
  const first = count - chunks.length + 1;
  return (
    <>
      <p className="muted">
        {count} {count === 1 ? 'chunk' : 'chunks'}
        {first > 1 && `, the last ${chunks.length} of them below`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ol ref={list} className="chunks mono" start={first} aria-label="Chunks" tabIndex={0}>
        {chunks.map((chunk, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the chunk's number in the stream
          <li key={first + index}>{JSON.stringify(chunk)}</li>
        ))}
      </ol>
    </>
  );
}
