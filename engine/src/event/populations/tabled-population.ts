import { type KeptState, kept, type NeuronDynamics, whole } from '@spikewire/models';
import type { NetworkCounters } from '../../engine.ts';
import { keptVariables } from '../../kept-variables.ts';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import { retainedBytes } from '../../retained-bytes.ts';
import { Arrivals } from '../connections/arrivals.ts';
import { bytesOf, type EventNode } from '../connections/event-node.ts';
import type { ConstantInput } from '../flow/constant-input.ts';
import { momentOn } from '../flow/flow.ts';
import type { SilentFlow, Tables } from '../tables/silent-flow.ts';
import { Calendar } from './calendar.ts';
import type { StepCount } from './step-count.ts';

/** Steps after which it is weighed whether tables pay, and for how many it then goes step by step where they do not. */
const [WEIGHED, STEPPED] = [1024, 7 * 1024];
/** The share of own steps above which a step for all costs less than looking who needs none. */
const TOO_MANY = 0.25;

/**
 * Neurons without a closed form, between arrivals by tables of their flow. A step in which
 * something arrives is the kind's own; so is every step for which the table does not hold, among them all in which a
 * neuron spikes, and all of its rests. Where these are too many, it goes step by step for a while.
 */
export class TabledPopulation implements EventNode {
  readonly arrivals: readonly Arrivals[];
  readonly emission: SparseActivity;
  readonly saved: KeptState;
  readonly variables: readonly string[];
  readonly bytes: number;
  readonly #dynamics: NeuronDynamics;
  readonly #state: Readonly<Record<string, Float64Array>>;
  readonly #v: Float64Array;
  readonly #present: Float64Array;
  /** By port. */
  readonly #constants: readonly ConstantInput[];
  readonly #flow: SilentFlow;
  readonly #calendar: Calendar;
  readonly #counters: NetworkCounters;
  readonly #stepCount: StepCount;
  /** What arrives by port, as the equations take it. */
  readonly #inputs: readonly Float64Array[];
  /** [the last step of going step by step, when it was last weighed whether to, own steps since then]. */
  readonly #pace = new Float64Array(3);
  readonly #wake = (i: number) => this.arrivals[0]!.wake(i);

  constructor(
    tables: Tables,
    dynamics: NeuronDynamics,
    constants: readonly ConstantInput[],
    { counters, stepCount }: { readonly counters: NetworkCounters; readonly stepCount: StepCount },
  ) {
    const size = dynamics.initial.v!.length;
    this.#dynamics = dynamics;
    this.#constants = constants;
    this.#counters = counters;
    this.#stepCount = stepCount;
    this.#state = Object.fromEntries(Object.entries(dynamics.initial).map(([name, start]) => [name, start.slice()]));
    this.#v = this.#state.v!;
    this.#flow = tables.over(this.#state, constants);
    this.#present = new Float64Array(size);
    this.#inputs = constants.map(() => new Float64Array(size));
    this.#calendar = new Calendar(size);
    this.arrivals = constants.map(() => new Arrivals(size));
    this.emission = sparseActivity(size);
    const moment = momentOn('grid');
    this.saved = {
      ...keptVariables(this.#state),
      present: kept(this.#present, moment),
      pace: kept(this.#pace, moment, moment, whole()),
    };
    this.variables = Object.keys(this.#state);
    const arrays = [this.#state, this.#present, this.#inputs, this.#pace];
    const own = bytesOf(this.arrivals, this.emission) + retainedBytes([dynamics, arrays]) + this.#calendar.bytes;
    this.bytes = constants.reduce((sum, { bytes }) => sum + bytes, own + tables.bytes);
  }

  get next(): number {
    return Math.min(this.#calendar.earliest, this.#nextConstant);
  }

  /** When what is there all the time next changes. */
  get #nextConstant(): number {
    return this.#constants.reduce((earliest, { next }) => Math.min(earliest, next), Number.POSITIVE_INFINITY);
  }

  visit(now: number): void {
    const stepped = now <= this.#pace[0]!;
    for (let start = this.#nextConstant; start <= now; start = this.#nextConstant) {
      for (let i = 0; i < this.#v.length; i++) this.#silence(i, start - 1);
      for (const constant of this.#constants) if (constant.next === start) constant.begin();
      this.#foreseeAll(stepped);
    }
    if (stepped) this.#visitAll(now);
    else this.#visitTouched(now);
    if (now >= this.#pace[1]! + WEIGHED) this.#weigh(now);
  }

  /** Visits those to which something arrives and those that are to be looked at. */
  #visitTouched(now: number): void {
    const [first, ...others] = this.arrivals;
    this.#calendar.forEachAt(now, this.#wake);
    for (const each of others) {
      const count = each.take();
      for (let k = 0; k < count; k++) this.#wake(each.touched.drained[k]!);
    }
    const count = first!.take();
    this.emission.length = 0;
    for (let k = 0; k < count; k++) {
      const i = first!.touched.drained[k]!;
      this.#emit(i, this.#act(i, now));
      this.#foresee(i);
    }
  }

  /** A step of all. */
  #visitAll(now: number): void {
    this.emission.length = 0;
    for (let i = 0; i < this.#v.length; i++) this.#emit(i, this.#step(i, true));
    this.#present.fill(now);
    this.#clearArrivals();
    if (now < this.#pace[0]!) this.#calendar.set(0, now + 1);
    else this.#foreseeAll(false);
  }

  #clearArrivals(): void {
    for (const each of this.arrivals) each.clear();
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
    for (const constant of this.#constants) constant.reset(origin);
    this.#clearArrivals();
    this.#pace.set([origin, origin, 0]);
    this.#foreseeAll(false);
  }

  restored(origin: number, now: number): void {
    for (const constant of this.#constants) constant.restore(origin, now);
    this.#clearArrivals();
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

  /** Brings a neuron to `now`, lets arrive what does, and returns its spikes. */
  #act(i: number, now: number): number {
    if (this.arrivals.every(({ sums }) => sums[i] === 0)) return this.#silence(i, now);
    const before = this.#silence(i, now - 1);
    const spikes = this.#step(i, true);
    for (const { sums } of this.arrivals) sums[i] = 0;
    this.#present[i] = now;
    return Math.max(before, spikes);
  }

  /** Brings a neuron to `time` without arrivals, by its table where that holds, and returns its spikes. */
  #silence(i: number, time: number): number {
    const from = this.#present[i]!;
    if (time <= from) return 0;
    let spikes = 0;
    for (let left = time - from; left > 0; ) {
      const steps = this.#rests(i) ? 0 : this.#flow.forward(i, left);
      if (steps === 0) spikes = Math.max(spikes, this.#step(i, false));
      left -= Math.max(1, steps);
    }
    this.#present[i] = time;
    return spikes;
  }

  /** A step of the kind's own; `arrives`: with what the arrivals hold. */
  #step(i: number, arrives: boolean): number {
    this.#stepCount.own++;
    this.#pace[2]!++;
    for (let port = 0; port < this.#inputs.length; port++) {
      const x = arrives ? this.arrivals[port]!.sums[i]! : 0;
      this.#inputs[port]![i] = this.#constants[port]!.values[i]! + x;
    }
    return this.#dynamics.step(i, this.#inputs, this.#state);
  }

  /** Arranges for a neuron to be looked at before it may spike. */
  #foresee(i: number): void {
    const present = this.#present[i]!;
    const rest = this.#state.refractory?.[i] ?? 0;
    this.#calendar.set(i, present + (rest > 0 ? rest : Math.max(1, this.#flow.quietSteps(i))));
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
}
