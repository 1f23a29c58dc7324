import { useAncpStream } from '@bizfirst/ancp-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
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
  const [isSent, setSent] = useState(false);
  const phase = isStreaming ? 'streaming' : isDone ? 'complete' : error ? 'failed' : isSent ? 'stopped' : '';
  const send = (payload: unknown) => {
    setSent(true);
    void start(payload);
  };
  return (
    <>
      <PayloadForm schema={action.inputSchema} isBusy={isStreaming} onSend={send}>
        <Button isOff={!isStreaming} onClick={stop}>
          Stop
        </Button>
      </PayloadForm>
      <Outcome phase={phase} error={error} onCredentialRefused={onCredentialRefused}>
        {(isStreaming || isDone || chunkCount > 0) && <Chunks chunks={chunks} count={chunkCount} />}
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
        {first > 1 && `, showing the newest ${chunks.length}`}
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
