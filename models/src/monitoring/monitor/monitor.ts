import type { KeptState } from '../../kept-numbers.ts';
import type { ParameterTable } from '../../parameters/declaration.ts';
import { readingFirst, type WrittenKind } from '../../parameters/read.ts';
import type { UnusualTeaching } from './limit-reason.ts';
import type { Level } from './new-level.ts';

/** A reading as monitors see it, before the net does. All views are valid only during the call. */
export interface MonitoredReading {
  /** When it was taken, as it says itself: milliseconds since 1970. */
  readonly time: number;
  /** Its sequence number, from 1. Where it is absent, it is one more than that of the reading before. */
  readonly sequence?: number | undefined;
  /** Milliseconds since the one before it came, by a steady clock; NaN for the first since the net was opened. */
  readonly interval: number;
  /** Its numbers, in sensor units. */
  readonly values: Float64Array;
  /** What the model's features made of it and those before; undefined while they wait for further readings. */
  readonly sample: Float64Array | undefined;
  /** The sample on −1…1 of each channel's range; undefined before that is known. */
  readonly normalised: Float64Array | undefined;
  /** What a net that predicts had expected of the sample, in sensor units; undefined where it expected nothing. */
  readonly expected: Float64Array | undefined;
  /** The same less the sample, in half widths of each channel's range as it was first found. */
  readonly error: Float64Array | undefined;
  /** Those half widths, in sensor units; absent where there is no error. */
  readonly halfWidths?: Float64Array | undefined;
}

/** What the net answered to a reading. */
export interface MonitoredAnswer {
  readonly time: number;
  /** The numbers of the decoder. */
  readonly values: Float64Array;
  /** Index of the class; −1 where the decoder names none. */
  readonly winner: number;
  /** Of all neurons, in the window of this reading. */
  readonly spikes: number;
}

/** Numbers that change, by name, for saving and restoring. */
export type MonitorState = KeptState<Float64Array | Uint32Array | Uint16Array | Uint8Array>;

/** How a monitor is to look at what it is given. */
export interface Attention {
  /** False: what it knows of the usual stays as it is. */
  readonly learning: boolean;
  /** Scores above this are flagged. */
  readonly sensitivity: number;
  /** False in the warm-up: nothing is flagged, and all is usual. */
  readonly isWarm: boolean;
  /**
   * Whether another monitor flagged the reading before. This one then learns nothing from a reading it does not flag.
   */
  readonly isUnusual: boolean;
}

/** How "that was normal" is meant. */
export interface Acceptance {
  /** What people call the monitor. */
  readonly name: string;
  readonly sensitivity: number;
  /** False: what was flagged is still going on. */
  readonly isOver: boolean;
}

/** What was called normal and still holds. */
export interface Accepted {
  readonly any: boolean;
  /** How much of each number of the evidence, or of each part of it, is called normal; 0: none is. */
  readonly extents: Float64Array;
  forget(): void;
}

/**
 * A monitor at work: it scores what it sees in units of what is usual. O(1) memory, no allocation per reading, no clock
 * of its own. When a score is an anomaly, and when that is an alarm, is decided by its {@link Watch}.
 *
 * It has one or more of `read`, `answered` and `tick`; a score of undefined means that it has no say here.
 */
export interface Monitor {
  read?(reading: MonitoredReading, attention: Attention): number | undefined;
  answered?(answer: MonitoredAnswer, attention: Attention): number | undefined;
  /** So many milliseconds after the last reading, by the clock of its intervals. */
  tick?(elapsed: number): number | undefined;
  /** Why the last score is as high as it is: half a line, for people; asked for right after a score that is flagged. */
  reason(): string;
  /** The channels that the last score is about, asked for with the reason; absent of what is about none of them. */
  flaggedChannels?(): readonly string[];
  /**
   * What the last score was made from, where that is above the sensitivity: numbers of which more is more unusual;
   * `NOTHING` where it is not flagged.
   */
  readonly evidence: Float64Array;
  /** Whether its limit ignores rare events. Those of the warm-up, and those that recur, are then called normal. */
  readonly leavesOutRare?: boolean;
  /**
   * "That was normal": what gave such evidence is not to be above the sensitivity again. Returns which limits that has
   * changed, a clause for each, for people.
   */
  accept(evidence: Float64Array, acceptance: Acceptance): string[];
  /** What was called normal and still holds. */
  readonly accepted: Accepted;
  /** What unusual readings have taught it, so that its limit is another one; undefined where they have not. */
  readonly taught?: UnusualTeaching | undefined;
  /** Whether a limit is higher because it remembers what was ordinary once. */
  readonly remembers?: boolean;
  forgetRemembered?(): void;
  /** What it takes for usual from its last score on, where channels have come to a new level. */
  readonly adopted?: Level | undefined;
  /** False: the net may learn although this flags, because what was adopted is news to it. */
  readonly mayHold?: boolean;
  /** Some channels have come to a new level, which one of the monitors has adopted. */
  moved?(level: Level): void;
  /** Whether a channel has often been at a number: a level that comes and goes is not a new one. */
  hasBeenAt?(channel: number, number: number): boolean;
  /** Of a kind that predicts: how large the error of a channel usually is, in half widths of its range at first. */
  usualError?(channel: number): number;
  /** Whether nothing that may come would be above `sensitivity`. */
  isMuted?(sensitivity: number): boolean;
  /** Numbers that change while it runs, for exact save and restore. */
  readonly state: MonitorState;
  /** Bytes of large arrays that it works with beside those of its state; none where absent. */
  readonly workingBytes?: number;
}

