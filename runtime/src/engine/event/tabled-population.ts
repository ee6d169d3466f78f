import type { NeuronDynamics, TensorData } from '@spikewire/models';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import type { NetworkCounters } from '../engine.ts';
import { heldBytes } from '../held-bytes.ts';
import { Arrivals } from './arrivals.ts';
import { Calendar } from './calendar.ts';
import type { ConstantInput } from './constant-input.ts';
import { bytesOf, type EventNode } from './event-node.ts';
import type { FlowTables } from './flow-tables.ts';
import type { StepCount } from './step-count.ts';

/** Steps after which it is weighed whether tables pay, and for how many it then goes step by step where they do not. */
const [WEIGHED, STEPPED] = [1024, 7 * 1024];
/** The share of own steps above which a step for all costs less than looking who needs none. */
const TOO_MANY = 0.25;

/**
 * Neurons with two state variables and no closed form, between arrivals by tables of their flow. A step in which
 * something arrives is the kind's own; so is every step for which the table does not hold, among them all in which a
 * neuron spikes, and all of its rests. Where these are too many, it goes step by step for a while.
 */
export class TabledPopulation implements EventNode {
  readonly arrivals: readonly [Arrivals];
  readonly emission: SparseActivity;
  readonly saved: ReadonlyMap<string, TensorData>;
  readonly variables: readonly string[];
  readonly bytes: number;
  readonly #dynamics: NeuronDynamics;
  readonly #state: Readonly<Record<string, Float64Array>>;
  readonly #v: Float64Array;
  readonly #u: Float64Array;
  readonly #present: Float64Array;
  readonly #constant: ConstantInput;
  readonly #tables: FlowTables;
  readonly #calendar: Calendar;
  readonly #counters: NetworkCounters;
  readonly #stepCount: StepCount;
  /** What arrives, as the equations take it. */
  readonly #input: Float64Array;
  readonly #inputs: readonly Float64Array[];
  readonly #pair = new Float64Array(2);
  /** [the last step of going step by step, when it was last weighed whether to, own steps since then]. */
  readonly #pace = new Float64Array(3);
  readonly #wake = (i: number) => this.arrivals[0].wake(i);

