import type { Exchange } from './exchange.ts';

interface Props {
  readonly exchange: Exchange;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

/** A request in a line. */
export function Entry({ exchange, isChosen, onChoose }: Props) {
  const { method, action, state, status, totalMs, headMs } = exchange;
  const isBad = state === 'failed' || (status ?? 0) >= 400;
  return (
    <li>
      <button type="button" className="quiet entry" aria-expanded={isChosen} onClick={onChoose}>
        <span className="mono method">{method}</span>
        <span className="what">
          <span>{action ?? lastOf(exchange.url)}</span>
          <small>{pathOf(exchange.url)}</small>
        </span>
        <span className={isBad ? 'mono status bad' : 'mono status'}>
          {state === 'failed' && !status ? 'failed' : (status ?? '…')}
        </span>
        <span className="mono time">{state === 'open' ? stateOfOpen(headMs) : `${Math.round(totalMs ?? 0)} ms`}</span>
      </button>
    </li>
  );
}

function stateOfOpen(headMs: number | undefined): string {
  return headMs === undefined ? 'sent' : 'open';
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}

function lastOf(url: string): string {
  const path = pathOf(url);
  if (path.endsWith('/ncp.json')) return 'discovery';
  return path.split('/').at(path.endsWith('/events') ? -3 : -2) ?? path;
}
