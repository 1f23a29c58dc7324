/** An engine that does what the test says. */

import type { Engine, EngineCall, Outcome, RunningCall } from '../src/engine/engine.js';

export interface Started {
  call: EngineCall;
  outcome: Outcome;
  pulls: number;
  cancelled: boolean;
}

export class FakeEngine implements Engine {
  alive = true;
  closed = false;
  retired = false;
  readonly started: Started[] = [];
  readonly full: boolean;

  constructor(full = true) {
    this.full = full;
  }

  start(call: EngineCall, outcome: Outcome): RunningCall {
    const started: Started = { call, outcome, pulls: 0, cancelled: false };
    this.started.push(started);
    return {
      pull() {
        started.pulls += 1;
      },
      cancel() {
        started.cancelled = true;
      },
    };
  }

  close(): void {
    this.closed = true;
  }

  retire(): void {
    this.retired = true;
  }

  get last(): Started {
    const last = this.started.at(-1);
    if (!last) throw new Error('nothing was started');
    return last;
  }
}
