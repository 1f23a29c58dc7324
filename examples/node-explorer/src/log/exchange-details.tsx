import { useState } from 'react';
import { Code } from '../ui/code.tsx';
import type { Exchange, Headers } from './exchange.ts';
import { indentBody } from './indent.ts';

interface Props {
  readonly exchange: Exchange;
  readonly onClose: () => void;
}

/** A request and its response in full, either laid out or byte for byte as they were sent. */
export function ExchangeDetails({ exchange, onClose }: Props) {
  const [isExact, setExact] = useState(false);
  const show = (body: string) => (isExact ? body : indentBody(body));
  const { requestBody, responseBody, responseHeaders, status, isCut } = exchange;
  return (
    <section className="exchange" aria-label={`Request ${exchange.number}`}>
      <div className="title">
        <h3>
          {exchange.method} {exchange.action ?? ''}
        </h3>
        <label className="check end">
          <input type="checkbox" checked={isExact} onChange={(event) => setExact(event.target.checked)} /> Exact text
        </label>
        <button type="button" className="quiet" aria-label="Close the request" onClick={onClose}>
          ×
        </button>
      </div>
      <p className="mono url">{exchange.url}</p>
      <Timing exchange={exchange} />
      <div className="sides">
        <div className="side">
          <HeaderList title="Request headers" headers={exchange.requestHeaders} />
          {requestBody !== undefined && <Code label="Request" text={show(requestBody)} copied={requestBody} />}
        </div>
        <div className="side">
          {responseHeaders && <HeaderList title={`Response headers (${status})`} headers={responseHeaders} />}
          {responseBody && <Code label="Response" text={show(responseBody)} copied={responseBody} />}
          {isCut && <p className="muted">The rest of the response is not kept.</p>}
        </div>
      </div>
    </section>
  );
}

function Timing({ exchange: { startedAt, headMs, totalMs, state } }: { readonly exchange: Exchange }) {
  const parts = [new Date(startedAt).toLocaleTimeString()];
  if (headMs !== undefined) parts.push(`head after ${headMs.toFixed(1)} ms`);
  parts.push(totalMs === undefined ? state : `${state} after ${totalMs.toFixed(1)} ms`);
  return <p className="muted">{parts.join(' · ')}</p>;
}

function HeaderList({ title, headers }: { readonly title: string; readonly headers: Headers }) {
  return (
    <details>
      <summary>{title}</summary>
      <dl className="headers mono">
        {headers.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
