import { useAncpClient } from '@bizfirst/ancp-react';
import { Outcome } from './outcome.tsx';
import { PayloadForm } from './payload-form.tsx';
import type { RunnerProps } from './runner.ts';
import { phaseOf } from './runner.ts';
import { useCall } from './use-call.ts';

export function FireAndForget({ action, onCredentialRefused }: RunnerProps) {
  const client = useAncpClient();
  const { call, isRunning, isDone, error } = useCall((payload: unknown, signal) =>
    client.fireAndForget(action.action, payload, { signal }),
  );
  const phase = isDone ? 'accepted by the node' : phaseOf(isRunning, isDone, error);
  return (
    <>
      <PayloadForm schema={action.inputSchema} isBusy={isRunning} onSend={call} />
      <Outcome phase={phase} error={error} onCredentialRefused={onCredentialRefused} />
    </>
  );
}
