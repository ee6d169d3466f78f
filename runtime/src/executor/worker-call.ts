import type { ChosenEngine, OpenOptions, WindowRequest, WindowResult } from '@spikewire/engine/executor';
import type { LearnedOnly } from '@spikewire/engine/network';
import type { ErrorCode } from '@spikewire/models';
import type { EventBlock } from './event-block.ts';

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
export interface WorkerOpen extends OpenOptions {
  readonly engine: string;
  readonly model: Uint8Array;
}
export interface WorkerOpened extends ChosenEngine {
  readonly name: string;
}

/** What `restore` answers. */
export interface WorkerRestored extends ChosenEngine {
  readonly learnedOnly: LearnedOnly | undefined;
}

/** What `run` needs, and what it answers: the output in the block in which the input came. */
export type WorkerRun = Required<Omit<WindowRequest, 'input'>> & { readonly input: EventBlock };
export type WorkerRan = Omit<WindowResult, 'output'> & { readonly output: EventBlock };
