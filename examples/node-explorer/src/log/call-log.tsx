import { useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Entry } from './entry.tsx';
import { ExchangeDetails } from './exchange-details.tsx';
import type { Recorder } from './recorder.ts';

/** All requests, and the one that was chosen in full. New ones come below the others, so that none moves away. */
export function CallLog({ recorder }: { readonly recorder: Recorder }) {
  const exchanges = useSyncExternalStore(recorder.subscribe, recorder.getSnapshot);
  const [chosen, setChosen] = useState<number>();
  const list = useRef<HTMLOListElement>(null);
  const isAtEnd = useRef(true);
  const newest = exchanges.at(-1)?.number;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new request is to be seen
  useLayoutEffect(() => {
    if (isAtEnd.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [newest]);
  const close = () => {
    // Back to where it was opened from: what has the focus now goes away.
    list.current?.querySelector<HTMLElement>('[aria-expanded="true"]')?.focus();
    setChosen(undefined);
  };
  const shown = exchanges.find(({ number }) => number === chosen);
  return (
    <section className="panel calls" aria-labelledby="calls-title">
      <div className="title">
        <h2 id="calls-title">Calls</h2>
        <span className="muted">{exchanges.length > 0 && exchanges.length}</span>
        <button type="button" className="quiet end" disabled={exchanges.length === 0} onClick={recorder.clear}>
          Clear
        </button>
      </div>
      <ol
        ref={list}
        className="entries"
        aria-label="Requests"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          // Whoever looks at older ones is left alone.
          isAtEnd.current = scrollTop + clientHeight > scrollHeight - 8;
        }}
      >
        {exchanges.map((exchange) => (
          <Entry
            key={exchange.number}
            exchange={exchange}
            isChosen={exchange.number === chosen}
            onChoose={() => setChosen(exchange.number === chosen ? undefined : exchange.number)}
          />
        ))}
      </ol>
      {shown ? (
        <ExchangeDetails key={shown.number} exchange={shown} onClose={close} />
      ) : (
        <p className="exchange muted">
          {exchanges.length > 0 ? 'Choose a request to see its envelopes.' : 'Requests and responses will appear here.'}
        </p>
      )}
    </section>
  );
}
