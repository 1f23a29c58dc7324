import { useAncpTask } from '@bizfirst/ancp-react';
import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { Outcome } from './outcome.tsx';
import { PayloadForm } from './payload-form.tsx';
import type { RunnerProps } from './runner.ts';
import { TaskInput } from './task-input.tsx';

const OVER = ['Completed', 'Failed', 'Cancelled', 'Rejected'];

export function TaskStart({ action, onCredentialRefused }: RunnerProps) {
  const task = useAncpTask<unknown, unknown>(action.action);
  const { status, progress, isRunning, error } = task;
  const isOver = status !== undefined && OVER.includes(status.state);
  const phase = isRunning || isOver ? (status?.state ?? 'starting') : error ? 'failed' : '';
  return (
    <>
      <PayloadForm schema={action.inputSchema} isBusy={isRunning} onSend={task.run}>
        <Button isOff={!isRunning} onClick={() => task.cancel()}>
          Cancel the task
        </Button>
      </PayloadForm>
      <Outcome phase={phase} error={error} onCredentialRefused={onCredentialRefused}>
        {(isRunning || status) && (
          <div className="progress">
            <progress
              aria-label="Progress"
              value={progress ?? (isRunning ? undefined : Number(status?.state === 'Completed'))}
            />
            <span className="mono percent">{progress === null ? '' : `${Math.round(progress * 100)} %`}</span>
          </div>
        )}
        {(isRunning || status) && <p className="muted task-message">{status?.message}</p>}
        {task.taskId && <p className="muted mono">task {task.taskId}</p>}
        {status?.state === 'InputRequired' && <TaskInput onSend={task.provideInput} />}
        {status?.error && (
          <div role="alert" className="error">
            <strong className="mono">{status.error.code}</strong> {status.error.message}
          </div>
        )}
        {status?.result !== undefined && <Code label="Result" text={JSON.stringify(status.result, null, 2)} />}
      </Outcome>
    </>
  );
}
