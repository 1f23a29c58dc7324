import { useAncpCapabilities } from '@bizfirst/ancp-react';
import { useState } from 'react';
import { ErrorBox } from '../invoke/error-box.tsx';
import { Invoker } from '../invoke/invoker.tsx';
import { CapabilityTable } from './capability-table.tsx';
import { Discovery } from './discovery.tsx';
import { NodeFacts } from './facts.tsx';

interface Props {
  readonly nodeId: string;
  readonly onCredentialRefused: () => void;
}

/** All that can be done with a connected node. */
export function Workspace({ nodeId, onCredentialRefused }: Props) {
  const { actions, isLoading, isFetching, error, refresh } = useAncpCapabilities();
  const [name, setName] = useState<string>();
  const chosen = actions.find(({ action }) => action === name) ?? actions[0];
  return (
    <>
      <div className="browse">
        <NodeFacts nodeId={nodeId} />
        <section className="panel" aria-labelledby="actions-title" aria-busy={isFetching}>
          <div className="title">
            <h2 id="actions-title">Actions</h2>
            <button type="button" className="quiet end" onClick={() => refresh()}>
              Refresh
            </button>
          </div>
          {error && <ErrorBox error={error} />}
          {isLoading && <p className="muted">Loading…</p>}
          {actions.length > 0 && (
            <CapabilityTable actions={actions} chosen={chosen?.action} onChoose={({ action }) => setName(action)} />
          )}
        </section>
        {/* Not before the table has its height: it would be pushed down. */}
        {!isLoading && <Discovery />}
      </div>
      <div className="call">
        {chosen && <Invoker key={chosen.action} action={chosen} onCredentialRefused={onCredentialRefused} />}
      </div>
    </>
  );
}
