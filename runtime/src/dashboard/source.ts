import type { LimitReason } from '@spikewire/models';
import { type Roles, SWITCHED_COMMANDS, type SwitchedCommand } from '../desk/access.ts';
import type { Said } from '../desk/said.ts';
import type { ControllerFigures, UpdateOrder, UpdatesStatus } from '../desk/updates.ts';

/** What a person can ask of a running net from the page. */
export type DashboardCommand = SwitchedCommand | 'teach';

export const DASHBOARD_COMMANDS: readonly DashboardCommand[] = [...SWITCHED_COMMANDS, 'teach'];

/** A command with what belongs to it: `settings` to `settings`, `lesson` to `teach`, `update` to `update`. */
export interface DashboardOrder {
  readonly command: DashboardCommand;
  readonly settings?: DashboardSettings;
  /** Of which monitor; the first where absent. */
  readonly monitor?: string;
  readonly lesson?: DashboardLesson;
  readonly update?: UpdateOrder;
}

/** What an answer should have been. */
export interface DashboardLesson {
  readonly label: string;
  /** Time of the reading that is meant, in milliseconds since 1970: a newer one may have come meanwhile. */
  readonly time: number;
}

/** Readings of a net that are kept for a viewer who comes, sent to it, and drawn side by side. */
export const SHOWN_READINGS = 600;

/** Numbers of the newest reading that are sent to a viewer, of all channels together. */
export const SHOWN_SIGNAL = 600;

/** More channels than this are not sent to viewers: they would not fit on a page. */
export const SHOWN_CHANNELS = 6;

/** New values for a net's settings, by {@link DashboardSetting.id}. */
export type DashboardSettings = Readonly<Record<string, number>>;

/**
 * What the page looks at: the one thing that the rest of the house implements to be seen. A source costs nothing while
 * nobody looks: it builds frames only between {@link watch} and the call of the function that `watch` returned.
 */
export interface DashboardSource {
  /** Asked for whenever a viewer arrives and after every `settings` command; cheap, never cached by the page. */
  describe(): DashboardDescription;

  /** All nets, in any order: there may be thousands. Asked for about once a second by each who looks at the list. */
  nets(): readonly DashboardNetName[];

  /** What is to be known of one of them; undefined where there is none of that id. */
  net(id: string): DashboardNet | undefined;

  /**
   * Called when the first viewer of a net arrives. From then on `listener` gets one frame per reading, until the
   * returned function is called, when the last viewer has gone. A frame is handed over for good: its arrays must not be
   * written to again. The listener neither throws nor waits.
   */
  watch(net: string, listener: (frame: DashboardFrame) => void): () => void;

  /**
   * The newest readings of a net, oldest first, for a viewer who has just arrived: up to {@link SHOWN_READINGS}. A
   * source that keeps none leaves this out and the page starts empty. Rasters may be empty; only the newest 20 show.
   */
  recent?(net: string): readonly DashboardFrame[];

  /** The newest reading of a net and how the net is; undefined before the first. */
  newest?(net: string): Pick<DashboardFrame, 'reading' | 'status'> | undefined;

  /** What a net has learned and its membranes, for a viewer who asks; absent where nobody can know. */
  inside?(net: string, roles: Roles): Promise<DashboardInside>;

  /** How a net is now, for its viewers after a command; undefined where nothing is known. */
  status?(net: string): DashboardStatus | undefined;

  /** What the newest readings of a net were said to be, for those who have them already; absent where nobody says. */
  labels?(net: string): DashboardLabels | undefined;

  /** The whole time of a net in some buckets, for a viewer who has just arrived; undefined where none is kept. */
  past?(net: string): DashboardPast | undefined;

  /** What two models have made of the same readings, where one is watched beside the one that answers. */
  comparison?(): DashboardComparison | undefined;

  /** Where the updates of the process stand; undefined where it follows no repository, or has not begun. */
  updates?(): UpdatesStatus | undefined;

  /** Where the device stands with its controller; undefined where it has none. */
  controller?(): ControllerFigures | undefined;

  /** The newest readings of a net as a small picture: whole numbers from 0, the lowest, to 99, oldest first. */
  course?(net: string): readonly number[];

