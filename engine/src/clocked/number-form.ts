import type { Connectivity, ResolvedEdge, ResolvedNode } from '@spikewire/models';
import type { LearnedConnection } from '../learn/learned-connections.ts';
import type { LearnedWeights, MatrixKernels } from '../learn/weights/weights.ts';
import type { EmissionRingPlan } from './emission-ring.ts';
import type { InputFormat } from './input-format.ts';
import type { SumFormat } from './kernels/instructions.ts';
import type { MemoryPlan } from './kernels/memory.ts';
import type { Layout } from './layout.ts';
import type { PackedWeights } from './packed-weights.ts';
import type { PopulationPlan, Stream } from './program.ts';
import type { KernelChoice, Structure } from './structure.ts';

/** Sums of a population in real numbers that are kept as whole ones, of which one counts `unit`, a power of two. */
export interface ExactSums {
  readonly format: 'int16' | 'int32';
  readonly unit: number;
  /** None is larger, in units. */
  readonly largest: number;
  /**
   * The edge from the Input that they come from, where there is one: what has other numbers than spikes is added in
   * float32.
   */
  readonly input: ResolvedEdge | undefined;
}

/** How the weights of a connection lie in memory. */
export interface WeightForm {
  /** Whether they are whole numbers; else they are float32. */
  readonly isInteger: boolean;
  /** h. */
  readonly shift: number;
  /** What a weight counts that is kept as 1, in the numbers of the graph's tensor. */
  readonly unit: number;
}

/** In what numbers a net computes, node by node. */
export interface PlacedNumbers {
  /** Format of the sums of arrivals of the population at `index`. */
  sumsOf(index: number): SumFormat;
  exactSumsOf(index: number): ExactSums | undefined;
  /** Of the connection at `index`. */
  weightsOf(index: number): WeightForm;
  /** Format of the values that the node at `index` emits. */
  valuesOf(index: number): 'int32' | 'float32';
}

/** A population to be laid out. */
export interface PopulationSite {
  readonly memory: MemoryPlan;
  readonly node: ResolvedNode;
  readonly index: number;
  readonly layout: Layout;
  readonly list: EmissionRingPlan;
  /** Address of the sums of arrivals. */
  readonly accumulator: number;
  /**
   * The same by port, whether anything ever arrives there, and the address of a word that is not 0 where something may
   * have arrived since it was cleared; 0 where nobody keeps it.
   */
  readonly ports: readonly { readonly address: number; readonly isFed: boolean; readonly mark: number }[];
  /** Address of a byte for every neuron that tells whether it spiked, for those who read that; 0 for none. */
  readonly map: number;
  /** What connections add in every step, by row-major index. */
  readonly bias: Float64Array | undefined;
  /** What the sums are, where they are kept as whole numbers though the net has real ones. */
  readonly exact: ExactSums | undefined;
  /**
   * Where an Input may send other numbers than spikes: its list, and the address of the sums of such steps, float32 in
   * units of `exact`.
   */
  readonly graded: (Stream & { readonly accumulator: number }) | undefined;
}

export interface PlannedPopulation {
  readonly plan: PopulationPlan;
  readonly instruction: readonly number[];
}

/** In what numbers a net computes: all in which the nets of the clocked engine differ. */
export interface NumberForm extends KernelChoice {
  /**
   * Whether that kernel is the one of adaptive thresholds: it reads marks, and its sums start from what is added in
   * every step.
   */
  isAdaptive(node: ResolvedNode): boolean;
  /** `learned` are the indices of connections that learn. */
  placed(structure: Structure, learned: ReadonlySet<number>): PlacedNumbers;
  /** The bias of a connection, where it is not among the constants of the population behind. */
  biasOf(connectivity: Connectivity): Float64Array | undefined;
  /** A weight as it is kept. */
  weight(value: number): number;
  population(site: PopulationSite): PlannedPopulation;

  /** Real value of 1 as emitted by the node at `index`. */
  unitOf(index: number): number;
  inputFormat(node: ResolvedNode): InputFormat;
  /** The weights of a connection that learns, kept where kernels read them. */
  learnedWeights(connection: LearnedConnection, packed: PackedWeights, kernels?: MatrixKernels): LearnedWeights;
  /** Weights that kernels have, in the graph's order, as real numbers. */
  realWeights(index: number, stored: Float64Array): Float64Array;
}
