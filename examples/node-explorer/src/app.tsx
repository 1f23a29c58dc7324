import { AncpProvider } from '@bizfirst/ancp-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { type Connection, type Credential, clientOptions } from './connection/connection.ts';
import { ConnectionPanel } from './connection/panel.tsx';
import { remember } from './connection/storage.ts';
import { CallLog } from './log/call-log.tsx';
import { Recorder } from './log/recorder.ts';
import { Workspace } from './node/workspace.tsx';
import { Header } from './ui/header.tsx';
import { Welcome } from './ui/welcome.tsx';

/** A connection in use. The number tells one from the next, also where both say the same. */
interface Session {
  readonly number: number;
  readonly connection: Connection;
  readonly credential: Credential;
}

export function App() {
  const [recorder] = useState(() => new Recorder());
  const [session, setSession] = useState<Session>();
  const credentialField = useRef<HTMLInputElement>(null);
  const connect = useCallback((connection: Connection, credential: Credential) => {
    remember(connection);
    setSession((last) => ({ number: (last?.number ?? 0) + 1, connection, credential }));
  }, []);
  const focusCredential = useCallback(() => credentialField.current?.focus(), []);
  const options = useMemo(
    () => session && clientOptions(session.connection, session.credential, recorder),
    [session, recorder],
  );

  return (
    <div className="app">
      <Header />
      <aside className="sidebar" aria-label="Connection">
        <ConnectionPanel credentialField={credentialField} onConnect={connect} />
      </aside>
      <main className="main">
        {session && options ? (
          <AncpProvider key={session.number} options={options}>
            <Workspace nodeId={session.connection.nodeId} onCredentialRefused={focusCredential} />
          </AncpProvider>
        ) : (
          <Welcome />
        )}
      </main>
      <aside className="log" aria-label="Calls">
        <CallLog recorder={recorder} />
      </aside>
    </div>
  );
}
