import type { NeuronDynamics, NeuronKind, NumberRange, ResolvedGraph, SelectionConnectivity } from '@spikewire/models';
import type { EmissionRingPlan } from './emission-ring.ts';
import type { InputWindowPlan } from './input-window.ts';
import type { SumFormat } from './kernels/instructions.ts';
import type { LearningPlan } from './kernels/learning-kernels.ts';
import type { MemoryPlan, MemoryViews } from './kernels/memory.ts';
import type { Layout } from './layout.ts';
import type { Packing } from './packed-weights.ts';

/** Where to find what arrives somewhere: a list, some steps back. */
export interface Stream {
  readonly list: EmissionRingPlan;
  readonly delay: number;
}

/** An array of state in memory. */
export interface StateVariable {
  readonly address: number;
  readonly format: 'int16' | 'int32' | 'float32' | 'float64';
  /** Elements in memory. */
  readonly length: number;
  /** How neurons lie in it; absent where it is not one value per neuron. */
  readonly layout?: Layout;
  /** What its elements may be, in their order; the last is that of all that follow. */
  readonly ranges: readonly NumberRange[];
  /** Whether it starts anew with the activity. */
  readonly resets: boolean;
  /** Real value of what is kept, for the neuron with row-major `index`; absent: itself. */
  readonly real?: (value: number, index: number, memory: MemoryViews) => number;
}

/** A node with a state in memory: neurons, or a selection. */
export interface PopulationPlan {
  readonly index: number;
  readonly list: EmissionRingPlan;
  readonly spikes: boolean;
  readonly state: ReadonlyMap<string, StateVariable>;
}

/** A neuron node without a kernel: its kind's own equations over arrays in memory. */
export interface DynamicsPlan {
  readonly kind: NeuronKind;
  readonly dynamics: NeuronDynamics;
  readonly population: PopulationPlan;
  readonly size: number;
  /** Accumulators by port. */
  readonly inputs: readonly number[];
}

/** A connection whose elements pass late, each by its own number of steps. */
export interface LateElementsPlan {
  readonly arrivals: readonly Stream[];
  /** By row-major index. */
  readonly delays: Int32Array;
  /** The sums that it adds to. */
  readonly address: number;
  readonly format: SumFormat;
  readonly layout: Layout;
}

/** A connection that hands on some of what arrives. */
export interface SelectionPlan {
  readonly connectivity: SelectionConnectivity;
  readonly arrival: Stream;
  readonly state: StateVariable;
  /** The sums that it adds to. */
  readonly address: number;
  readonly format: SumFormat;
  readonly layout: Layout;
}

/** The weights of a connection in memory. */
export interface WeightsPlan {
  readonly index: number;
  /** Number of weights. */
  readonly length: number;
  readonly packing: Packing;
  readonly address: number;
  /** What one counts that is kept as 1. */
  readonly unit: number;
  /** Kernels that change it, where it is learned and there are some. */
  readonly learning: LearningPlan | undefined;
}

/** A part of a step: a run of instructions, or what is computed outside the kernels. */
export type ProgramPart =
  | { readonly role: 'kernels'; readonly from: number; readonly to: number }
  | { readonly role: 'dynamics'; readonly plan: DynamicsPlan }
  | { readonly role: 'late elements'; readonly plan: LateElementsPlan }
  | { readonly role: 'selection'; readonly plan: SelectionPlan };

/** A model compiled for the clocked engine. Everything has its address in `memory`. */
export interface Program {
  readonly graph: ResolvedGraph;
  readonly memory: MemoryPlan;
  /** What happens before inputs are written: rings move on by one step. */
  readonly begin: readonly ProgramPart[];
  readonly step: readonly ProgramPart[];
  /** Both together, where kernels do all of it and take the inputs by themselves. */
  readonly whole: { readonly from: number; readonly to: number } | undefined;
  /** Address of the lists that somebody outside the kernels reads: outputs, and what rules look at. */
  readonly watched: number;
  readonly window: InputWindowPlan;
  readonly inputs: readonly { readonly index: number; readonly list: EmissionRingPlan }[];
  readonly outputs: readonly OutputPlan[];
  readonly populations: readonly PopulationPlan[];
  readonly weights: ReadonlyMap<number, WeightsPlan>;
  /** What arrives at each connection node that learns. */
  readonly arrivals: ReadonlyMap<number, Stream>;
  /** Rings of more than one slot, by index of the node. */
  readonly rings: ReadonlyMap<number, EmissionRingPlan>;
}

export interface OutputPlan {
  readonly index: number;
  readonly size: number;
  readonly sources: readonly (Stream & { readonly unit: number })[];
}
