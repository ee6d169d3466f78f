import {
  broadcast,
  type NeuronDynamics,
  type NeuronKind,
  numbersOf,
  type ResolvedNode,
  type TensorData,
} from '@spikewire/models';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import type { NetworkCounters } from '../engine.ts';
import { heldBytes } from '../held-bytes.ts';
import { Arrivals } from './arrivals.ts';
import { Calendar } from './calendar.ts';
import type { ConstantInput } from './constant-input.ts';
import { bytesOf, type EventNode } from './event-node.ts';
import { FlowTable, type PlanarNeuron, TABLE_BYTES } from './flow-table.ts';

/** Tables of one population take no more than this. */
const MOST_BYTES = 32 * 2 ** 20;
/** Parts of a step in which a table looks for the moment of a spike. */
const PARTS = 16;
/** Steps until a neuron is looked at again of which the table does not tell when it spikes. */
const LOOK_AGAIN = 8;

/**
 * Neurons with two state variables and no closed form, between arrivals by tables of their flow. A step in which something arrives is
 * the kind's own; so are steps of which a table says too little. What a table says is near and not exact.
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
  readonly #tables: Tables;
  readonly #calendar: Calendar;
  readonly #counters: NetworkCounters;
  /** What arrives, as the equations take it. */
  readonly #input: Float64Array;
  readonly #inputs: readonly Float64Array[];
  /** Neurons whose appointment is a spike, and not a look. */
  readonly #spikes: Uint8Array;
  readonly #pair = new Float64Array(2);
  readonly #wake = (i: number) => this.arrivals[0].wake(i);

  constructor(tables: Tables, dynamics: NeuronDynamics, constant: ConstantInput, counters: NetworkCounters) {
    const size = dynamics.initial.v!.length;
    this.#dynamics = dynamics;
    this.#tables = tables;
    this.#constant = constant;
    this.#counters = counters;
    this.#state = Object.fromEntries(Object.entries(dynamics.initial).map(([name, start]) => [name, start.slice()]));
    this.#v = this.#state.v!;
    this.#u = this.#state[tables.second]!;
    this.#present = new Float64Array(size);
    this.#input = new Float64Array(size);
    this.#inputs = [this.#input];
    this.#spikes = new Uint8Array(size);
    this.#calendar = new Calendar(size);
    this.arrivals = [new Arrivals(size)];
    this.emission = sparseActivity(size);
    this.saved = new Map([...Object.entries(this.#state), ['present', this.#present]]);
    this.variables = Object.keys(this.#state);
    const arrays = [this.#state, this.#present, this.#input, this.#spikes, this.#pair];
    const own = bytesOf(this.arrivals, this.emission) + heldBytes([dynamics, arrays]) + this.#calendar.bytes;
    this.bytes = own + constant.bytes + tables.bytes;
  }

  get next(): number {
    return Math.min(this.#calendar.earliest, this.#constant.next);
  }

  visit(now: number): void {
    while (this.#constant.next <= now) {
      const before = this.#constant.next - 1;
      for (let i = 0; i < this.#v.length; i++) this.#silence(i, before);
      this.#constant.begin();
      this.#foreseeAll();
    }
    const [arrivals] = this.arrivals;
    this.#calendar.forEachAt(now, this.#wake);
    const count = arrivals.take();
    let emitted = 0;
    for (let k = 0; k < count; k++) {
      const i = arrivals.touched.drained[k]!;
      const x = arrivals.sums[i]!;
      arrivals.sums[i] = 0;
      const spikes = this.#act(i, now, x);
      this.#foresee(i);
      if (spikes === 0) continue;
      this.emission.index[emitted] = i;
      this.emission.value[emitted++] = spikes;
      this.#counters.spikes += spikes;
    }
    this.emission.length = emitted;
  }

  reset(origin: number): void {
    for (const [name, start] of Object.entries(this.#dynamics.initial)) this.#state[name]!.set(start);
    this.#present.fill(origin);
    this.#constant.reset(origin);
    this.arrivals[0].clear();
    this.#foreseeAll();
  }

  restored(origin: number, now: number): void {
    this.#constant.restore(origin, now);
    this.arrivals[0].clear();
    this.#foreseeAll();
  }

  readState(variable: string, now: number, into: Float64Array): void {
    const kept = this.#state[variable]!;
    for (let i = 0; i < into.length; i++) {
      const rest = this.#state.refractory?.[i];
      const before = [this.#v[i]!, this.#u[i]!, this.#present[i]!] as const;
      this.#silence(i, now);
      into[i] = kept[i]!;
      [this.#v[i], this.#u[i], this.#present[i]] = before;
      if (rest !== undefined) this.#state.refractory![i] = rest;
    }
  }

  /** Brings a neuron to `now`, where x arrives, and returns its spikes. */
  #act(i: number, now: number, x: number): number {
    const present = this.#present[i]!;
    if (x === 0 && this.#spikes[i] === 1 && this.#calendar.dueOf(i) === now) {
      this.#toPair(i);
      this.#tables.at(i, this.#constant).spike(this.#pair);
      this.#fromPair(i);
      this.#present[i] = now;
      return 1;
    }
    // A spike that a table foresaw too late is made good now.
    const late = now - 1 > present ? this.#silence(i, now - 1) : 0;
    const spikes = this.#step(i, x);
    this.#present[i] = now;
    return Math.max(late, spikes);
  }

  /** Brings a neuron to `time` without arrivals and returns spikes that nobody foresaw. */
  #silence(i: number, time: number): number {
    const table = this.#tables.at(i, this.#constant);
    let unforeseen = 0;
    this.#toPair(i);
    for (let left = time - this.#present[i]!; left > 0; ) {
      const steps = this.#rests(i) ? 0 : table.forward(this.#pair, left);
      if (steps === 0) {
        this.#fromPair(i);
        unforeseen = Math.max(unforeseen, this.#step(i, 0));
        this.#toPair(i);
      }
      left -= Math.max(1, steps);
    }
    this.#fromPair(i);
    if (time > this.#present[i]!) this.#present[i] = time;
    return unforeseen;
  }

  /** A step of the kind's own. */
  #step(i: number, x: number): number {
    this.#input[i] = this.#constant.values[i]! + x;
    return this.#dynamics.step(i, this.#inputs, this.#state);
  }

  #foresee(i: number): void {
    this.#toPair(i);
    const present = this.#present[i]!;
    this.#spikes[i] = 0;
    if (this.#rests(i)) {
      this.#calendar.set(i, present + 1);
      return;
    }
    const table = this.#tables.at(i, this.#constant);
    const { steps, reliable } = table.untilSpike(this.#pair);
    if (!reliable) this.#calendar.set(i, present + Math.max(1, Math.min(LOOK_AGAIN, Math.floor(steps / 2))));
    else {
      this.#spikes[i] = steps === Number.POSITIVE_INFINITY ? 0 : 1;
      this.#calendar.set(i, present + Math.max(1, Math.ceil(steps)));
    }
  }

  #foreseeAll(): void {
    for (let i = 0; i < this.#v.length; i++) this.#foresee(i);
  }

  #rests(i: number): boolean {
    return this.#state.refractory !== undefined && this.#state.refractory[i]! > 0;
  }

  #toPair(i: number): void {
    this.#pair[0] = this.#v[i]!;
    this.#pair[1] = this.#u[i]!;
  }

  #fromPair(i: number): void {
    this.#v[i] = this.#pair[0]!;
    this.#u[i] = this.#pair[1]!;
  }
}

/** The tables of a population: one for each set of parameters and each constant input that occurs in it. */
export class Tables {
  /** Name of the second state variable. */
  readonly second: string;
  readonly bytes: number;
  /** By the constant input of the population, then by neuron. */
  readonly #byInput: ReadonlyMap<Float64Array, readonly FlowTable[]>;

  private constructor(second: string, byInput: ReadonlyMap<Float64Array, readonly FlowTable[]>) {
    this.second = second;
    this.#byInput = byInput;
    this.bytes = new Set([...byInput.values()].flat()).size * TABLE_BYTES;
  }

  /** Why there are none, where the kind has not two state variables and one port, or the tables would take too much memory. */
  static of(
    resolved: ResolvedNode,
    kind: NeuronKind,
    size: number,
    constants: readonly Float64Array[],
  ): Tables | string {
    const dynamics = kind.prepare(resolved.node, size, resolved.semantics);
    const [second, ...others] = Object.keys(dynamics.initial).filter((name) => name !== 'v' && name !== 'refractory');
    if (second === undefined || others.length > 0 || kind.emits !== 'spikes' || (kind.ports?.length ?? 1) > 1)
      return 'tables are for spiking neurons of two state variables';
    const parameters = parameterKeys(resolved, kind, size);
    const keyOf = (i: number, input: number) => `${parameters[i]} ${input}`;
    const wanted = new Map<string, { readonly i: number; readonly input: number }>();
    for (const values of constants) {
      for (let i = 0; i < size; i++) wanted.set(keyOf(i, values[i]!), { i, input: values[i]! });
    }
    if (wanted.size * TABLE_BYTES > MOST_BYTES)
      return `it would need ${wanted.size} tables, and there is room for ${Math.floor(MOST_BYTES / TABLE_BYTES)}`;
    const made = new Map(
      [...wanted].map(([key, { i, input }]) => [
        key,
        new FlowTable(planarNeuron(resolved, kind, size, second, i, input)),
      ]),
    );
    const byInput = constants.map((values) => {
      return [values, Array.from(values, (input, i) => made.get(keyOf(i, input))!)] as const;
    });
    return new Tables(second, new Map(byInput));
  }

  /** The table of neuron `i` under what is there all the time now. */
  at(i: number, constant: ConstantInput): FlowTable {
    return this.#byInput.get(constant.values)![i]!;
  }
}

/** What tells neurons of a population apart: their parameters but those of the start. */
function parameterKeys({ node }: ResolvedNode, kind: NeuronKind, size: number): string[] {
  const varying = Object.keys(kind.parameters)
    .filter((key) => !key.endsWith('_initial'))
    .map((key) => numbersOf(node, key))
    .filter((values) => values !== undefined && values.data.length > 1)
    .map((values) => broadcast(values!, size));
  return Array.from({ length: size }, (_, i) => varying.map((values) => values[i]).join());
}

/** Neuron i under a constant input, by the kind's own equations; the box of its states from what it does. */
function planarNeuron(
  { node, semantics }: ResolvedNode,
  kind: NeuronKind,
  size: number,
  second: string,
  i: number,
  input: number,
): PlanarNeuron {
  const integrate = kind.integrates?.includes('rk4') === false ? semantics.integrate : 'rk4';
  const whole = kind.prepare(node, size, semantics);
  const part = kind.prepare(node, size, { ...semantics, integrate, dt: semantics.dt / PARTS });
  const { initial } = whole;
  const state = Object.fromEntries(Object.entries(initial).map(([name, start]) => [name, start.slice()]));
  const inputs = [new Float64Array(size).fill(input)];
  const [v, u] = [state.v!, state[second]!];
  const advanceBy =
    ({ step }: NeuronDynamics) =>
    (pair: Float64Array) => {
      v[i] = pair[0]!;
      u[i] = pair[1]!;
      // The rest that follows a spike is the caller's.
      state.refractory?.fill(0);
      const spikes = step(i, inputs, state);
      pair[0] = v[i]!;
      pair[1] = u[i]!;
      return spikes > 0;
    };
  const advance = advanceBy(whole);
  const start = Float64Array.of(initial.v![i]!, initial[second]![i]!);
  return { advance, advancePart: advanceBy(part), parts: PARTS, ...explore(advance, start) };
}

/** Steps for which a neuron is followed to see where it goes. */
const EXPLORED = 20_000;

/** Where a neuron goes from its start, and a margin around it for what arrivals do. */
function explore(advance: (pair: Float64Array) => boolean, pair: Float64Array) {
  let [lowV, highV, lowU, highU] = [pair[0]!, pair[0]!, pair[1]!, pair[1]!];
  let resetTo = pair[0]!;
  for (let step = 0; step < EXPLORED; step++) {
    if (advance(pair)) resetTo = pair[0]!;
    lowV = Math.min(lowV, pair[0]!);
    highV = Math.max(highV, pair[0]!);
    lowU = Math.min(lowU, pair[1]!);
    highU = Math.max(highU, pair[1]!);
  }
  const [marginV, marginU] = [Math.max(1e-3, 0.1 * (highV - lowV)), Math.max(1e-3, 0.1 * (highU - lowU))];
  const box = [lowV - marginV, highV + marginV, lowU - marginU, highU + marginU] as const;
  return { box, resetTo };
}