  /**
   * The state of a net, for its mark in the list and for viewers; undefined where nothing is known. Asked for together
   * with {@link nets}, so it is cheap. Without it nets have no marks.
   */
  state?(net: string): DashboardNetState | undefined;

  /**
   * Does what a person with these roles asked for, and answers with one line to show, such as `saved as sequence 12`;
   * `update` is about all nets, whatever `net` is. A rejection with a `SpikewireError` is shown as its message.
   */
  command(net: string, order: DashboardOrder, roles: Roles): Promise<string>;

  /** Whether its rules keep anything from anybody, so that even this machine's users need a token. Default false. */
  readonly isRestricted?: boolean;

  /** What a viewer with these roles may ask for. Default: everything. */
  allowed?(roles: Roles): readonly DashboardCommand[];
}

export interface DashboardDescription {
  readonly title: string;
  /** Plain text lines that every viewer should know, such as `sensor "mote 2" was moved by +3 °C at reading 2000`. */
  readonly notices: readonly string[];
  /** Id of the net that is shown first; where it is absent, one that is unusual, else one that last was, else any. */
  readonly opensOn?: string;
  /** Where readings come from, such as a topic; absent where nobody has said so. */
  readonly input?: string;
}

export interface DashboardNetName {
  readonly id: string;
  readonly name: string;
}

export interface DashboardNet extends DashboardNetName {
  /** What a person should know who looks at it, in a sentence. */
  readonly about?: string;
  /** What `values` and `expected` of a reading hold, in their order. */
  readonly channels: readonly DashboardChannel[];
  /** SHA-256 of its model; absent where nobody has said so. */
  readonly digest?: string;
  /** Number of neurons, the height of the raster. */
  readonly neurons: number;
  /** Whether it names classes that people teach it. Default false. */
  readonly classifies?: boolean;
  /** Whether each reading comes with what it was and what the same net says frozen, by a simulation. Default false. */
  readonly isSimulated?: boolean;
  /** Which of its nodes lie where, and why, a line each; absent where all are in one place. */
  readonly places?: readonly string[];
  /** What a person may set while the net runs; none when left out. */
  readonly settings?: readonly DashboardSetting[];
  /** What watches it, in the order of `scores` of a reading; none when left out. */
  readonly monitors?: readonly DashboardMonitor[];
}

/** One of those that watch a net. */
export interface DashboardMonitor {
  readonly name: string;
  /** What people call it. */
  readonly title: string;
  /** What it looks at, for people. */
  readonly about: string;
  /** A score above this is flagged. */
  readonly limit: number;
  /** Whether it flags anything. */
  readonly isOn: boolean;
  /** Why its limit is not the one that ordinary readings have taught; none where it is. */
  readonly limitReasons: readonly LimitReason[];
  /** Whether it can go back to the limit that it has learned: a person has set it, or called something normal. */
  readonly isChanged: boolean;
  /** What a person may set, besides `on` (0, 1) and `learned` (1: back to the learned limit). */
  readonly settings: readonly DashboardSetting[];
}

export interface DashboardChannel {
  readonly name: string;
  /** Such as `°C`; empty when there is none. */
  readonly unit: string;
  /** What of a reading with many numbers is shown as its value; absent where it is the number itself. */
  readonly measure?: string;
}

export interface DashboardSetting {
  readonly id: string;
  readonly label: string;
  /** Such as `readings`; empty when there is none. */
  readonly unit: string;
  /** What it does, in a sentence for whoever points at it. */
  readonly about: string;
  /** The value now. */
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
}

export interface DashboardNetState {
  /** The net's id. */
  readonly net: string;
  /** Whether the newest reading is flagged, or that there is none. */
  readonly anomaly: boolean;
  /** What is unusual about there being no reading; absent or empty where nothing is. */
  readonly absence?: readonly Said[];
  readonly learning: boolean;
  /** The newest answer of a net that names classes; absent where it names none, or has given none. */
  readonly answer?: string;
  /** Whether the sensitivity limit is so high that nothing will be flagged. */
  readonly muted?: boolean;
  readonly warmUp: DashboardWarmUp;
  /** How far the next answer is; absent where each reading is answered. */
  readonly gathering?: DashboardGathering;
  /** Readings since the net started. */
  readonly readings: number;
  /** Flagged readings since the net started; a rise tells the page of a flag between two looks. */
  readonly flags: number;
  /** What was flagged last; absent where nothing was. */
  readonly last?: DashboardStretch;
}

