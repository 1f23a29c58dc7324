import { useAncpInvoke } from '@bizfirst/ancp-react';
import { Code } from '../ui/code.tsx';
import { Outcome } from './outcome.tsx';
import { PayloadForm } from './payload-form.tsx';
import { phaseOf, type RunnerProps } from './runner.ts';

export function RequestReply({ action, onCredentialRefused }: RunnerProps) {
  const { invoke, reset, isLoading, data, error } = useAncpInvoke<unknown, unknown>(action.action);
  const isDone = data !== undefined;
  return (
    <>
      <PayloadForm schema={action.inputSchema} isBusy={isLoading} onSend={invoke}>
        <button type="button" disabled={!isLoading} onClick={reset}>
          Abort
        </button>
      </PayloadForm>
      <Outcome phase={phaseOf(isLoading, isDone, error)} error={error} onCredentialRefused={onCredentialRefused}>
        {isDone && <Code label="Reply" text={JSON.stringify(data, null, 2)} />}
      </Outcome>
    </>
  );
}
