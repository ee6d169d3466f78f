import type { ErrorCode } from '@spikewire/models';

/** What goes to the worker thread: a call of one net's method, answered in order under the same number. */
export interface WorkerCall {
  readonly call: number;
  readonly net: number;
  readonly method: 'open' | 'run' | 'setLearning' | 'resetLearning' | 'save' | 'restore' | 'close';
  readonly argument: unknown;
}

/** What comes back. Errors travel as their parts, because classes do not survive the way. */
export interface WorkerAnswer {
  readonly call: number;
  readonly value?: unknown;
  readonly error?: { readonly code: ErrorCode; readonly where: string; readonly message: string };
}

/** What `open` needs in the worker, and what it answers. */
export interface WorkerOpen {
  readonly engine: string;
  readonly model: Uint8Array;
  readonly seed: number | undefined;
}
export interface WorkerOpened {
  readonly name: string;
  readonly bytes: number;
}