/** What has become of the readings of one of two models. */
export interface DashboardModelFigures {
  /** Of its file. */
  readonly name: string;
  /** Answers that a label has named since, and those that it did not. */
  readonly right: number;
  readonly wrong: number;
  readonly flagged: number;
  /** Of a reading, mean; null before the first. */
  readonly microseconds: number | null;
  /** Of its largest net. */
  readonly bytes: number;
}

/** Two models on the same readings. */
export interface DashboardComparison {
  /** Readings that both have taken. */
  readonly readings: number;
  /** Those to which both named a class, and those to which it was the same. */
  readonly classes: number;
  readonly agreed: number;
  /** Readings and lessons that the watched model did not get, and that it refused, with the last reason. */
  readonly leftOut: number;
  readonly refused: number;
  readonly problem: string | null;
  readonly answering: DashboardModelFigures;
  readonly watched: DashboardModelFigures;
}

/** Flagged readings that lie close together. */
export interface DashboardStretch {
  /** Number of its first flagged reading, and of its last. */
  readonly from: number;
  readonly to: number;
  /** When these were taken, in milliseconds since 1970. */
  readonly begun: number;
  readonly ended: number;
  /** Flagged readings in it. */
  readonly flags: number;
  /** The highest of their scores; null where they had none. */
  readonly score: number | null;
  /** Why the first was flagged; empty where nobody knows. */
  readonly reason: string;
}

/** The whole time of a net in buckets of readings, oldest first: entry i of every column belongs to the same bucket. */
export interface DashboardPast {
  /** When the first reading of each was taken, in milliseconds since 1970. */
  readonly time: readonly number[];
  readonly readings: readonly number[];
  readonly flags: readonly number[];
  /** The highest score in each; null where there was none. */
  readonly score: readonly (number | null)[];
  /** Per channel, then per bucket: the least and the most that was measured. */
  readonly low: readonly (readonly (number | null)[])[];
  readonly high: readonly (readonly (number | null)[])[];
  /** The newest flagged stretches, oldest first. */
  readonly stretches: readonly DashboardStretch[];
}

export interface DashboardInside {
  readonly weights: readonly DashboardMap[];
  /** Of each population, in one row. */
  readonly membranes: readonly DashboardMap[];
}

/** Numbers in rows, reduced to as many cells as can be seen: the one farthest from 0 stands for all of its cell. */
export interface DashboardMap {
  readonly name: string;
  /** What there is: rows and numbers in a row. */
  readonly height: number;
  readonly width: number;
  /** What is shown of it. */
  readonly rows: number;
  readonly columns: number;
  readonly values: readonly number[];
  /** Since the base; absent where there is none. */
  readonly change?: readonly number[];
}

/** What a net made of one reading. Numbers that do not exist (no score yet) are NaN and show as a gap. */
export interface DashboardReading {
  /** Number of the reading, rising; the horizontal axis of the page. */
  readonly seq: number;
  /** When the reading was taken, in milliseconds since 1970. */
  readonly time: number;
  /** What was measured, one per channel. */
  readonly values: readonly number[];
  /** What the net expected, one per channel, in the units of `values`; null before it can expect anything. */
  readonly expected: readonly number[] | null;
  /** How unusual the reading is, ≥ 0. */
  readonly score: number;
  /** That of each monitor, NaN where it has no say; absent where there are none. */
  readonly scores?: readonly number[];
  /** A score above this is flagged. */
  readonly limit: number;
  readonly anomaly: boolean;
  /** Why, and what else monitors say; absent or empty where they say nothing, or the source does not know. */
  readonly said?: readonly Said[];
  /** Size of the error that the learning rule works on, ≥ 0. */
  readonly error: number;
  /** Spikes in the window of this reading. */
  readonly spikes: number;
  /** Mean firing rate, in Hz per neuron. */
  readonly rate: number;
  /** Absent where the net names no classes. */
  readonly named?: DashboardNamed;
}

