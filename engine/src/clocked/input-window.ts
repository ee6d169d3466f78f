import type { EventBuffer } from '../event-buffer.ts';
import { inputEntry, windowField } from './kernels/kernel-constants.ts';
import type { Kernels } from './kernels/kernels.ts';
import type { MemoryPlan, MemoryViews } from './kernels/memory.ts';

/** What kernels know of an Input node: its elements, and the value that stands for a spike. */
export interface WindowInput {
  readonly index: number;
  readonly size: number;
  readonly spike: number;
}

/** Steps of full activity that are taken in at once, and events at most beyond one such step. */
const FULL_STEPS = 4;
const MOST_EVENTS = 4096;
/** Steps that kernels run at once at most: they count them in 32 bits. */
const MOST_STEPS = 2 ** 30;
/** For a window that kernels do not hand on. */
const UNSEEN = -1;

/**
 * Place for the events of a window, or of a piece of it, in the memory of a net, so that kernels check them and hand
 * them on.
 */
export class InputWindowPlan {
  readonly capacity: number;
  readonly descriptor: number;
  readonly step: number;
  readonly node: number;
  readonly index: number;
  readonly value: number;

  constructor(memory: MemoryPlan, inputs: readonly WindowInput[]) {
    const elements = inputs.reduce((sum, { size }) => sum + size, 0);
    this.capacity = Math.max(elements, Math.min(MOST_EVENTS, FULL_STEPS * elements));
    this.step = memory.reserve(4 * this.capacity);
    this.node = memory.reserve(4 * this.capacity);
    this.index = memory.reserve(4 * this.capacity);
    this.value = memory.reserve(8 * this.capacity);
    const table = memory.reserve(inputEntry.end * inputs.length, ({ int32, float64 }) => {
      inputs.forEach(({ index, size, spike }, k) => {
        const entry = table + inputEntry.end * k;
        int32[(entry + inputEntry.input) / 4] = index;
        int32[(entry + inputEntry.size) / 4] = size;
        float64[(entry + inputEntry.spike) / 8] = spike;
      });
    });
    const words = [this.step, this.node, this.index, this.value, table, inputs.length];
    this.descriptor = memory.int32([...words, ...new Array(windowField.end / 4 - words.length).fill(0)]);
  }
}

/**
 * The same in a running net. A window that has more events than there is room for is taken in piece by piece, each of
 * whole steps.
 */
export class InputWindow {
  readonly #plan: InputWindowPlan;
  readonly #memory: MemoryViews;
  /** Of the piece that runs: the event after its last, and the step after its last. */
  #end = 0;
  #until = 0;

  constructor(plan: InputWindowPlan, memory: MemoryViews) {
    this.#plan = plan;
    this.#memory = memory;
  }

  /**
   * Has kernels look at all the events; returns whether they will hand them on. Nothing runs before all of it was
   * looked at.
   */
  open(kernels: Kernels, input: EventBuffer, steps: number): boolean {
    if (!this.#take(kernels, input, 0, 0, steps)) return this.#refuse(kernels, steps);
    if (this.#end === input.length) return true;
    while (this.#end < input.length) {
      if (!this.#take(kernels, input, this.#end, this.#until, steps)) return this.#refuse(kernels, steps);
    }
    return this.#take(kernels, input, 0, 0, steps);
  }

  /** How many steps may run from `step` on before this has to be called again; takes in the piece that begins there. */
  supply(kernels: Kernels, input: EventBuffer, step: number, steps: number): number {
    if (step === this.#until) this.#take(kernels, input, this.#end, step, steps);
    return Math.min(MOST_STEPS, Math.ceil(this.#until - step));
  }

  /** Copies the events from `from` on that there is room for, those of step `first` and later ones. */
  #take(kernels: Kernels, input: EventBuffer, from: number, first: number, steps: number): boolean {
    const { length, capacity, step, node, index, value } = input;
    const plan = this.#plan;
    const end = pieceEnd(input, from, plan.capacity);
    if (end === from && from < length) return false;
    // Kernels see one piece at a time, and not that the next begins before its end.
    if (end < length && step[end]! < step[end - 1]!) return false;
    const { int32, float64 } = this.#memory;
    const isWhole = from === 0 && end === capacity;
    int32.set(isWhole ? step : step.subarray(from, end), plan.step / 4);
    int32.set(isWhole ? node : node.subarray(from, end), plan.node / 4);
    int32.set(isWhole ? index : index.subarray(from, end), plan.index / 4);
    float64.set(isWhole ? value : value.subarray(from, end), plan.value / 8);
    this.#end = end;
    this.#until = end === length ? steps : step[end]!;
    return Boolean(kernels.openWindow(plan.descriptor, end - from, first, steps));
  }

  #refuse(kernels: Kernels, steps: number): boolean {
    return Boolean(kernels.openWindow(this.#plan.descriptor, UNSEEN, 0, steps));
  }
}

/** The end of as many whole steps as there is room for `most` events; `from` where not even one step has room. */
function pieceEnd({ length, step }: EventBuffer, from: number, most: number): number {
  if (length - from <= most) return length;
  let end = from + most;
  while (end > from && step[end] === step[end - 1]) end--;
  return end;
}