/** Where a monitor works. */
export interface MonitorSite {
  /** What errors start with; the kind's own name where absent. */
  readonly where?: string;
  /** Numbers of a sample, with the names that people know them by. */
  readonly channels: readonly string[];
  /** Numbers of an answer. */
  readonly outputs: number;
}

/**
 * What every monitor can be told. A kind takes these into its table, with its own defaults for the first two.
 */
export const watchParameters = {
  warmUp: { doc: 'scores that it learns from before anything is flagged', form: 'integer', minimum: 1 },
  sensitivity: { doc: 'a score above this is an anomaly', form: 'number', minimum: 0 },
  holdOff: {
    doc: 'readings after an anomaly in which none is a new alarm',
    form: 'integer',
    minimum: 0,
    default: 60,
  },
  inRow: {
    doc: 'so many readings in a row have to be above the sensitivity before the last is an anomaly',
    form: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    default: 1,
  },
  normalFor: {
    doc: 'readings without such a value after which "that was normal" no longer holds',
    form: 'integer',
    minimum: 1,
    maximum: 1_000_000_000,
    default: 5000,
  },
  whileFlagged: {
    doc:
      'what a reading that is flagged teaches: `learn`, as any other; ' +
      '`hold`, not the net; `freeze`, other monitors neither',
    form: 'word',
    words: ['learn', 'hold', 'freeze'],
    default: 'learn',
  },
  name: { doc: 'what answers call it (default its type)', form: 'text', optional: true },
} as const satisfies ParameterTable;

/** The same with any defaults. */
type WatchTable = { readonly [Key in keyof typeof watchParameters]: AnyDefault<(typeof watchParameters)[Key]> };
type AnyDefault<D> = { readonly [K in keyof D]: K extends 'default' ? Widened<D[K]> : D[K] };
type Widened<V> = V extends number ? number : string;

/** A kind of monitor: one file, one line in the index. */
export interface MonitorKind {
  readonly type: string;
  /** What people call what it finds, in two or three plain words; its type where absent. */
  readonly title?: string;
  /** What it looks at, for people who know nothing of it. */
  readonly about?: string;
  readonly parameters: ParameterTable & WatchTable;
  /** Whether it takes the net's answers for predictions of the next sample: that is then what the net does. */
  readonly predicts?: true;
  /** Bytes that it keeps of each number of a sample, measured with a margin; none where absent. */
  readonly channelBytes?: number;
  /** Whether it wants to be told that time passes while no reading comes: it has a `tick`. */
  readonly ticks?: true;
  /** Throws `parameter`: unknown keys, values out of range; `graph` for a net that it cannot watch. */
  prepare(parameters: Readonly<Record<string, unknown>>, site: MonitorSite): Monitor;
}

/** A monitor as its file writes it. */
export function monitorKind<const Table extends ParameterTable & WatchTable>(
  kind: WrittenKind<MonitorKind, Table>,
): MonitorKind {
  return { ...kind, prepare: readingFirst(`monitor "${kind.type}"`, kind.parameters, kind.prepare) };
}

/** What is kept for each channel under names of its own: `range0`, `range1`, … */
export function statesByChannel(channels: readonly MonitorState[]): MonitorState {
  return Object.fromEntries(
    channels.flatMap((state, channel) =>
      Object.entries(state).map(([name, numbers]) => [`${name}${channel}`, numbers]),
    ),
  );
}
