import type { AncpError } from '@bizfirst/ancp-core';
import type { ReactNode } from 'react';
import { ErrorBox } from './error-box.tsx';

interface Props {
  /** Such as `running`; read out when it changes. */
  readonly phase: string;
  readonly error?: AncpError | undefined;
  readonly onCredentialRefused?: (() => void) | undefined;
  readonly children?: ReactNode;
}

/** What has come of a call. It has its place before anything has, so that nothing jumps. */
export function Outcome({ phase, error, onCredentialRefused, children }: Props) {
  return (
    <section className="outcome" aria-label="Outcome" tabIndex={-1}>
      <p role="status" className="phase">
        {phase || <span className="muted">Nothing sent yet</span>}
      </p>
      {children}
      {error && <ErrorBox error={error} onCredentialRefused={onCredentialRefused} />}
    </section>
  );
}
