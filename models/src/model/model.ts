import type { Graph } from '../graph/graph.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { Tensor } from '../tensor.ts';
import type { Quantization } from './quantization.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** One learning rule on a connection node: `rule`, its parameters, and the mechanisms that all rules share. */
export interface LearningDeclaration {
  readonly rule: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** [lowest, highest] weight in the units of the graph; absent: none. */
  readonly bounds?: readonly [number, number];
  /**
   * Exponent μ > 0 of soft bounds: growth in proportion to (room to the upper bound)^μ, loss to (room to the lower)^μ.
   */
  readonly softness?: number;
  /** How learned weights are kept in an integer model: by default int16, like int8 with stochastic rounding. */
  readonly storage?: 'float32' | 'int16' | 'int8';
  /**
   * `integer`: where the model is in integers, traces and changes are too, as on a board without floating point;
   * absent: real numbers.
   */
  readonly arithmetic?: 'integer';
  /** The magnitudes of the weights into each output are scaled to add up to `sum`. */
  readonly normalize?: { readonly sum: number } & Recurring;
  /**
   * Synaptic scaling: the weights into each output grow by `strength` (1/(Hz·s)) times what its rate falls short of
   * `rate` (Hz).
   */
  readonly homeostasis?: {
    readonly rate: number;
    /** Time constant of the measured rate in seconds. */
    readonly tau: number;
    readonly strength: number;
  } & Recurring;
  /** How errors of the net's answer reach outputs of the connection that are not the answer. */
  readonly feedback?: FeedbackDeclaration;
  /**
   * `pre-first`: pre traces take up the spikes of a step before its post spikes act, so that spikes of one step pair
   * (the order of Brian 2's pathways); absent: they do not pair.
   */
  readonly order?: 'pre-first';
  /**
   * The rule sees the first `most` post spikes of a sample alone: each of another map (channel of a convolution, else
   * output), and `apart` rows or columns or more from the others.
   */
  readonly winners?: { readonly most: number; readonly apart?: number } & Recurring;
}

export interface Recurring {
  /** Steps between two times; absent: once per sample. */
  readonly every?: number;
}

/**
 * Errors go through a connection of the model with the weights that it has at the start: backward from its outputs to
 * its inputs, or forward through the encoders of an ensemble. Or so many errors meet fixed random weights.
 */
export type FeedbackDeclaration =
  | { readonly through: string; readonly direction: 'backward' | 'forward' }
  | { readonly random: number; readonly seed?: number };

/** An encoder before an Input, or a decoder behind an Output: `type` and its parameters. */
export interface CodingDeclaration {
  readonly type: string;
  readonly parameters: JsonObject;
}

/** A feature in front of an encoder, or several side by side, whose numbers are joined in their order. */
export type FeatureStage = CodingDeclaration | readonly CodingDeclaration[];

/** One number of a sample, as people and messages name it. */
export interface ChannelDeclaration {
  readonly name: string;
  /** Such as `°C`; empty where there is none. */
  readonly unit: string;
}

/** How samples meet the endless run of the net. */
export interface SamplePlan {
  /** Steps in which a sample is presented, ≥ 1: those that its encoder fills and its decoder reads. */
  readonly steps: number;
  /** Steps without input before each sample, ≥ 1, in which the last one dies away; absent: none. */
  readonly rest?: number;
  /** Whether membranes and traces start anew with each sample. Weights never do. */
  readonly between: 'reset' | 'continue';
  /** No reading that the net was trained on is all zeros: one that is has no class. Absent: that is not known. */
  readonly zeros?: 'never';
}

/** A monitor of the stream: `type` and its parameters. */
export type MonitorDeclaration = CodingDeclaration;

/** Input events and the output they must give, run by a device before it commits to a model. */
export interface SelfTest {
  readonly steps: number;
  /** Rows of (step, element, value) per Input node, shape [events, 3]. */
  readonly input: ReadonlyMap<string, Tensor>;
  /** Rows of (step, element, value) per Output node, shape [events, 3]. */
  readonly output: ReadonlyMap<string, Tensor>;
  /** The state v at the end of neuron nodes, in real units, one number per neuron: for what a decoder reads there. */
  readonly membranes?: ReadonlyMap<string, Tensor>;
}

/**
 * Everything that a `.spike` file holds: immutable and signed. A program is a model compiled for an engine; state is
 * everything that changes while it runs.
 */
export interface Model {
  readonly graph: Graph;
  readonly semantics: Semantics;
  /** By connection node; several rules act in order. */
  readonly learning: ReadonlyMap<string, readonly LearningDeclaration[]>;
  /** By Input node: what happens to readings before its encoder gets them; absent: nothing. */
  readonly features?: ReadonlyMap<string, readonly FeatureStage[]>;
  /** By Input node. */
  readonly encoder: ReadonlyMap<string, CodingDeclaration>;
  /** By Output node. */
  readonly decoder: ReadonlyMap<string, CodingDeclaration>;
  /**
   * By Output node: what its decoder knows at the start, its `state` by name; an array may end early, the rest is 0.
   * Absent: nothing.
   */
  readonly base?: ReadonlyMap<string, ReadonlyMap<string, Tensor>>;
  /**
   * What the numbers of a sample are, in their order (`"channels": [{"name": "temperature", "unit": "°C"}]`); empty:
   * unnamed.
   */
  readonly channels: readonly ChannelDeclaration[];
  readonly sample: SamplePlan;
  /** What watches the stream for what is unusual, side by side; absent: nothing. */
  readonly monitors?: readonly MonitorDeclaration[];
  /** Names of the classes, in the order of the output's elements. */
  readonly labels: readonly string[];
  /** Present in an integer model: its weights are then the int8 numbers q. */
  readonly quantization?: Quantization;
  readonly provenance: JsonObject;
  readonly selfTests: readonly SelfTest[];
}

/** Steps that a net makes for each sample: its rest, then the sample. */
export function windowSteps({ steps, rest = 0 }: SamplePlan): number {
  return rest + steps;
}
