import { bytesOf, type KeptState } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { readingFirst, type WrittenKind } from '../../parameters/read.ts';
import type { RandomGenerator } from '../../random/generator.ts';
import type { Decoded, Teachable, TeachableCost } from '../../recognition/teachable.ts';

/** What a decoder reads of a window. All views are valid only during the call. */
export interface DecoderWindow {
  /** Steps of the window. */
  readonly steps: number;
  /** Events of the Output node it decodes, in order. */
  readonly events: {
    readonly length: number;
    step(k: number): number;
    index(k: number): number;
    value(k: number): number;
  };
  /**
   * The membrane of the node in front of the Output at the window's end, in real units; given when the kind `reads` it.
   */
  readonly membrane: ArrayLike<number> | undefined;
  /**
   * False where nothing is to be learned of this window without a label, because learning is off or something is
   * flagged. Default true.
   */
  readonly learning?: boolean;
  /** [most classes], what somebody else who had the same lessons takes for the probability of each class. */
  readonly votes?: ArrayLike<number> | undefined;
}

/** Numbers that change, by name. */
export type DecoderState = KeptState<Float64Array | Float32Array | Uint32Array | Uint8Array>;

export interface Decoder {
  /** Numbers of an answer. */
  readonly outputs: number;
  decode(window: DecoderWindow): Decoded;
  /** Numbers that change from window to window, for exact save and restore. Absent: none do. */
  readonly state?: DecoderState;
  /** Bytes of the arrays that it works with beside those of its state; absent: those of an answer. */
  readonly workingBytes?: number;
  /** Present where answers can be taught while it runs: its `cost` counts the state, and `workingBytes` the rest. */
  readonly teachable?: Teachable;
}

export interface DecoderSite {
  /** What errors start with; the kind's own name where absent. */
  readonly where?: string;
  /** Elements of the Output node. */
  readonly size: number;
  readonly steps: number;
  readonly dt: number;
  /** The model's names of classes; absent: none. */
  readonly labels?: readonly string[];
  /** Its own stream; a decoder that draws has the generator's words in its state. */
  readonly random: RandomGenerator;
}

/** Bytes of all arrays of a decoder, before a first lesson. */
export function decoderBytes({ state = {}, outputs, workingBytes = 8 * outputs, teachable }: Decoder): number {
  return workingBytes + (teachable === undefined ? bytesOf(state) : teachable.cost.bytes);
}

/** A use of a decoder over an Output of eight elements, for whatever is true of all of them. */
export interface DecoderExample {
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Whether neurons in front of it emit their state. Default false: spikes. */
  readonly state?: boolean;
}

/** A kind of decoder: one file, one line in the index. */
export interface DecoderKind {
  readonly type: string;
  readonly examples: readonly DecoderExample[];
  readonly parameters: ParameterTable;
  /** Whether it needs the membrane of the neuron node before the Output; `either`: takes it where there is one. */
  readonly reads: 'spikes' | 'membrane' | 'either';
  /** Whether its answers name a class, their `winner`. */
  readonly classifies: boolean;
  /**
   * What one that can be taught takes, over an Output of `size` elements, while there are `classes`; absent: none can
   * be. Throws `parameter`.
   */
  readonly cost?: (parameters: Readonly<Record<string, unknown>>, size: number, classes: number) => TeachableCost;
  /** Throws `parameter`: unknown keys, values out of range. */
  prepare(parameters: Readonly<Record<string, unknown>>, site: DecoderSite): Decoder;
}

/** A decoder as its file writes it. */
export function decoderKind<const Table extends ParameterTable>(kind: WrittenKind<DecoderKind, Table>): DecoderKind {
  return { ...kind, prepare: readingFirst(`decoder "${kind.type}"`, kind.parameters, kind.prepare) };
}
