import type { NodeStatus } from '@bizfirst/ancp-core';
import { useAncpPing, useAncpQuery } from '@bizfirst/ancp-react';

/** Whether the node is there, and what it says about itself. */
export function NodeFacts({ nodeId }: { readonly nodeId: string }) {
  const { isReachable, isLoading, isFetching, response, error, refresh } = useAncpPing();
  const { data: status, refetch } = useAncpQuery<undefined, NodeStatus>('ancp.status');
  const ask = () => {
    void refresh();
    void refetch();
  };
  const reach = isLoading ? 'connecting' : isReachable ? 'reachable' : 'unreachable';
  return (
    <section className="panel facts" aria-labelledby="node-title" aria-busy={isFetching}>
      <div className="title">
        <h2 id="node-title">Node {nodeId}</h2>
        <span role="status" className={`badge ${reach}`}>
          {reach}
          {error && `: ${error.code}`}
        </span>
        <button type="button" className="quiet end" onClick={ask}>
          Ping
        </button>
      </div>
      <dl>
        <Fact name="Tenant" value={response?.tenantId} />
        <Fact name="Version" value={response?.version} />
        <Fact name="Uptime" value={response && duration(response.uptimeSec)} />
        <Fact name="Environment" value={status?.environment} />
        <Fact name="Model" value={status?.aiModel} />
        <Fact name="Autonomous" value={yesOrNo(status?.isAutonomous)} />
        <Fact name="Accepts calls" value={yesOrNo(status?.acceptingCalls)} />
      </dl>
    </section>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string | null | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value ?? '–'}</dd>
    </div>
  );
}

function yesOrNo(value: boolean | undefined): string | undefined {
  if (value === undefined) return undefined;
  return value ? 'yes' : 'no';
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
