import type { Semantics } from '@spikewire/models';
import type { Engine } from '../engine.ts';

/** What an executor can run, known before anything is opened. What is absent has no limit of its own. */
export interface Abilities {
  /** Most neurons and synapses of a net, ≥ 0. */
  readonly neurons?: number;
  readonly synapses?: number;
  /** Most nets that it holds at the same time, ≥ 1. */
  readonly nets?: number;
  /** Most nodes of neurons in a net, ≥ 1: layers or cores of a board. */
  readonly populations?: number;
  /**
   * Most synapses that lead to one neuron, and most that leave one neuron or one element of an Input, ≥ 0. Weights of 0
   * count; behind pooling and copying each way counts.
   */
  readonly fanIn?: number;
  readonly fanOut?: number;
  /**
   * Longest delay between two populations in steps, ≥ 0, those of all edges and Delays on the way together. 0 excludes
   * recurrent nets, because each cycle of a net has a delay.
   */
  readonly longestDelay?: number;
  /** Bits of weights: 32 are those of a float model. */
  readonly weightBits: readonly (32 | 8 | 4)[];
  /** Bits of the membranes of an integer model; a float model has none. */
  readonly membraneBits?: readonly (32 | 16)[];
  /** Types of nodes between Inputs and Outputs; absent: all. */
  readonly kinds?: readonly string[];
  /** Choices that its neurons know, by key of `semantics`; an absent key: all choices. */
  readonly semantics?: SemanticChoices;
  /** Limits of parameters, by type of node and name of parameter. */
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, ParameterLimits>>>>;
  /** Rules that may change weights; absent: all, empty: none. */
  readonly rules?: readonly string[];
  /**
   * What its saved states hold: everything (absent), so that membranes, traces and delays can be handed over, or only
   * what was learned, so that a net which is restored begins with fresh membranes.
   */
  readonly states?: 'learned';
  /**
   * The engine of this machine that gives every bit of its answers, and reads and writes its saved states. A net
   * continues there without a difference while the board is away, and returns to it. Its source says `isGone`.
   */
  readonly twin?: string;
  /**
   * Steps by which answers come late, ≥ 0 (absent: 0): what a net emits in step t comes as an event of step t + late,
   * and in the next window where this one is over by then.
   */
  readonly late?: number;
  /** How far answers may be off; absent: in integer form they have every bit of `integer`. */
  readonly tolerance?: AnswerTolerance;
  /** Whether events come in windows of steps, or at any time as well. */
  readonly runs: 'windows' | 'streams';
}

/** Choices of `semantics` by key; dt is no choice of a neuron. */
export type SemanticChoices = { readonly [Key in Exclude<keyof Semantics, 'dt'>]?: readonly Semantics[Key][] };

/** What a parameter may be, in the units that it has in a model. */
export interface ParameterLimits {
  readonly minimum?: number;
  readonly maximum?: number;
  /** The parameter is greater than this. */
  readonly above?: number;
  /** All neurons of a node have the same number. */
  readonly shared?: boolean;
  /** The parameter cannot be given. */
  readonly absent?: boolean;
}

/** How far answers lie from exact ones at most. */
export interface AnswerTolerance {
  /** Error of a membrane, relative to the largest magnitude of its population, ≥ 0. */
  readonly membrane: number;
  /** Share of spikes that are missing, too many or in another step, 0 … 1. */
  readonly spikes: number;
}

/** What an engine of this machine can run. */
export function abilitiesOf({ weightBits = [32, 8, 4] }: Pick<Engine, 'weightBits'>): Abilities {
  return { weightBits, runs: 'windows' };
}
