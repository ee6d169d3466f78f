import type { KeptState, NeuronDynamics, NeuronKind } from '@spikewire/models';
import type { NetworkCounters } from '../../engine.ts';
import { keptVariables } from '../../kept-variables.ts';
import { type SparseActivity, sparseActivity } from '../../learn/sparse-activity.ts';
import { retainedBytes } from '../../retained-bytes.ts';
import { Arrivals } from '../connections/arrivals.ts';
import { bytesOf, type EventNode } from '../connections/event-node.ts';
import type { ConstantInput } from '../flow/constant-input.ts';
import type { StepCount } from './step-count.ts';

/** A population without a closed form: all its neurons are visited in every step, by the kind's own equations. */
export class SteppedPopulation implements EventNode {
  readonly arrivals: readonly Arrivals[];
  readonly emission: SparseActivity;
  readonly saved: KeptState;
  readonly variables: readonly string[];
  readonly bytes: number;
  next = 0;
  readonly #dynamics: NeuronDynamics;
  readonly #state: Readonly<Record<string, Float64Array>>;
  readonly #inputs: readonly Float64Array[];
  /** By port. */
  readonly #constants: readonly ConstantInput[];
  readonly #counters: NetworkCounters | undefined;
  readonly #stepCount: StepCount | undefined;

  constructor(
    kind: NeuronKind,
    dynamics: NeuronDynamics,
    constants: readonly ConstantInput[],
    { counters, stepCount }: { readonly counters: NetworkCounters; readonly stepCount: StepCount | undefined },
  ) {
    const size = dynamics.initial.v!.length;
    this.#dynamics = dynamics;
    this.#constants = constants;
    this.#stepCount = stepCount;
    this.#counters = kind.emits === 'spikes' ? counters : undefined;
    this.#state = Object.fromEntries(Object.entries(dynamics.initial).map(([name, start]) => [name, start.slice()]));
    this.arrivals = constants.map(() => new Arrivals(size));
    this.#inputs = this.arrivals.map(({ sums }) => sums);
    this.emission = sparseActivity(size);
    this.saved = keptVariables(this.#state);
    this.variables = Object.keys(this.#state);
    const own = bytesOf(this.arrivals, this.emission) + retainedBytes([dynamics, this.#state]);
    this.bytes = own + constants.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  visit(now: number): void {
    this.#constants.forEach((constant, port) => {
      while (constant.next <= now) constant.begin();
      if (!constant.isPresent) return;
      const sums = this.#inputs[port]!;
      for (let i = 0; i < sums.length; i++) sums[i]! += constant.values[i]!;
    });
    let emitted = 0;
    for (let i = 0; i < this.emission.index.length; i++) {
      const value = this.#dynamics.step(i, this.#inputs, this.#state);
      if (value === 0) continue;
      this.emission.index[emitted] = i;
      this.emission.value[emitted++] = value;
      if (this.#counters !== undefined) this.#counters.spikes += value;
    }
    this.emission.length = emitted;
    if (this.#stepCount !== undefined) this.#stepCount.own += this.emission.index.length;
    for (const arrivals of this.arrivals) arrivals.clear();
    this.next = now + 1;
  }

  reset(origin: number): void {
    for (const [name, start] of Object.entries(this.#dynamics.initial)) this.#state[name]!.set(start);
    for (const constant of this.#constants) constant.reset(origin);
    for (const arrivals of this.arrivals) arrivals.clear();
    this.next = origin + 1;
  }

  restored(origin: number, now: number): void {
    for (const constant of this.#constants) constant.restore(origin, now);
    for (const arrivals of this.arrivals) arrivals.clear();
    this.next = now + 1;
  }

  readState(variable: string, _now: number, into: Float64Array): void {
    into.set(this.#state[variable]!);
  }
}
