import type { Executor, WindowRequest } from '@spikewire/engine/executor';
import { EVENT_BYTES, type EventList } from '@spikewire/engine/network';
import { SpikewireError } from '@spikewire/models/error';

/** What a net is asked that changes it. */
type Call = (executor: Executor) => Promise<unknown>;

/**
 * The last snapshot of a net, and what the net was asked since, so that another executor can continue from there. It
 * keeps at most so many bytes of calls; windows beyond that are counted as lost.
 */
export class Replay {
  /** Windows that were not kept since the snapshot. */
  lost = 0;
  readonly #most: number;
  /** Undefined: as the net was opened. */
  #snapshot: Uint8Array | undefined;
  #learning: boolean | undefined;
  #calls: Call[] = [];
  #callBytes = 0;
  #windows = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get bytes(): number {
    return this.#callBytes + (this.#snapshot?.length ?? 0);
  }

  /** Whether a replay is exact if this window is kept, too. */
  hasRoomFor(request: WindowRequest): boolean {
    return this.lost === 0 && this.#callBytes + bytesOf(request) <= this.#most;
  }

  /** Starts again from a state; `learning` is what `setLearning` was called with, if it was. */
  begin(snapshot: Uint8Array, learning: boolean | undefined): void {
    this.#snapshot = snapshot;
    this.#learning = learning;
    this.#calls = [];
    [this.#callBytes, this.#windows, this.lost] = [0, 0, 0];
  }

  /** Keeps a window that the net has run. */
  keepWindow(request: WindowRequest): void {
    if (!this.hasRoomFor(request)) {
      this.lost++;
      return;
    }
    const copy = copyOf(request);
    this.#windows++;
    this.keep(bytesOf(request), (executor) => executor.run(copy));
  }

  /** Keeps any other call, whatever room it takes. */
  keep(bytes: number, call: Call): void {
    this.#calls.push(call);
    this.#callBytes += bytes;
  }

  /** Does everything again on an executor that has just opened the net. Resolves with the number of windows. */
  async onto(executor: Executor): Promise<number> {
    if (this.#snapshot !== undefined) await continueExactly(executor, this.#snapshot);
    if (this.#learning !== undefined) await executor.setLearning(this.#learning);
    for (const call of this.#calls) await call(executor);
    return this.#windows;
  }
}

/** Restores a state. Rejects with `store` where the executor takes only a part of it. */
export async function continueExactly(executor: Executor, state: Uint8Array): Promise<void> {
  const learnedOnly = await executor.restore(state);
  if (learnedOnly !== undefined)
    throw new SpikewireError('store', executor.name, `takes only what was learned: ${learnedOnly.because}`);
}

/** A lesson has a signal, and little else. */
const LESSON_BYTES = 64;

function bytesOf({ input, teach = [] }: WindowRequest): number {
  const lessons = teach.reduce((sum, { signal }) => sum + LESSON_BYTES + signal.byteLength, 0);
  return LESSON_BYTES + EVENT_BYTES * input.step.length + lessons;
}

/** What changes the net, in memory of its own: the caller may use its buffers again. */
function copyOf({ steps, input, teach = [], fresh, hold }: WindowRequest): WindowRequest {
  return {
    steps,
    input: copyEvents(input),
    teach: teach.map((lesson) => ({ ...lesson, signal: lesson.signal.slice() })),
    ...(fresh !== undefined && { fresh }),
    ...(hold !== undefined && { hold }),
  };
}

function copyEvents({ step, node, index, value }: EventList): EventList {
  return { step: step.slice(), node: node.slice(), index: index.slice(), value: value.slice() };
}
