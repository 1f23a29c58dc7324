import { AncpError } from '@bizfirst/ancp-core';

/** What was thrown as the one kind of error that users see. What is none comes of a function in the options. */
export function asAncpError(thrown: unknown): AncpError {
  if (thrown instanceof AncpError) return thrown;
  return new AncpError(thrown instanceof Error ? thrown.message : String(thrown), {
    code: 'invalid_options',
    cause: thrown,
  });
}

/** Lets a promise be left alone: who awaits it gets the rejection all the same, and `error` has it in any case. */
export function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
