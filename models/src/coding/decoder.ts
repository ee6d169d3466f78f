import type { ParameterTable } from '../parameters/declaration.ts';
import { readingFirst, type WrittenKind } from '../parameters/read.ts';
import type { RandomGenerator } from '../random/generator.ts';

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
}

/**
 * The answer: its numbers, for most kinds one per element, and the class where the kind `classifies`. Valid until the
 * next call of the same decoder.
 */
export interface Decoded {
  readonly values: Float64Array;
  /** Index of the class, of equal ones the lowest; −1 where the kind does not classify. */
  readonly winner: number;
}

export interface Decoder {
  /** Numbers of an answer. */
  readonly outputs: number;
  decode(window: DecoderWindow): Decoded;
  /** Numbers that change from window to window, for exact save and restore; views, not copies. Absent: none do. */
  readonly state?: Readonly<Record<string, Float64Array | Uint32Array>>;
}

export interface DecoderSite {
  /** What errors start with; the kind's own name where absent. */
  readonly where?: string;
  /** Elements of the Output node. */
  readonly size: number;
  readonly steps: number;
  readonly dt: number;
  /** Its own stream; a decoder that draws has the generator's words in its state. */
  readonly random: RandomGenerator;
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
  /** Throws `parameter`: unknown keys, values out of range. */
  prepare(parameters: Readonly<Record<string, unknown>>, site: DecoderSite): Decoder;
}

/** A decoder as its file writes it. */
export function decoderKind<const Table extends ParameterTable>(kind: WrittenKind<DecoderKind, Table>): DecoderKind {
  return { ...kind, prepare: readingFirst(`decoder "${kind.type}"`, kind.parameters, kind.prepare) };
}