/** What a net that names classes made of a reading, and what it was. */
export interface DashboardNamed {
  /** The class, or `unknown`; null before anything was taught. */
  readonly answer: string | null;
  /** The class that its base alone, or in a simulation the frozen net, would have named; null where there is none. */
  readonly base: string | null;
  /** What it was, where somebody has said so or a simulation knows it. */
  readonly truth: string | null;
}

/** What readings were said to be, by their time; null where nobody has said so, or has taken it back. */
export interface DashboardLabels {
  readonly time: readonly number[];
  readonly truth: readonly (string | null)[];
}

/** How a net is, after its newest reading. */
export interface DashboardStatus {
  readonly warmUp: DashboardWarmUp;
  readonly learning: boolean;
  readonly memory: DashboardMemory;
  /** The engine that runs the net and why, for people; absent where the source does not know. */
  readonly engine?: string;
  /** The newest state that would survive a power failure; null before the first. */
  readonly saved: DashboardSaved | null;
  /** Why what is learned is in memory only; absent where it is saved, or nobody asked for that. */
  readonly storeProblem?: string;
  readonly counters: DashboardCounters;
  /** What the net was taught; absent where nobody can teach it. */
  readonly taught?: DashboardTaught;
  /** From the arrival of the reading to its answer, in µs. */
  readonly latencyMicroseconds: number;
}

/** A net that people teach. Shares are of the labels that came since its base was set, null before the first. */
export interface DashboardTaught {
  readonly classes: readonly string[];
  /** The newest answer; null before anything was taught. */
  readonly answer: string | null;
  /** Probability that the newest answer is right; null where there is none. */
  readonly confidence: number | null;
  /** Where the newest answer is that it is unknown: the class that it is most like. */
  readonly likeliest?: string;
  readonly labels: number;
  readonly accuracy: Readonly<Record<'base' | 'adapted' | 'served', number | null>>;
  readonly today: { readonly lessons: number; readonly budget: number };
  /** Answers by label: a row for each of the first classes, in it [no class, then each class]. */
  readonly confusion: readonly (readonly number[])[];
}

export interface DashboardFrame {
  readonly reading: DashboardReading;
  /** The first numbers of each channel, {@link SHOWN_SIGNAL} in all; absent where a reading has one of each. */
  readonly signal?: readonly (readonly number[])[];
  readonly raster: DashboardRaster;
  readonly status: DashboardStatus;
}

/** The spikes of one reading: spike i came from `neurons[i]` in step `steps[i]` of the reading's window. */
export interface DashboardRaster {
  /** From 0 to `windowSteps` − 1. */
  readonly steps: readonly number[];
  /** From 0 to the net's `neurons` − 1. */
  readonly neurons: readonly number[];
  /** Length of the window, ≥ 1. */
  readonly windowSteps: number;
}

export interface DashboardWarmUp {
  readonly done: boolean;
  readonly readings: number;
  /** Readings that the warm-up takes. */
  readonly of: number;
  /** Until it is done, at the rate of the readings so far; absent where that is not known. */
  readonly secondsLeft?: number;
}

/** Readings since the last answer, or since the start, and those from there to the next. */
export interface DashboardGathering {
  readonly readings: number;
  readonly of: number;
  /** Until then, at the rate of the readings so far; absent where that is not known. */
  readonly secondsLeft?: number;
}

/** In bytes. */
export interface DashboardMemory {
  /** Of the whole process. */
  readonly resident: number;
  /** Of this net: program and state. */
  readonly network: number;
}

export interface DashboardSaved {
  readonly sequence: number;
  /** In milliseconds since 1970. */
  readonly time: number;
}

export interface DashboardCounters {
  /** Messages that arrived. */
  readonly received: number;
  /** Messages that could not be read. */
  readonly bad: number;
  /** Messages that a full queue refused. */
  readonly dropped: number;
  /** Messages that the broker says it has dropped, of all its clients; null where it does not tell. */
  readonly brokerDropped?: number | null;
  /** Results that were sent on. */
  readonly published: number;
  /** Spikes of a node that went elsewhere, and those that were lost; absent where none go. */
  readonly spikesSent?: number | undefined;
  readonly spikesLost?: number | undefined;
}
