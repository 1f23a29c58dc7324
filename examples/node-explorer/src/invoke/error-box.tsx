import type { AncpError } from '@bizfirst/ancp-core';
import { Code } from '../ui/code.tsx';
import { Payment } from './payment.tsx';

interface Props {
  readonly error: AncpError;
  readonly onCredentialRefused?: (() => void) | undefined;
}

/** An error with its code and all that the node told about it. */
export function ErrorBox({ error, onCredentialRefused }: Props) {
  const terms = error.payment;
  const facts = [
    error.status > 0 ? `HTTP ${error.status}` : 'raised by the client',
    error.retryable ? 'trying again may help' : undefined,
    error.requestId && `request ${error.requestId}`,
  ];
  return (
    <div role="alert" className="error">
      <p>
        <strong className="mono">{error.code}</strong> {error.message}
      </p>
      <p className="muted">{facts.filter(Boolean).join(' · ')}</p>
      {error.code === 'unauthenticated' && onCredentialRefused && (
        <button type="button" className="again" onClick={onCredentialRefused}>
          Enter another credential
        </button>
      )}
      {terms && <Payment terms={terms} />}
      {!terms && error.details !== undefined && error.details !== null && (
        <Code label="Details" text={JSON.stringify(error.details, null, 2)} />
      )}
    </div>
  );
}
