import type { PlasticityView, TensorData } from '@spikewire/models';
import type { Trace } from './trace.ts';

/**
 * The traces of one connection now, and at the ends of the last few samples, so that a label that comes late meets the activity
 * it is about. A ring of fixed depth. Slot 0 is the present (the live traces themselves), slots 1 … depth are memories.
 */
export class ActivityHistory {
  /** Everything that changes, by name; views, not copies. */
  readonly state: ReadonlyMap<string, TensorData>;
  readonly bytes: number;

  /** Step at whose end the slot's activity was, −1 where there is none. Exact to 2^53. */
  readonly #steps: Float64Array;
  /** The slot that the next memory takes. */
  readonly #next = Int32Array.of(1);
  readonly #live: readonly Float64Array[];
  /** All memories of one live array, one after the other. */
  readonly #memories: readonly Float64Array[];
  /** By slot, then by rule. */
  readonly #views: readonly (readonly PlasticityView[])[];

  constructor(
    rules: readonly { readonly pre: readonly Trace[]; readonly post: readonly Trace[] }[],
    signal: Float64Array,
    depth: number,
  ) {
    this.#steps = new Float64Array(1 + depth).fill(-1);
    this.#live = rules.flatMap(({ pre, post }) => [...pre, ...post]).map(({ values }) => values);
    this.#memories = this.#live.map((values) => new Float64Array(depth * values.length));
    this.#views = Array.from({ length: 1 + depth }, (_, slot) => {
      let place = 0;
      const arraysOf = (traces: readonly Trace[]) => traces.map(() => this.#arrayAt(slot, place++));
      return rules.map(({ pre, post }) => ({ pre: arraysOf(pre), post: arraysOf(post), signal }));
    });
    const state = new Map<string, TensorData>([['step', this.#steps]]);
    if (depth > 0) {
      state.set('next', this.#next);
      this.#memories.forEach((memories, place) => {
        state.set(`trace${place}`, memories);
      });
    }
    this.state = state;
    this.bytes = [...state.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** The step at whose end the live traces are; −1 where they started anew. */
  get present(): number {
    return this.#steps[0]!;
  }

  set present(step: number) {
    this.#steps[0] = step;
  }

  remember(): void {
    const depth = this.#steps.length - 1;
    if (depth === 0 || this.present < 0) return;
    const slot = this.#next[0]!;
    for (let place = 0; place < this.#live.length; place++) {
      const live = this.#live[place]!;
      this.#memories[place]!.set(live, (slot - 1) * live.length);
    }
    this.#steps[slot] = this.present;
    this.#next[0] = slot === depth ? 1 : slot + 1;
  }

  /** The slot whose activity was at the end of `step`, or −1. */
  find(step: number): number {
    return step < 0 ? -1 : this.#steps.indexOf(step);
  }

  viewOf(slot: number, rule: number): PlasticityView {
    return this.#views[slot]![rule]!;
  }

  #arrayAt(slot: number, place: number): Float64Array {
    const live = this.#live[place]!;
    return slot === 0 ? live : this.#memories[place]!.subarray((slot - 1) * live.length, slot * live.length);
  }
}
