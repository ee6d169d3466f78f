import { type KeptState, kept, type PlasticityView, type RuleMemory, real, whole } from '@spikewire/models';
import type { Trace, TraceReading } from './trace.ts';

/** What a rule sees, with its traces as arrays for whole rows. */
export interface ActivityView extends PlasticityView {
  readonly pre: readonly TraceReading[];
  readonly post: readonly TraceReading[];
}

/** The memories of one trace, one after the other. */
class TraceMemory {
  readonly values: Float64Array;
  readonly scales: Float64Array;
  readonly #trace: Trace;

  constructor(trace: Trace, depth: number) {
    this.#trace = trace;
    this.values = new Float64Array(depth * trace.values.length);
    this.scales = new Float64Array(depth).fill(1);
  }

  remember(index: number): void {
    this.values.set(this.#trace.values, index * this.#trace.values.length);
    this.scales[index] = this.#trace.scale;
  }

  reading(index: number): TraceReading {
    const size = this.#trace.values.length;
    const values = this.values.subarray(index * size, (index + 1) * size);
    const { scales } = this;
    return {
      values,
      get scale() {
        return scales[index]!;
      },
      at: (n) => values[n]! * scales[index]!,
    };
  }
}

/**
 * The traces of one connection now, and at the ends of the last few samples, so that a label that comes late meets the
 * activity it is about. A ring of fixed depth. Slot 0 is the present (the live traces themselves), slots 1 … depth are
 * memories.
 */
export class ActivityHistory {
  /** Everything that changes, by name. */
  readonly state: KeptState;
  readonly bytes: number;

  /** Step at whose end the slot's activity was, −1 where there is none. Exact to 2^53. */
  readonly #steps: Float64Array;
  /** [step], the first since the activity last started anew, −1 before it. */
  readonly #started = Float64Array.of(-1);
  /** The slot that the next memory takes. */
  readonly #next = Int32Array.of(1);
  readonly #memories: readonly TraceMemory[];
  /** By slot, then by rule. */
  readonly #views: readonly (readonly ActivityView[])[];

  constructor(
    rules: readonly { readonly pre: readonly Trace[]; readonly post: readonly Trace[]; readonly memory: RuleMemory }[],
    signal: Float64Array,
    depth: number,
  ) {
    this.#steps = new Float64Array(1 + depth).fill(-1);
    const remembered = rules.map(({ pre, post, memory }) => {
      const memoriesOf = (traces: readonly Trace[]) => traces.map((trace) => new TraceMemory(trace, depth));
      return { pre: memoriesOf(pre), post: memoriesOf(post), memory };
    });
    this.#memories = remembered.flatMap(({ pre, post }) => [...pre, ...post]);
    this.#views = Array.from({ length: 1 + depth }, (_, slot) => {
      if (slot === 0) return rules.map(({ pre, post, memory }) => ({ pre, post, signal, memory }));
      const readings = (memories: readonly TraceMemory[]) => memories.map((memory) => memory.reading(slot - 1));
      return remembered.map(({ pre, post, memory }) => ({ pre: readings(pre), post: readings(post), signal, memory }));
    });
    const memories = this.#memories.map(({ values, scales }, index) => ({
      [`trace${index}`]: kept(values, real()),
      [`scale${index}`]: kept(scales, real(0, 1)),
    }));
    this.state = {
      step: kept(this.#steps, whole(-1)),
      started: kept(this.#started, whole(-1)),
      ...(depth > 0 && Object.assign({ next: kept(this.#next, whole(1, depth)) }, ...memories)),
    };
    const arrays = new Set([...Object.values(this.state).map(({ view }) => view), this.#next]);
    this.bytes = [...arrays].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** The step at whose end the live traces are; −1 where they started anew. */
  get present(): number {
    return this.#steps[0]!;
  }

  set present(step: number) {
    this.pass(step, step);
  }

  /** Goes on through the steps from `first` to `last`, at whose end the live traces are then. */
  pass(first: number, last: number): void {
    if (this.#steps[0]! < 0) this.#started[0] = first;
    this.#steps[0] = last;
  }

  /** Whether the activity has gone on without a new start since `step`. */
  hasGoneOnSince(step: number): boolean {
    return this.present >= 0 && step >= this.#started[0]! && step <= this.present;
  }

  remember(): void {
    const depth = this.#steps.length - 1;
    if (depth === 0 || this.present < 0) return;
    const slot = this.#next[0]!;
    for (let index = 0; index < this.#memories.length; index++) this.#memories[index]!.remember(slot - 1);
    this.#steps[slot] = this.present;
    this.#next[0] = slot === depth ? 1 : slot + 1;
  }

  /** The slot whose activity was at the end of `step`, or −1. */
  find(step: number): number {
    return step < 0 ? -1 : this.#steps.indexOf(step);
  }

  viewOf(slot: number, rule: number): ActivityView {
    return this.#views[slot]![rule]!;
  }
}
