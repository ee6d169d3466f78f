import type { EventBuffer } from '../event-buffer.ts';
import type { Kernels } from './kernels.ts';
import type { MemoryPlan, MemoryViews } from './memory.ts';

/** What kernels know of an Input node: its elements, and the value that stands for a spike. */
export interface WindowInput {
  readonly place: number;
  readonly size: number;
  readonly spike: number;
}

/** Steps of full activity that a window may hold to be taken in here, and events at most beyond one such step. */
const FULL_STEPS = 4;
const MOST_EVENTS = 4096;
/** For a window that was not copied. */
const UNSEEN = -1;
/** Words of the descriptor; `runtime/kernels/input-window.ts` says what they are. */
const DESCRIPTOR_WORDS = 10;

/** Place for the events of a window in the memory of a net, so that kernels check them and hand them on. */
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
    const table = memory.reserve(16 * inputs.length, ({ int32, float64 }) => {
      inputs.forEach(({ place, size, spike }, k) => {
        int32.set([place, size], table / 4 + 4 * k);
        float64[table / 8 + 2 * k + 1] = spike;
      });
    });
    const words = [this.step, this.node, this.index, this.value, table, inputs.length];
    this.descriptor = memory.int32([...words, ...new Array(DESCRIPTOR_WORDS - words.length).fill(0)]);
  }
}

/** The same in a running net. */
export class InputWindow {
  readonly #plan: InputWindowPlan;
  readonly #memory: MemoryViews;

  constructor(plan: InputWindowPlan, memory: MemoryViews) {
    this.#plan = plan;
    this.#memory = memory;
  }

  /** Copies the events in where there is room, and has kernels look at them; returns whether they will hand them on. */
  open(kernels: Kernels, { length, capacity, step, node, index, value }: EventBuffer, steps: number): boolean {
    const plan = this.#plan;
    const fits = length <= plan.capacity;
    if (fits) {
      const { int32, float64 } = this.#memory;
      const isWhole = length === capacity;
      int32.set(isWhole ? step : step.subarray(0, length), plan.step / 4);
      int32.set(isWhole ? node : node.subarray(0, length), plan.node / 4);
      int32.set(isWhole ? index : index.subarray(0, length), plan.index / 4);
      float64.set(isWhole ? value : value.subarray(0, length), plan.value / 8);
    }
    return Boolean(kernels.openWindow(plan.descriptor, fits ? length : UNSEEN, steps));
  }
}
