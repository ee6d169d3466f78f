import { bytesOf, type KeptState } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { readingFirst, type WrittenKind } from '../../parameters/read.ts';
import type { RandomGenerator } from '../../random/generator.ts';
import type { ChannelRange } from '../range.ts';

/**
 * Takes one event of a window: at `step` (0 … stepsPerSample − 1), at the input's element `index`, of `value` (a spike
 * is 1).
 */
export type Emit = (step: number, index: number, value: number) => void;

/** Where an encoder works. */
export interface EncoderSite {
  /** What errors start with; the kind's own name where absent. */
  readonly where?: string;
  /** Elements of the Input node. */
  readonly size: number;
  /** Steps of one sample. */
  readonly steps: number;
  /** Step in seconds. */
  readonly dt: number;
  /** Its own stream; whoever gives it saves its state with the encoder's. */
  readonly random: RandomGenerator;
}

/** An encoder at work: one sample in, its events out, in order of steps; O(1) memory, no allocation per sample. */
export interface Encoder {
  /** Numbers of one sample: the channels as they come, in sensor units. */
  readonly channels: number;
  /** Where the channels lie; while it is not `ready`, nothing is emitted. */
  readonly range: ChannelRange;
  /**
   * A sample of another length, or with a number that is not finite, is refused with an `input` error before anything
   * changes.
   */
  encode(sample: ArrayLike<number>, emit: Emit): void;
  /** Numbers that change while it runs (last values, ranges), for exact save and restore. */
  readonly state: KeptState<Float64Array>;
  /** Bytes of the arrays that it works with beside those of its state and its range; none where absent. */
  readonly workingBytes?: number;
}

/** A use of an encoder, for whatever is true of all of them. */
export interface EncoderExample {
  readonly parameters: EncoderParameters;
  /** Elements of the Input per channel. Default 1. */
  readonly elements?: number;
}

/** A kind of encoder: one file, one line in the index. */
export interface EncoderKind {
  readonly type: string;
  readonly examples: readonly EncoderExample[];
  readonly parameters: ParameterTable;
  /** Whether its events are spikes (values −1 and 1) or carry other numbers. */
  emits(parameters: EncoderParameters): 'spikes' | 'graded';
  /** Whether every step of a sample gets the same events. */
  readonly steady?: boolean;
  /** Throws `parameter`: unknown keys, values out of range, or an Input whose size does not fit. */
  prepare(parameters: EncoderParameters, site: EncoderSite): Encoder;
}

/**
 * As in the model: `type`, the kind's parameters, and `range`: `auto` or [low, high], one for all or one per channel.
 * Without a range samples come normalised, to [0, 1] or, for `direct` with its span `signed`, to [−1, 1].
 */
export type EncoderParameters = Readonly<Record<string, unknown>>;

/** An encoder as its file writes it. */
export function encoderKind<const Table extends ParameterTable>(kind: WrittenKind<EncoderKind, Table>): EncoderKind {
  const prepare = readingFirst(`encoder "${kind.type}"`, kind.parameters, kind.prepare);
  return { ...kind, prepare: ({ type: _type, ...given }, site) => prepare(given, site) };
}

/** Bytes of all arrays of an encoder. */
export function encoderBytes({ range, state, workingBytes = 0 }: Encoder): number {
  return range.bytes + bytesOf(state) - bytesOf(range.state) + workingBytes;
}

/**
 * An encoder whose state is its range, and which works with so many bytes beside it; nothing is emitted before the
 * range is known.
 */
export function encodeWithin(
  range: ChannelRange,
  workingBytes: number,
  encode: (sample: ArrayLike<number>, emit: Emit) => void,
): Encoder {
  return {
    channels: range.channels,
    range,
    state: range.state,
    workingBytes,
    encode(sample, emit) {
      if (range.take(sample)) encode(sample, emit);
    },
  };
}
