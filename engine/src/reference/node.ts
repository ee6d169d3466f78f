import { type Connectivity, elementCount, type KeptState, type NeuronKind, type ResolvedNode } from '@spikewire/models';
import type { NetworkCounters } from '../engine.ts';
import { keptVariables } from '../kept-variables.ts';
import { FloatWeights } from '../learn/weights/float-weights.ts';
import { createLateElements } from './late-elements.ts';
import { createSelection } from './selection.ts';

/** One node of the graph at work. */
export interface WorkingNode {
  /** State variables by name. */
  readonly state: Readonly<Record<string, Float64Array>>;
  /** The same as they are saved. */
  readonly kept: KeptState;
  /** All that it keeps: arrays, also within objects and lists. */
  readonly retained: readonly object[];
  /** What the node emits for what arrives, one array per port; written to `emitted`. */
  visit(arriving: readonly Float64Array[], emitted: Float64Array): void;
  /** State as at the start. */
  reset(): void;
}

/** Input and Output: what arrives is what is emitted. */
export function createTerminal(): WorkingNode {
  return {
    state: {},
    kept: {},
    retained: [],
    visit: ([arriving], emitted) => emitted.set(arriving!),
    reset: () => {},
  };
}

/** A population whose kind gives the equations of one neuron. */
export function createPopulation(
  { node, shape, semantics }: ResolvedNode,
  kind: NeuronKind,
  counters: NetworkCounters,
): WorkingNode {
  const size = elementCount(shape);
  const { initial, constants, step } = kind.prepare(node, size, semantics);
  const state = Object.fromEntries(Object.entries(initial).map(([name, start]) => [name, start.slice()]));
  return {
    state,
    kept: keptVariables(state),
    retained: [initial, constants, state],
    visit(arriving, emitted) {
      for (let i = 0; i < size; i++) {
        emitted[i] = step(i, arriving, state);
        if (kind.emits === 'spikes') counters.spikes += emitted[i]!;
      }
    },
    reset() {
      for (const [name, start] of Object.entries(initial)) state[name]!.set(start);
    },
  };
}

/** A connection node and its weights. */
export interface WorkingConnection extends WorkingNode {
  /** The model's weights, or the learned ones; empty where every synapse has weight 1. */
  readonly weights: Float64Array;
  /** The same weights as a learner changes them. */
  learnable(): FloatWeights;
}

export function createConnection(connectivity: Connectivity, counters: NetworkCounters): WorkingConnection {
  const weights = Float64Array.from(connectivity.weights ?? []);
  const learnable = () => new FloatWeights(weights, connectivity.weights!);
  if (connectivity.structure === 'elementwise' && connectivity.delays !== undefined) {
    return { ...createLateElements(connectivity.delays), weights, learnable };
  }
  if (connectivity.structure === 'selection') return { ...createSelection(connectivity), weights, learnable };
  return {
    state: {},
    kept: {},
    retained: [connectivity, weights],
    weights,
    learnable,
    visit: ([arriving], emitted) => transmit(connectivity, weights, arriving!, emitted, counters),
    reset: () => {},
  };
}

/** emitted = gain·W·arriving + bias, synapse by synapse. */
function transmit(
  { bias, gain, forEachSynapse, weights: weighted }: Connectivity,
  weights: Float64Array,
  arriving: Float64Array,
  emitted: Float64Array,
  counters: NetworkCounters,
): void {
  if (bias === undefined) emitted.fill(0);
  else emitted.set(bias);
  arriving.forEach((value, input) => {
    if (value === 0) return;
    forEachSynapse(input, (output, k) => {
      if (weighted === undefined) {
        emitted[output]! += gain * value;
        return;
      }
      emitted[output]! += gain * weights[k]! * value;
      counters.synapticOperations++;
    });
  });
}
