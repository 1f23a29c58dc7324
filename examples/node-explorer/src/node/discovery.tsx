import { useAncpClient } from '@bizfirst/ancp-react';
import { useEffect, useRef } from 'react';
import { ErrorBox } from '../invoke/error-box.tsx';
import { useCall } from '../invoke/use-call.ts';
import { Code } from '../ui/code.tsx';

/** The base URL's discovery document, read when it is opened. */
export function Discovery() {
  const client = useAncpClient();
  const { call, isRunning, result, error } = useCall((_: undefined, signal) => client.discover({ signal }));
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (result) panel.current?.scrollIntoView({ block: 'nearest' });
  }, [result]);
  return (
    <section ref={panel} className="panel" aria-labelledby="discovery-title">
      <details
        onToggle={(event) => {
          if (event.currentTarget.open && !isRunning && !result) call(undefined);
        }}
      >
        <summary>
          <h2 id="discovery-title">Discovery document</h2>
        </summary>
        {isRunning && <p className="muted">Loading…</p>}
        {error && <ErrorBox error={error} />}
        {result && <Code label="/.well-known/ncp.json" text={JSON.stringify(result, null, 2)} />}
      </details>
    </section>
  );
}
