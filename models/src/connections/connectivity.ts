import type { TensorData } from '../tensor.ts';

interface ConnectivityBase {
  /** Flattened sizes of both sides. */
  readonly inputs: number;
  readonly outputs: number;
  /** The weights that synapses refer to by index; undefined where every synapse has weight 1. */
  readonly weights: TensorData | undefined;
  /** A factor common to all synapses: 1/(k·k) for average pooling, else 1. */
  readonly gain: number;
  /** Added to each output in every step, one value per output; undefined where there is none. */
  readonly bias: Float64Array | undefined;
  /**
   * The outputs that share one quantisation scale have the same group: the channel after a convolution, else the output
   * itself.
   */
  groupOf(output: number): number;
  /** Calls `visit(output, weight index)` for every synapse that leaves `input`. */
  forEachSynapse(input: number, visit: (output: number, weight: number) => void): void;
}

/** Every input to every output; weights row-major [outputs][inputs], PyTorch's orientation. */
export interface DenseConnectivity extends ConnectivityBase {
  readonly structure: 'dense';
}

/** A window that slides over [channels, height, width]; cross-correlation as in PyTorch. */
export interface WindowGeometry {
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly inputSize: readonly [number, number];
  readonly outputSize: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Zeros before the first row and column. */
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** Weights [outputChannels, inputChannels/groups, kernel height, kernel width]. */
export interface ConvolutionConnectivity extends ConnectivityBase {
  readonly structure: 'convolution';
  readonly geometry: WindowGeometry;
  /**
   * Of a transposed convolution its stride: rows and columns of the input lie so far apart for the window, which meets
   * nothing between them, and taps count from the far end of the kernel. Padding may then be negative.
   */
  readonly transposed?: readonly [number, number];
}

/** Window sums, each channel for itself; every synapse has weight 1. */
export interface PoolingConnectivity extends ConnectivityBase {
  readonly structure: 'pooling';
  readonly geometry: WindowGeometry;
}

/** Output i from input i only: a bare edge, reshaping, or one weight per element. */
export interface ElementwiseConnectivity extends ConnectivityBase {
  readonly structure: 'elementwise';
  /** Steps by which each element passes late, never together with weights; absent where all pass at once. */
  readonly delays?: Int32Array;
}

/**
 * Synapses listed one by one: those of input i have the indices offsets[i] … offsets[i + 1] − 1, which are those of
 * their weights too.
 */
export interface SparseConnectivity extends ConnectivityBase {
  readonly structure: 'sparse';
  /** One more than there are inputs. */
  readonly offsets: Uint32Array;
  /** The output that each synapse reaches; ascending within an input. */
  readonly targets: Uint16Array | Uint32Array;
}

/** What arrives in one step: elements in ascending order, each at most once, and their values. */
export interface ArrivingElements {
  readonly length: number;
  readonly index: ArrayLike<number>;
  readonly value: ArrayLike<number>;
}

/**
 * Hands on some of what arrives, unchanged; its synapses say what may reach where, and what arrived before decides what
 * does. The one structure with a state. It has no weights, no bias, and a gain of 1.
 */
export interface SelectionConnectivity extends ConnectivityBase {
  readonly structure: 'selection';
  readonly geometry: WindowGeometry;
  /** Which element of a window passes: the first to arrive, or the one of which most has arrived. */
  readonly winner: 'first' | 'count';
  /** Numbers of its state; all are 0 at the start. */
  readonly stateLength: number;
  /** One step: updates `state` by what arrives and calls `send` for what passes. */
  select(arriving: ArrivingElements, state: Float64Array, send: (output: number, value: number) => void): void;
}

/** Elements at other places: each output is one input as it is, or nothing; an input may go to many outputs. */
export interface CopyingConnectivity extends ConnectivityBase {
  readonly structure: 'copying';
  /** The outputs of input i are targets[offsets[i]] … targets[offsets[i + 1] − 1], ascending. */
  readonly offsets: Uint32Array;
  readonly targets: Uint32Array;
}

/** Every input to every output but its own; one weight per output. */
export interface AllButOneConnectivity extends ConnectivityBase {
  readonly structure: 'all-but-one';
}

/**
 * What a connection kind is to an engine. Kinds are many, structures few: a new connection kind names the structure it
 * has and runs everywhere; an engine has one kernel per structure.
 */
export type Connectivity =
  | DenseConnectivity
  | ConvolutionConnectivity
  | PoolingConnectivity
  | ElementwiseConnectivity
  | SparseConnectivity
  | SelectionConnectivity
  | CopyingConnectivity
  | AllButOneConnectivity;