  constructor(
    tables: FlowTables,
    dynamics: NeuronDynamics,
    constant: ConstantInput,
    { counters, stepCount }: { readonly counters: NetworkCounters; readonly stepCount: StepCount },
  ) {
    const size = dynamics.initial.v!.length;
    this.#dynamics = dynamics;
    this.#tables = tables;
    this.#constant = constant;
    this.#counters = counters;
    this.#stepCount = stepCount;
    this.#state = Object.fromEntries(Object.entries(dynamics.initial).map(([name, start]) => [name, start.slice()]));
    this.#v = this.#state.v!;
    this.#u = this.#state[tables.second]!;
    this.#present = new Float64Array(size);
    this.#input = new Float64Array(size);
    this.#inputs = [this.#input];
    this.#calendar = new Calendar(size);
    this.arrivals = [new Arrivals(size)];
    this.emission = sparseActivity(size);
    this.saved = new Map([...Object.entries(this.#state), ['present', this.#present], ['pace', this.#pace]]);
    this.variables = Object.keys(this.#state);
    const arrays = [this.#state, this.#present, this.#input, this.#pair, this.#pace];
    const own = bytesOf(this.arrivals, this.emission) + heldBytes([dynamics, arrays]) + this.#calendar.bytes;
    this.bytes = own + constant.bytes + tables.bytes;
  }

  get next(): number {
    return Math.min(this.#calendar.earliest, this.#constant.next);
  }

  visit(now: number): void {
    const stepped = now <= this.#pace[0]!;
    while (this.#constant.next <= now) {
      const before = this.#constant.next - 1;
      for (let i = 0; i < this.#v.length; i++) this.#silence(i, before);
      this.#constant.begin();
      this.#foreseeAll(stepped);
    }
    if (stepped) this.#visitAll(now);
    else this.#visitTouched(now);
    if (now >= this.#pace[1]! + WEIGHED) this.#weigh(now);
  }

  /** Visits those to which something arrives and those that are to be looked at. */
  #visitTouched(now: number): void {
    const [arrivals] = this.arrivals;
    this.#calendar.forEachAt(now, this.#wake);
    const count = arrivals.take();
    this.emission.length = 0;
    for (let k = 0; k < count; k++) {
      const i = arrivals.touched.drained[k]!;
      const x = arrivals.sums[i]!;
      arrivals.sums[i] = 0;
      this.#emit(i, this.#act(i, now, x));
      this.#foresee(i);
    }
  }

  /** A step of all. */
  #visitAll(now: number): void {
    const [arrivals] = this.arrivals;
    this.emission.length = 0;
    for (let i = 0; i < this.#v.length; i++) this.#emit(i, this.#step(i, arrivals.sums[i]!));
    this.#present.fill(now);
    arrivals.clear();
    if (now < this.#pace[0]!) this.#calendar.set(0, now + 1);
    else this.#foreseeAll(false);
  }

  #emit(i: number, spikes: number): void {
    if (spikes === 0) return;
    this.emission.index[this.emission.length] = i;
    this.emission.value[this.emission.length++] = spikes;
    this.#counters.spikes += spikes;
  }

  /** Decides how to go on from the share of own steps since it was last decided. */
  #weigh(now: number): void {
    const pace = this.#pace;
    const steps = (now - pace[1]!) * this.#v.length;
    if (now > pace[0]! && pace[2]! > TOO_MANY * steps) {
      for (let i = 0; i < this.#v.length; i++) this.#silence(i, now);
      pace[0] = now + STEPPED;
      this.#foreseeAll(true);
    }
    pace[1] = now;
    pace[2] = 0;
  }

  reset(origin: number): void {
    for (const [name, start] of Object.entries(this.#dynamics.initial)) this.#state[name]!.set(start);
    this.#present.fill(origin);
    this.#constant.reset(origin);
    this.arrivals[0].clear();
    this.#pace.set([origin, origin, 0]);
    this.#foreseeAll(false);
  }

  restored(origin: number, now: number): void {
    this.#constant.restore(origin, now);
    this.arrivals[0].clear();
    this.#foreseeAll(now < this.#pace[0]!);
  }

  readState(variable: string, now: number, into: Float64Array): void {
    const { own } = this.#stepCount;
    const paced = this.#pace[2]!;
    const variables = Object.values(this.#state);
    for (let i = 0; i < into.length; i++) {
      const present = this.#present[i]!;
      const before = variables.map((values) => values[i]!);
      this.#silence(i, now);
      into[i] = this.#state[variable]![i]!;
      variables.forEach((values, k) => {
        values[i] = before[k]!;
      });
      this.#present[i] = present;
    }
    this.#stepCount.own = own;
    this.#pace[2] = paced;
  }

  /** Brings a neuron to `now`, where x arrives, and returns its spikes. */
  #act(i: number, now: number, x: number): number {
    if (x === 0) return this.#silence(i, now);
    const before = this.#silence(i, now - 1);
    const spikes = this.#step(i, x);
    this.#present[i] = now;
    return Math.max(before, spikes);
  }

  /** Brings a neuron to `time` without arrivals, by its table where that holds, and returns its spikes. */
  #silence(i: number, time: number): number {
    const from = this.#present[i]!;
    if (time <= from) return 0;
    let spikes = 0;
    for (let left = time - from; left > 0; ) {
      const steps = this.#rests(i) ? 0 : this.#forward(i, left);
      if (steps === 0) spikes = Math.max(spikes, this.#step(i, 0));
      left -= Math.max(1, steps);
    }
    this.#present[i] = time;
    return spikes;
  }

  /** Brings a neuron forward by its table and returns by how many steps; 0 where the table does not hold. */
  #forward(i: number, most: number): number {
    const table = this.#tables.at(i, this.#constant);
    if (table === undefined) return 0;
    this.#toPair(i);
    const steps = table.forward(this.#pair, most);
    this.#v[i] = this.#pair[0]!;
    this.#u[i] = this.#pair[1]!;
    return steps;
  }

  /** A step of the kind's own. */
  #step(i: number, x: number): number {
    this.#stepCount.own++;
    this.#pace[2]!++;
    this.#input[i] = this.#constant.values[i]! + x;
    return this.#dynamics.step(i, this.#inputs, this.#state);
  }

  /** Arranges for a neuron to be looked at before it may spike. */
  #foresee(i: number): void {
    const present = this.#present[i]!;
    const rest = this.#state.refractory?.[i] ?? 0;
    if (rest > 0) {
      this.#calendar.set(i, present + rest);
      return;
    }
    this.#toPair(i);
    this.#calendar.set(i, present + Math.max(1, this.#tables.at(i, this.#constant)?.quietSteps(this.#pair) ?? 1));
  }

  /** As `#foresee` for all; where all are stepped, one of them is enough to look at. */
  #foreseeAll(stepped: boolean): void {
    if (stepped) {
      this.#calendar.clear();
      this.#calendar.set(0, this.#present[0]! + 1);
    } else for (let i = 0; i < this.#v.length; i++) this.#foresee(i);
  }

  #rests(i: number): boolean {
    return this.#state.refractory !== undefined && this.#state.refractory[i]! > 0;
  }

  #toPair(i: number): void {
    this.#pair[0] = this.#v[i]!;
    this.#pair[1] = this.#u[i]!;
  }
}
