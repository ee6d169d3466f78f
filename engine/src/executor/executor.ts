import type { Model } from '@spikewire/models';
import type { EngineChoice, LearnedOnly, NetworkCounters, TeachingOutcome } from '../engine.ts';
import type { EventList } from '../event-buffer.ts';
import type { NonFinite } from '../non-finite.ts';
import type { Abilities } from './abilities.ts';

/** A teaching signal for a learned connection: one number per output, for the activity at the end of step `step`. */
export interface Teaching {
  readonly connection: string;
  readonly signal: Float64Array;
  /** Absent: the last step done. */
  readonly step?: number;
}

/** A window of work. Everything a sample needs goes over in one message. */
export interface WindowRequest {
  readonly steps: number;
  readonly input: EventList;
  /** Applied before the window runs. */
  readonly teach?: readonly Teaching[];
  /** Membranes and traces start anew before the window. */
  readonly fresh?: boolean;
  /** Neuron nodes whose membrane at the window's end is wanted. */
  readonly membranes?: readonly string[];
  /** Weights stay as they are through this window and its lessons, whatever `setLearning` said. */
  readonly hold?: boolean;
  /** Whether the spikes of all neurons are wanted, for somebody who looks. */
  readonly raster?: boolean;
}

export interface WindowResult {
  /** What the Output nodes emitted. */
  readonly output: EventList;
  readonly membranes: Readonly<Record<string, Float64Array>>;
  readonly raster?: EventList | undefined;
  /** Events of output and raster that found their buffer full. */
  readonly dropped: number;
  /** Steps the net has done in all. */
  readonly step: number;
  readonly counters: Readonly<NetworkCounters>;
  readonly taught: readonly TeachingOutcome[];
  /** Present where membranes have left all bounds, as far as is known. */
  readonly nonFinite?: NonFinite | undefined;
  /** Present where another engine runs the net from this window on. */
  readonly chosen?: ChosenEngine | undefined;
}

/** An engine that was chosen for a net, and the bytes that the net takes with it. */
export interface ChosenEngine {
  readonly choice: EngineChoice;
  readonly bytes: number;
}

/**
 * Something that runs one net window by window: an engine in this thread, a worker thread, or a board behind a cable.
 * Calls are served in order. Every method rejects with a `SpikewireError`.
 */
export interface Executor {
  /** Where it runs, for people: `clocked`, `clocked (worker)`, `loihi2 192.168.1.7`. */
  readonly name: string;
  /** Bytes that the net takes on the executor; another number once an engine was chosen. */
  readonly bytes: number;
  /** The engine that runs the net now, and why. */
  readonly choice: EngineChoice;
  /** Where its nodes lie, in the order of a step; absent where all are in one place. */
  readonly nodes?: readonly PlacedNode[] | undefined;
  run(request: WindowRequest): Promise<WindowResult>;
  setLearning(on: boolean): Promise<void>;
  resetLearning(): Promise<void>;
  save(): Promise<Uint8Array>;
  /**
   * Goes on bit for bit from a state that it can read whole, and else with what was learned; then it says why. Rejects
   * with `store` where neither is possible; nothing has changed then.
   */
  restore(state: Uint8Array): Promise<LearnedOnly | undefined>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** What people call the net, for messages. */
  readonly name?: string | undefined;
  readonly seed?: number | undefined;
  /** Bytes that the net may take; what its source says where absent. */
  readonly memory?: number | undefined;
  /**
   * Rejects with `unsupported` where the net does not answer the model's self-tests here. Boards do that by themselves.
   */
  readonly selfTest?: boolean | undefined;
}

/** What of a model fits on an executor, and why the rest does not. */
export interface Placement {
  readonly executor: string;
  readonly fits: boolean;
  /** In the order of a step. */
  readonly nodes: readonly PlacedNode[];
  /** What hinders the model as a whole. */
  readonly problems: readonly string[];
}

/** Where a node lies, and why. */
export interface PlacedNode {
  readonly name: string;
  readonly type: string;
  /** Why it does not fit. */
  readonly problem?: string;
  /** Where it lies, where there is more than one place. */
  readonly on?: string;
  /** Why it is not on the board. */
  readonly because?: string;
}

/** Opens executors for models; one per engine, worker or kind of board. */
export interface ExecutorSource {
  readonly name: string;
  /** What it can run. */
  readonly abilities: Abilities;
  /** Whether it opens nothing for a while, after it was lost too often. */
  readonly rests?: boolean;
  /** Whether it will open nothing any more, since what it runs on is gone. Absent: not known. */
  readonly isGone?: boolean;
  /** Whether nets beyond the number that its abilities allow run elsewhere; else they are refused. */
  readonly overflows?: boolean;
  /** How a model lies on it by the abilities of its sides, where it has several. */
  placement?(model: Model): Promise<Placement>;
  /** `model` is the bytes of a model file or of its text form. */
  open(model: Uint8Array, options?: OpenOptions): Promise<Executor>;
  close(): Promise<void>;
}
