import type { Connectivity, ResolvedNode } from '@spikewire/models';
import type { LearnedConnection } from '../../learn/learned-connections.ts';
import type { LearnedWeights, MatrixKernels } from '../../learn/weights.ts';
import type { EventListPlan } from './event-list.ts';
import type { InputFormat } from './input-format.ts';
import type { SumFormat } from './instructions.ts';
import type { Layout } from './layout.ts';
import type { MemoryPlan } from './memory.ts';
import type { PackedWeights } from './packed-weights.ts';
import type { PopulationPlan } from './program.ts';

/** A population to be laid out. */
export interface PopulationSite {
  readonly memory: MemoryPlan;
  readonly node: ResolvedNode;
  readonly place: number;
  readonly layout: Layout;
  readonly list: EventListPlan;
  /** Address of the sums of arrivals. */
  readonly accumulator: number;
  /**
   * The same by port, whether anything ever arrives there, and the address of a word that is not 0 where something may have arrived since it
   * was cleared; 0 where nobody keeps it.
   */
  readonly ports: readonly { readonly address: number; readonly isFed: boolean; readonly mark: number }[];
  /** Address of a byte for every neuron that tells whether it spiked, for those who read that; 0 for none. */
  readonly map: number;
  /** What connections add in every step, by row-major index. */
  readonly bias: Float64Array | undefined;
}

export interface PlannedPopulation {
  readonly plan: PopulationPlan;
  readonly instruction: readonly number[];
}

/** In what numbers a net computes: all in which the nets of the clocked engine differ. */
export interface NumberForm {
  /** Format of the values in event lists. */
  readonly values: 'int32' | 'float32';

  /** Whether the neuron node has a kernel; if not, its kind's own equations run. */
  hasKernel(node: ResolvedNode): boolean;
  /** Whether that kernel is the one of adaptive thresholds: it reads marks, and its sums start from what is added in every step. */
  isAdaptive(node: ResolvedNode): boolean;
  /** Format of the sums of arrivals of the population at `place`. */
  sumsOf(place: number): SumFormat;
  /** h of a connection. */
  shiftOf(node: ResolvedNode): number;
  /** The bias of a connection, where it is not among the constants of the population behind. */
  biasOf(connectivity: Connectivity): Float64Array | undefined;
  /** A weight as it is kept. */
  weight(value: number): number;
  population(site: PopulationSite): PlannedPopulation;

  /** Real value of 1 as emitted by the node at `place`. */
  unitOf(place: number): number;
  inputFormat(node: ResolvedNode): InputFormat;
  /** The weights of a connection that learns, kept where kernels read them. */
  learnedWeights(connection: LearnedConnection, packed: PackedWeights, kernels?: MatrixKernels): LearnedWeights;
  /** Weights that kernels have, in the graph's order, as real numbers. */
  realWeights(place: number, kept: Float64Array): Float64Array;
}
