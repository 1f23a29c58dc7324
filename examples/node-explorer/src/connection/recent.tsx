import { type Connection, title } from './connection.ts';

interface Props {
  readonly connections: readonly Connection[];
  readonly onChoose: (connection: Connection) => void;
  readonly onForget: (connection: Connection) => void;
}

/** Connections to go back to. */
export function RecentConnections({ connections, onChoose, onForget }: Props) {
  if (connections.length === 0) return null;
  return (
    <>
      <h3 id="recent-title">Recent</h3>
      <ul className="recent" aria-labelledby="recent-title">
        {connections.map((connection) => (
          <li key={`${title(connection)} ${connection.authMode}`}>
            <button type="button" className="quiet choose" onClick={() => onChoose(connection)}>
              <span className="mono">{connection.nodeId}</span> <small>{connection.baseUrl}</small>
            </button>
            <button
              type="button"
              className="quiet"
              aria-label={`Forget ${title(connection)}`}
              onClick={({ currentTarget: { parentElement: row } }) => {
                // On to the next one: what has the focus now goes away.
                const next = row?.nextElementSibling ?? row?.previousElementSibling;
                next?.querySelector<HTMLElement>('button:last-child')?.focus();
                onForget(connection);
              }}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
