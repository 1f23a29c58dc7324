import type { ActionDescriptor, AncpError } from '@bizfirst/ancp-core';

/** What the component of a pattern gets. */
export interface RunnerProps {
  readonly action: ActionDescriptor;
  /** Shown where the node refused the credential. */
  readonly onCredentialRefused: () => void;
}

/** How a call stands, in a word: shown, and read out by screen readers. */
export function phaseOf(isRunning: boolean, isDone: boolean, error: AncpError | undefined): string {
  if (isRunning) return 'running';
  if (error) return 'failed';
  return isDone ? 'done' : '';
}
