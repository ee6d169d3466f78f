import type { LearnedState, Model, ResolvedGraph } from '@spikewire/models';
import type { EventBuffer } from './event-buffer.ts';
import type { LearnedReport } from './learn/weights/take-over.ts';

export interface LoadOptions {
  /** Seed of everything random in the running net; 64 bits. Default 1. */
  readonly seed?: number | bigint;
  /** Windows (samples) whose final activity is kept for late teaching signals. Default 16. */
  readonly history?: number;
  /** Which form of the kernels: WASM SIMD where the machine has it (default), or their TypeScript twins. */
  readonly kernels?: 'wasm' | 'typescript';
  /**
   * The model's own graph, from whoever has resolved it already; resolved anew where absent. That of another model is
   * refused.
   */
  readonly graph?: ResolvedGraph;
}

/** A way to run models. Every engine passes the same conformance suite. */
export interface Engine {
  readonly name: string;
  /** A few words for people who have to choose. */
  readonly doc: string;
  /**
   * An integer model runs with the real numbers that its integers stand for, so that its answers may differ from the
   * exact ones.
   */
  readonly realNumbers?: boolean;
  /** Bits of weights that it runs, 32 being those of a float model; all where absent. */
  readonly weightBits?: readonly (32 | 8 | 4)[];
  /** Compiles the model and starts a net at step 0. Throws `unsupported` with the node that it cannot run. */
  load(model: Model, options?: LoadOptions): RunningNetwork;
}

/** The engine that runs a net, and why that one. */
export interface EngineChoice {
  /** `auto` as long as several are compared. */
  readonly engine: string;
  /** For people: `0.3 % active, about 4.1x as fast as clocked`; null where it was asked for. */
  readonly because: string | null;
  /** For people, one line: what the engine does otherwise than one may expect of it. */
  readonly warning?: string;
}

/** For people: `event (0.3 % active, about 4.1x as fast as clocked)`. */
export function describeChoice({ engine, because }: EngineChoice): string {
  return because === null ? engine : `${engine} (${because})`;
}

/** What happened to a teaching signal. `forgotten`: its step fell out of the history; counted, not applied. */
export type TeachingOutcome = 'applied' | 'forgotten' | 'frozen';

export interface NetworkCounters {
  /** Spikes of all neurons. */
  spikes: number;
  /** Synapses with a weight that an arriving event passed; pooling, reshaping and bare edges are not counted. */
  synapticOperations: number;
  /** Membranes held at the upper and lower end of their number format. */
  saturatedHigh: number;
  saturatedLow: number;
  /** Input values cut to the range of the input's number format. */
  clippedInputs: number;
  /** Teaching signals applied, and those that came too late. */
  taught: number;
  forgotten: number;
}

/** Why a net could take of a state only what was learned, and what its number format made of that. */
export interface LearnedOnly {
  readonly because: string;
  readonly reports: readonly LearnedReport[];
}

/**
 * A model that runs: one program and one state. Synchronous, single-threaded, no allocation per step.
 */
export interface RunningNetwork {
  readonly model: Model;
  /** Nodes in the order of a step; events name nodes by their index here. */
  readonly graph: ResolvedGraph;
  /** Steps done since the start. Exact to 2^53. */
  readonly step: number;
  readonly counters: Readonly<NetworkCounters>;
  /** Bytes of all arrays the net allocated: weights, state, buffers, WebAssembly memory. */
  readonly bytes: number;
  /** Absent where there was nothing to choose; another object when it changes. */
  readonly choice?: EngineChoice;
  /** The nets that are compared, by their engines, as long as that goes on. */
  readonly candidates?: readonly { readonly engine: string; readonly network: RunningNetwork }[];
  /** Whether `teach` and unsupervised rules change weights. */
  learning: boolean;

  /**
   * Runs `steps` steps. Takes `input` (events of Input nodes, steps 0 … steps − 1 of this window, in order), appends
   * what the Output nodes emit to `output`, and all spikes of neurons to `raster` where one is given, by step, node and
   * index. The activity at the end of the window is remembered for late teaching signals (the last `history` windows).
   */
  run(steps: number, input: EventBuffer, output: EventBuffer, raster?: EventBuffer): void;

  /**
   * Applies a teaching signal to a learned connection node: one number per output (PES: actual − target), on the
   * activity of the end of step `step` (default: the last step done). New weights count from the next step. Throws
   * `learning` where it is not as many numbers of −1e9 … 1e9 as the connection takes.
   */
  teach(connection: string, signal: ArrayLike<number>, step?: number): TeachingOutcome;

  /** A state variable (`v`, `refractory`, …) of a neuron node in real units, one value per neuron; a copy. */
  readState(node: string, variable: string): Float64Array;
  /** The weights of a connection node in the graph's units and order; a copy. */
  readWeights(connection: string): Float64Array;

  /**
   * Membranes, traces and delays start anew; weights, counters, the count of steps and the history for late teaching
   * signals stay.
   */
  resetActivity(): void;
  /** Learned weights go back to the model's. */
  resetLearning(): void;

  /** What was learned, in the model's order, for any engine; a copy. */
  saveLearned(): LearnedState;
  /**
   * Takes over what any engine, or another number form of the model, has learned, and says what its number format had
   * to change. Throws `store` where a connection is unknown here or has another number of weights; nothing has changed
   * then.
   */
  restoreLearned(learned: LearnedState): readonly LearnedReport[];

  /** Everything that changes, as a self-describing byte string; `restore` continues bit for bit. */
  save(): Uint8Array;
  /**
   * Throws `store` when the bytes are damaged or belong to another model or engine; the running state is then
   * untouched.
   */
  restore(bytes: Uint8Array): void;
  /**
   * Goes on from a state of its model, whichever engine saved it: as `restore`, then undefined; else with what was
   * learned, and with fresh membranes and traces. Throws `store` where neither is possible; nothing has changed then.
   */
  goOn(bytes: Uint8Array): LearnedOnly | undefined;
}

export function newCounters(): NetworkCounters {
  return {
    spikes: 0,
    synapticOperations: 0,
    saturatedHigh: 0,
    saturatedLow: 0,
    clippedInputs: 0,
    taught: 0,
    forgotten: 0,
  };
}
