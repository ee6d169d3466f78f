import {
  type Connectivity,
  elementCount,
  type IntegerForm,
  type KeptState,
  kept,
  linearDynamics,
  type NeuronKind,
  prefixed,
  real,
  unitOf,
  whole,
} from '@spikewire/models';
import type { EventList } from 'spikewire';
import type { NetworkCounters } from 'spikewire/state';

/** State variables of a population as the `integer` engine names and keeps them: whole numbers in doubles. */
export interface PopulationState {
  readonly v: Float64Array;
  readonly i?: Float64Array;
  readonly refractory?: Float64Array;
  /** How often a number was held at the [upper, lower] end. */
  readonly saturated: Float64Array;
}

interface Site {
  readonly size: number;
  /** What it emitted in the last steps, a ring of as many vectors as its longest delay and one. */
  readonly values: Float64Array;
  readonly incoming: readonly { readonly from: number; readonly delay: number; readonly unit: number }[];
  readonly connectivity: Connectivity | undefined;
  /** 2^h of its weights. */
  readonly factor: number;
  /** By input, synapses with a weight. */
  readonly fan: Uint32Array;
  /** Whether something but a population takes what it emits, or takes it later. */
  readonly isRead: boolean;
  readonly firing: boolean;
  readonly state: PopulationState | undefined;
}

/**
 * What the `integer` engine keeps of a net whose populations are computed elsewhere: what each node emitted last, the
 * step, the counters, and the place for the states of the populations. Its saved states are states of `integer`, so
 * that a net can go on there, and from there.
 */
export class IntegerShadow {
  step = 0;
  readonly #form: IntegerForm;
  readonly #counters: NetworkCounters;
  readonly #sites: readonly Site[];

  constructor(form: IntegerForm, counters: NetworkCounters) {
    this.#form = form;
    this.#counters = counters;
    this.#sites = form.wiring.graph.nodes.map((_, index) => this.#createSite(index));
  }

  /** State variables of the population at this index. */
  stateOf(index: number): PopulationState {
    return this.#sites[index]!.state!;
  }

  /** Begins a step; what the Inputs and populations emit in it is written to these arrays. */
  emittedBy(index: number, step = this.step): Float64Array {
    const { values, size } = this.#sites[index]!;
    const slots = values.length / size;
    const slot = ((step % slots) + slots) % slots;
    return values.subarray(slot * size, (slot + 1) * size);
  }

  /** Ends a step in which Inputs and populations have emitted. */
  advance(events: EventColumns, raster: EventColumns | undefined, step: number): void {
    const { nodes } = this.#form.wiring.graph;
    nodes.forEach(({ kind }, index) => {
      const site = this.#sites[index]!;
      if (site.connectivity !== undefined) this.#pass(site, site.connectivity, index);
      else if (kind.role === 'output') {
        const shown = this.#arriving(site, this.emittedBy(index).fill(0));
        events.push(step, index, shown);
      } else if (kind.role === 'neuron') {
        const emitted = this.emittedBy(index);
        if (site.firing) for (const spikes of emitted) this.#counters.spikes += spikes;
        if ((kind as NeuronKind).emits === 'spikes') raster?.push(step, index, emitted);
      }
    });
    this.step++;
  }

  /** Membranes and delays as at the start, the first from `states`. */
  reset(): void {
    for (const { values } of this.#sites) values.fill(0);
  }

  get kept(): KeptState {
    const parts = this.#sites.map(({ values, state }, index) =>
      prefixed(`node${index}`, { emitted: kept(values, real()), ...(state && keptPopulation(state)) }),
    );
    return Object.assign({}, ...parts);
  }

  #pass(site: Site, connectivity: Connectivity, index: number): void {
    const arriving = this.#arriving(site, new Float64Array(site.fan.length));
    for (let input = 0; input < arriving.length; input++) {
      if (arriving[input] !== 0) this.#counters.synapticOperations += site.fan[input]!;
    }
    if (!site.isRead) return;
    const emitted = this.emittedBy(index).fill(0);
    arriving.forEach((count, input) => {
      if (count === 0) return;
      connectivity.forEachSynapse(input, (output, k) => {
        emitted[output]! += connectivity.weights === undefined ? count : connectivity.weights[k]! * site.factor * count;
      });
    });
  }

  #arriving({ incoming }: Site, sum: Float64Array): Float64Array {
    for (const { from, delay, unit } of incoming) {
      const brought = this.emittedBy(from, this.step - delay);
      for (let k = 0; k < sum.length; k++) sum[k]! += brought[k]! * unit;
    }
    return sum;
  }

  #createSite(index: number): Site {
    const { wiring, quantization } = this.#form;
    const { name, kind, shape, inputShape } = wiring.graph.nodes[index]!;
    const connectivity = wiring.connectivity[index];
    const size = elementCount(shape);
    const outgoing = wiring.outgoing[index]!;
    const longest = Math.max(0, ...outgoing.map(({ delay }) => delay));
    const fan = new Uint32Array(connectivity === undefined ? 0 : elementCount(inputShape));
    if (connectivity?.weights !== undefined) {
      for (let input = 0; input < fan.length; input++) connectivity.forEachSynapse(input, () => void fan[input]!++);
    }
    const isNeuron = kind.role === 'neuron';
    const dynamics = isNeuron ? linearDynamics(wiring.graph.nodes[index]!) : undefined;
    return {
      size,
      values: new Float64Array(size * (longest + 1)),
      incoming: wiring.incoming[index]!.map(({ source, delay }) => {
        return { from: source, delay, unit: kind.role === 'output' ? unitOf(wiring, source, quantization) : 1 };
      }),
      connectivity,
      factor: 2 ** (quantization.connections.get(name)?.shift ?? 0),
      fan,
      isRead: outgoing.some(({ target, delay }) => delay > 0 || wiring.graph.nodes[target]!.kind.role !== 'neuron'),
      firing: dynamics?.firing !== undefined,
      state: dynamics && {
        v: new Float64Array(size),
        ...(dynamics.current && { i: new Float64Array(size) }),
        ...(dynamics.firing && { refractory: new Float64Array(size) }),
        saturated: new Float64Array(2),
      },
    };
  }
}

function keptPopulation({ refractory, ...others }: PopulationState): KeptState {
  return {
    ...Object.fromEntries(Object.entries(others).map(([name, values]) => [name, kept(values, real())])),
    ...(refractory && { refractory: kept(refractory, whole()) }),
  };
}

/** Events as they are collected: by step, node and index. */
export class EventColumns {
  readonly #step: number[] = [];
  readonly #node: number[] = [];
  readonly #index: number[] = [];
  readonly #value: number[] = [];

  /** One for each value other than 0. */
  push(step: number, node: number, values: Float64Array): void {
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      if (value === 0) continue;
      this.#step.push(step);
      this.#node.push(node);
      this.#index.push(index);
      this.#value.push(value);
    }
  }

  toList(): EventList {
    return {
      step: Int32Array.from(this.#step),
      node: Int32Array.from(this.#node),
      index: Int32Array.from(this.#index),
      value: Float64Array.from(this.#value),
    };
  }
}
