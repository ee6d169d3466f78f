import {
  type FlaggedStretch,
  type Level,
  type Model,
  type MonitoredAnswer,
  type MonitoredReading,
  type MonitorState,
  type NamedReading,
  predictsReadings,
  type Verdict,
  type Watch,
  watchesOf,
} from '@spikewire/models';

/** What all monitors together say of one reading. */
export interface OverallVerdict {
  /** That of the model's first monitor; NaN before it knows what is usual, and where it has no say. */
  readonly score: number;
  /** One of them has found an anomaly. */
  readonly anomaly: boolean;
  /** One of them gives an alarm. */
  readonly alarm: boolean;
}

/** Readings that were called normal. */
export interface AcceptedStretch {
  readonly first: number;
  readonly last: number;
  /** Which limits that has changed, a clause for each, for people. */
  readonly changes: readonly string[];
}

/** Stretches that are no farther from each other are of one event: some monitors see it later than others. */
const BESIDE = 60;
/** Milliseconds by which a named time may be off, because a person reads it in seconds. */
const TIME_SLACK = 1000;

function has({ first, last, begun, ended }: FlaggedStretch, { sequence, time }: NamedReading): boolean {
  if (sequence !== undefined && (sequence < first || sequence > last)) return false;
  return time === undefined || (begun <= time + TIME_SLACK && ended >= time - TIME_SLACK);
}

function isBeside(stretch: FlaggedStretch, { first, last }: FlaggedStretch): boolean {
  return stretch.first <= last + BESIDE && stretch.last >= first - BESIDE;
}

/** The monitors of one net, side by side. */
export class Monitors {
  /** In the order of the model. */
  readonly watches: readonly Watch[];
  /** Whether the net's answers are predictions of its next sample. */
  readonly predict: boolean;

  /** `size` is the numbers of a sample, `outputs` those of an answer. Throws where the net cannot be watched so. */
  constructor(model: Model, size: number, outputs: number) {
    const { channels, monitors = [] } = model;
    const named = channels.length === size;
    const names = Array.from({ length: size }, (_, k) => (named ? channels[k]!.name : `channel ${k}`));
    this.watches = watchesOf(monitors, { channels: names, outputs });
    this.predict = predictsReadings(model);
  }

  /** Scores until the model's first monitor knows what is usual; others may join it later. */
  get warmUp(): { readonly done: number; readonly of: number } {
    return this.watches[0]?.warmUp ?? { done: 0, of: 0 };
  }

  /** Ends that warm-up where it has had this share. */
  endWarmUp(share: number): void {
    this.watches[0]?.endWarmUp(share * this.warmUp.of);
  }

  /** Whether the net is not to learn now, because something is flagged. */
  get hold(): boolean {
    return this.watches.some(({ holds }) => holds);
  }

  /** Where channels lie that one of them has taken for usual with the last reading. */
  get adopted(): Level | undefined {
    return this.watches.find(({ adopted }) => adopted !== undefined)?.adopted;
  }

  read(reading: MonitoredReading, learning: boolean): Verdict[] {
    const flagging = this.watches.filter(({ flagged }) => flagged);
    const verdicts = this.watches.flatMap((watch) => {
      const isUnusual = flagging.some((other) => other !== watch);
      return watch.read(reading, learning && !this.#isFrozen(watch), isUnusual) ?? [];
    });
    const { adopted } = this;
    if (adopted !== undefined) this.#move(adopted);
    return verdicts;
  }

  /** What the monitors know moves along to a new level, but not to one that a channel comes to again and again. */
  #move({ low, high, rise }: Level): void {
    const isKnown = (channel: number) => {
      const middle = low[channel]! / 2 + high[channel]! / 2;
      return this.watches.some((watch) => watch.hasBeenAt(channel, middle));
    };
    const ofNew = (end: number, channel: number) => (isKnown(channel) ? Number.NaN : end);
    const level = { low: low.map(ofNew), high: high.map(ofNew), rise };
    for (const watch of this.watches) watch.moved(level);
  }

  #isFrozen(watch: Watch): boolean {
    return this.watches.some((other) => other !== watch && other.freezes);
  }

  answered(answer: MonitoredAnswer, learning: boolean): Verdict[] {
    return this.watches.flatMap((watch) => watch.answered(answer, learning && !this.#isFrozen(watch)) ?? []);
  }

  tick(elapsed: number): Verdict[] {
    return this.watches.flatMap((watch) => watch.tick(elapsed) ?? []);
  }

  /** Undefined where none has a say. */
  overall(verdicts: readonly Verdict[]): OverallVerdict | undefined {
    if (verdicts.length === 0) return undefined;
    const first = verdicts.find(({ monitor }) => monitor === this.watches[0]!.name);
    return {
      score: first?.score ?? Number.NaN,
      anomaly: verdicts.some(({ anomaly }) => anomaly),
      alarm: verdicts.some(({ alarm }) => alarm),
    };
  }

  /** How large the error of the prediction of a channel usually is; Infinity where none watches predictions. */
  usualError(channel: number): number {
    for (const watch of this.watches) {
      const usual = watch.usualError(channel);
      if (usual !== undefined) return usual;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** That of a name; the first where none is given. */
  find(name: string | undefined): Watch | undefined {
    return name === undefined ? this.watches[0] : this.watches.find((watch) => watch.name === name);
  }

  /**
   * "That was normal": what a stretch of readings was flagged for, the last one where none is named, is not flagged
   * again by any of those that flagged it. Undefined where nothing that is remembered was flagged there.
   */
  accept(named: NamedReading = {}): AcceptedStretch | undefined {
    const all = this.watches.flatMap((watch) => watch.flaggedStretches.map((stretch) => ({ watch, stretch })));
    const meant = all.filter(({ stretch }) => has(stretch, named)).map(({ stretch }) => stretch);
    const newest = meant.reduce<FlaggedStretch | undefined>((a, b) => (a && a.last >= b.last ? a : b), undefined);
    if (newest === undefined) return undefined;
    const accepted = all.filter(({ stretch }) => isBeside(stretch, newest));
    const first = Math.min(...accepted.map(({ stretch }) => stretch.first));
    const last = Math.max(...accepted.map(({ stretch }) => stretch.last));
    return { first, last, changes: accepted.flatMap(({ watch, stretch }) => watch.accept(stretch)) };
  }

  /** Number of the last reading that is remembered as flagged; undefined where there is none. */
  get lastFlagged(): number | undefined {
    const last = Math.max(...this.watches.map(({ flaggedStretches: [newest] }) => newest?.last ?? 0));
    return last > 0 ? last : undefined;
  }

  /** Takes over what a person has set on those of the same net. */
  keepSettingsOf({ watches }: Monitors): void {
    for (const watch of this.watches) {
      const other = watches.find(({ name }) => name === watch.name);
      if (other !== undefined) watch.keepSettingsOf(other);
    }
  }

  /** Everything that changes, by monitor, for saving and restoring. */
  get state(): Readonly<Record<string, MonitorState>> {
    return Object.fromEntries(this.watches.map(({ name, state }) => [name, state]));
  }
}
