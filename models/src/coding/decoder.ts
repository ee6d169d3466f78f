import type { CodingParameterTable } from './parameters.ts';

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
  /** The membrane of the node in front of the Output at the window's end, in real units; given when the kind `reads` it. */
  readonly membrane: ArrayLike<number> | undefined;
}

/** The answer: a number per element, and, for classifiers, the winner. Valid until the next call of the same decoder. */
export interface Decoded {
  readonly values: Float64Array;
  /** Index of the class, of equal ones the lowest; −1 where the decoder answers with numbers. */
  readonly winner: number;
}

export interface Decoder {
  decode(window: DecoderWindow): Decoded;
}

export interface DecoderSite {
  /** Elements of the Output node. */
  readonly size: number;
  readonly steps: number;
  readonly dt: number;
}

/** A kind of decoder: one file, one line in the index. */
export interface DecoderKind {
  readonly type: string;
  readonly parameters: CodingParameterTable;
  /** Whether it needs the membrane of the node before the Output. */
  readonly reads: 'spikes' | 'membrane';
  /** Throws `parameter`: unknown keys, values out of range. */
  prepare(parameters: Readonly<Record<string, unknown>>, site: DecoderSite): Decoder;
}
