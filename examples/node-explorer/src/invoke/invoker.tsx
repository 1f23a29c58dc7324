import { FireAndForget } from './fire-and-forget.tsx';
import { RequestReply } from './request-reply.tsx';
import type { RunnerProps } from './runner.ts';
import { Streaming } from './streaming.tsx';
import { TaskStart } from './task-start.tsx';

/** Calls an action in the way of its pattern. */
export function Invoker(props: RunnerProps) {
  const { action } = props;
  const Runner = runnerOf(action.pattern);
  return (
    <section className="panel" aria-labelledby="invoke-title">
      <div className="title">
        <h2 id="invoke-title" className="mono">
          {action.action}
        </h2>
        <span className={`badge ${action.pattern}`}>{action.pattern}</span>
        {action.priceUsdc && <span className="badge">{action.priceUsdc} USDC</span>}
      </div>
      {action.description && <p className="muted">{action.description}</p>}
      {Runner ? <Runner {...props} /> : <p>This version does not know the pattern.</p>}
    </section>
  );
}

function runnerOf(pattern: string) {
  if (pattern === 'request-reply') return RequestReply;
  if (pattern === 'fire-and-forget') return FireAndForget;
  if (pattern === 'streaming') return Streaming;
  return pattern === 'task-start' ? TaskStart : undefined;
}
