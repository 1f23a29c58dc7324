import type { DidKey } from '@bizfirst/ancp-core/did';
import { type FormEvent, type RefObject, useState } from 'react';
import { Field } from '../ui/field.tsx';
import type { AuthMode, Connection, Credential } from './connection.ts';
import { DidField } from './did-field.tsx';
import { initialConnection } from './initial.ts';
import { RecentConnections } from './recent.tsx';
import { forget, remembered } from './storage.ts';

interface Props {
  readonly credentialField: RefObject<HTMLInputElement | null>;
  readonly onConnect: (connection: Connection, credential: Credential) => void;
}

const CREDENTIAL_LABEL: Record<Exclude<AuthMode, 'did'>, string> = {
  none: 'Credential',
  apiKey: 'API key',
  jwt: 'Token',
};

/** The fields of a connection, and the connections of the past. */
export function ConnectionPanel({ credentialField, onConnect }: Props) {
  const [connection, setConnection] = useState(initialConnection);
  const [credential, setCredential] = useState('');
  const [didKey, setDidKey] = useState<DidKey>();
  const [recent, setRecent] = useState(remembered);
  const change = (changed: Partial<Connection>) => setConnection({ ...connection, ...changed });
  const { authMode } = connection;
  const needsCredential = authMode !== 'none';

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const chosen = authMode === 'did' ? didKey : needsCredential ? credential.trim() : '';
    // A key takes a moment to be made.
    if (chosen === undefined) return;
    onConnect(connection, chosen);
    setRecent(remembered());
  };

  return (
    <section className="panel" aria-labelledby="connection-title">
      <div className="title">
        <h2 id="connection-title">Connection</h2>
      </div>
      <form className="fields" onSubmit={submit}>
        <Field label="Base URL">
          {(control) => (
            <input
              {...control}
              type="url"
              required
              spellCheck={false}
              value={connection.baseUrl}
              onChange={(event) => change({ baseUrl: event.target.value })}
            />
          )}
        </Field>
        <div className="pair">
          <Field label="Node id">
            {(control) => (
              <input
                {...control}
                required
                spellCheck={false}
                value={connection.nodeId}
                onChange={(event) => change({ nodeId: event.target.value })}
              />
            )}
          </Field>
          <Field label="Tenant" hint="optional">
            {(control) => (
              <input
                {...control}
                spellCheck={false}
                value={connection.tenantId}
                onChange={(event) => change({ tenantId: event.target.value })}
              />
            )}
          </Field>
        </div>
        <div className="pair">
          <Field label="Authentication">
            {(control) => (
              <select
                {...control}
                value={authMode}
                onChange={(event) => change({ authMode: event.target.value as AuthMode })}
              >
                <option value="none">None</option>
                <option value="apiKey">API key</option>
                <option value="jwt">JWT</option>
                <option value="did">DID key</option>
              </select>
            )}
          </Field>
          <Field label="Timeout" hint="ms">
            {(control) => (
              <input
                {...control}
                type="number"
                required
                min={1}
                value={Number.isNaN(connection.timeoutMs) ? '' : connection.timeoutMs}
                onChange={(event) => change({ timeoutMs: event.target.valueAsNumber })}
              />
            )}
          </Field>
        </div>
        {authMode === 'did' ? (
          <DidField input={credentialField} didKey={didKey} onChange={setDidKey} />
        ) : (
          <Field label={CREDENTIAL_LABEL[authMode]} hint="never stored">
            {(control) => (
              <input
                {...control}
                ref={credentialField}
                type="password"
                autoComplete="off"
                required={needsCredential}
                disabled={!needsCredential}
                value={needsCredential ? credential : ''}
                onChange={(event) => setCredential(event.target.value)}
              />
            )}
          </Field>
        )}
        <button type="submit" className="primary">
          Connect
        </button>
      </form>
      <RecentConnections
        connections={recent}
        onChoose={(chosen) => {
          setConnection(chosen);
          credentialField.current?.focus();
        }}
        onForget={(forgotten) => {
          forget(forgotten);
          setRecent(remembered());
        }}
      />
    </section>
  );
}
