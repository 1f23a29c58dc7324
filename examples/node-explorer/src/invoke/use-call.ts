import { AncpError } from '@bizfirst/ancp-core';
import { useCallback, useEffect, useRef, useState } from 'react';

interface State<Result> {
  readonly isRunning: boolean;
  /** Whether it has been answered, also where the answer is nothing. */
  readonly isDone: boolean;
  readonly result: Result | undefined;
  readonly error: AncpError | undefined;
}

const IDLE = { isRunning: false, isDone: false, result: undefined, error: undefined };

/** Calls of the client that have no hook of their own. The newest counts; unmounting aborts it. */
export function useCall<Payload, Result>(send: (payload: Payload, signal: AbortSignal) => Promise<Result>) {
  const [state, setState] = useState<State<Result>>(IDLE);
  const running = useRef<AbortController>(undefined);
  const sending = useRef(send);
  useEffect(() => {
    sending.current = send;
  });
  useEffect(() => () => running.current?.abort(), []);

  const call = useCallback((payload: Payload) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const settle = (change: Partial<State<Result>>) => {
      if (running.current === controller && !controller.signal.aborted) setState({ ...IDLE, ...change });
    };
    setState({ ...IDLE, isRunning: true });
    sending.current(payload, controller.signal).then(
      (result) => settle({ isDone: true, result }),
      (error: unknown) => settle({ error: error instanceof AncpError ? error : new AncpError(String(error)) }),
    );
  }, []);
  return { ...state, call };
}
