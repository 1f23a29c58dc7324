import { useAncpInvoke } from '@bizfirst/ancp-react';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { Outcome } from './outcome.tsx';
import { PayloadForm } from './payload-form.tsx';
import { phaseOf, type RunnerProps } from './runner.ts';

export function RequestReply({ action, onCredentialRefused }: RunnerProps) {
  const { invoke, reset, isLoading, data, error } = useAncpInvoke<unknown, unknown>(action.action);
  const [isSent, setSent] = useState(false);
  const isDone = data !== undefined;
  const phase = phaseOf(isLoading, isDone, error) || (isSent ? 'aborted' : '');
  const send = (payload: unknown) => {
    setSent(true);
    void invoke(payload);
  };
  return (
    <>
      <PayloadForm schema={action.inputSchema} isBusy={isLoading} onSend={send}>
        <Button isOff={!isLoading} onClick={reset}>
          Abort
        </Button>
      </PayloadForm>
      <Outcome phase={phase} error={error} onCredentialRefused={onCredentialRefused}>
        {isDone && <Code label="Reply" text={JSON.stringify(data, null, 2)} />}
      </Outcome>
    </>
  );
}
