import { SpikewireError } from '../error.ts';
import { bytesOf, flag, kept, real, unknownOr, whole } from '../kept-numbers.ts';
import type { MonitorDeclaration } from '../model/model.ts';
import type { PlainParameters } from '../parameters/declaration.ts';
import { readParameters } from '../parameters/read.ts';
import { type FlaggedStretch, FlaggedStretches } from './flagged-stretches.ts';
import type { CalledNormalBy, LimitReason } from './monitor/limit-reason.ts';
import type {
  Monitor,
  MonitoredAnswer,
  MonitoredReading,
  MonitorSite,
  MonitorState,
  watchParameters,
} from './monitor/monitor.ts';
import type { Level } from './monitor/new-level.ts';
import { monitorKindOf } from './monitors.ts';
import { NormalCauses } from './normal-causes.ts';

/** What a monitor says. */
export interface Verdict {
  /** Its name. */
  readonly monitor: string;
  /** What people call it. */
  readonly title: string;
  /** In units of what is usual; NaN before that is known. */
  readonly score: number;
  /** The score is above the sensitivity, and so were those before it, as many as are asked for in a row. */
  readonly anomaly: boolean;
  /** The first anomaly after more than `holdOff` quiet readings. */
  readonly alarm: boolean;
  /** Of an anomaly: half a line, for people. */
  readonly reason?: string;
  /** Of an anomaly: the channels that it is about; absent where it is about none, as a silence is. */
  readonly channels?: readonly string[];
  /** What else there is to know, in a word or two for people: `new level`. */
  readonly note?: string;
}

/** What a person may set while a monitor runs. */
export interface WatchSettings {
  readonly sensitivity?: number;
  readonly holdOff?: number;
  readonly inRow?: number;
  /** False: nothing is flagged; it goes on learning what is usual. */
  readonly on?: boolean;
}

/** A monitor on duty: from its scores to anomalies and alarms. What changes is kept with the state. */
export class Watch {
  readonly name: string;
  /** What people call it: the name that the model gives it, or the title of its kind. */
  readonly title: string;
  /** What it looks at, for people. */
  readonly about: string;
  readonly #monitor: Monitor;
  readonly #declared: PlainParameters<typeof watchParameters>;
  /** [sensitivity, hold-off] that a person has set; NaN: as the model declares. */
  readonly #settings = Float64Array.of(Number.NaN, Number.NaN);
  /** What holds where nobody has set anything. */
  #presets: WatchSettings = {};
  /** [scores of readings, readings since the last anomaly, which itself counts]. */
  readonly #counts = Float64Array.of(0, Number.MAX_SAFE_INTEGER);
  /** [readings in a row above the sensitivity, how many of them a person wants; NaN: as the model declares]. */
  readonly #row = Float64Array.of(0, Number.NaN);
  /** [1 where a person has switched it off] */
  readonly #off = new Float64Array(1);
  readonly #stretches: FlaggedStretches;
  readonly #causes: NormalCauses;

  /** Throws `graph` for an unknown type or a net that it cannot watch, `parameter` where parameters are wrong. */
  constructor({ type, parameters }: MonitorDeclaration, site: MonitorSite) {
    const where = site.where ?? `monitor "${type}"`;
    const kind = monitorKindOf(type, where);
    this.#declared = readParameters(where, parameters, kind.parameters);
    this.name = this.#declared.name ?? type;
    this.title = this.#declared.name ?? kind.title ?? type;
    this.about = kind.about ?? '';
    this.#monitor = kind.prepare(parameters, { ...site, where });
    this.#stretches = new FlaggedStretches(this.#monitor.evidence.length);
    this.#causes = new NormalCauses(this.#monitor.accepted.extents.length);
  }

  /** May be set while it runs. */
  get sensitivity(): number {
    return this.#settingOf(this.#settings[0]!, 'sensitivity');
  }

  /** May be set while it runs. */
  get holdOff(): number {
    return this.#settingOf(this.#settings[1]!, 'holdOff');
  }

  /** May be set while it runs. */
  get inRow(): number {
    return this.#settingOf(this.#row[1]!, 'inRow');
  }

  /** May be set while it runs. */
  get on(): boolean {
    return this.#off[0] === 0;
  }

  /** What scores are flagged above. */
  get #limit(): number {
    return this.on ? this.sensitivity : Number.POSITIVE_INFINITY;
  }

  #settingOf(set: number, name: 'sensitivity' | 'holdOff' | 'inRow'): number {
    return Number.isNaN(set) ? (this.#presets[name] ?? this.#declared[name]) : set;
  }

  /** What holds in the place of what the model declares, as long as nobody has set anything; it is not kept. */
  preset(settings: WatchSettings): void {
    this.#presets = settings;
  }

  configure({ sensitivity, holdOff, inRow, on }: WatchSettings): void {
    if (sensitivity !== undefined) this.#settings[0] = sensitivity;
    if (holdOff !== undefined) this.#settings[1] = holdOff;
    if (inRow !== undefined) this.#row[1] = inRow;
    if (on === undefined) return;
    this.#off[0] = on ? 0 : 1;
    if (!on) this.#quieten();
  }

  /** Takes over what a person has set on another one. */
  keepSettingsOf(other: Watch): void {
    this.#settings.set(other.#settings);
    this.#off.set(other.#off);
    this.#row[1] = other.#row[1]!;
  }

  /** Whether there is nothing for it to look at, such as a relation of one channel: then it has no say, ever. */
  get isIdle(): boolean {
    return this.#monitor.evidence.length === 0;
  }

  /** Scores that it has learned from, up to the number it needs. */
  get warmUp(): { readonly done: number; readonly of: number } {
    const { warmUp } = this.#declared;
    return { done: Math.min(this.#counts[0]!, warmUp), of: warmUp };
  }

  /** Ends the warm-up with what it has learned from, where that is `enough`. */
  endWarmUp(enough: number): void {
    if (this.#counts[0]! >= enough) this.#counts[0] = Math.max(this.#counts[0]!, this.#declared.warmUp);
  }

  /** Whether the sensitivity limit is so high that nothing that may come would be flagged. */
  get muted(): boolean {
    return this.#monitor.isMuted?.(this.sensitivity) ?? false;
  }

  /** Whether the last thing it judged is an anomaly. */
  get flagged(): boolean {
    return this.#counts[1] === 1;
  }

  /** Whether the net is not to learn now: also from what is not yet an anomaly for want of others in a row. */
  get holds(): boolean {
    const { mayHold = true } = this.#monitor;
    return mayHold && this.#suspects && this.#declared.whileFlagged !== 'learn';
  }

  /** Whether other monitors are not to learn now either. */
  get freezes(): boolean {
    return this.#suspects && this.#declared.whileFlagged === 'freeze';
  }

  get #suspects(): boolean {
    return this.flagged || this.#row[0]! > 0;
  }

  /** Some channels have come to a new level. */
  moved(level: Level): void {
    this.#monitor.moved?.(level);
  }

  /** Whether it knows that a channel has often been at a number. */
  hasBeenAt(channel: number, number: number): boolean {
    return this.#monitor.hasBeenAt?.(channel, number) ?? false;
  }

  /** Where channels lie that it has taken for usual with the last reading. */
  get adopted(): Level | undefined {
    return this.#monitor.adopted;
  }

  /** How large the error of a channel usually is, in half widths of its range at first; undefined of what is no prediction. */
  usualError(channel: number): number | undefined {
    return this.#monitor.usualError?.(channel);
  }

  /**
   * Judges a reading before the net gets it. Returns undefined where it has no say. `isUnusual`: other monitors flagged
   * the reading before.
   */
  read(reading: MonitoredReading, learning: boolean, isUnusual = false): Verdict | undefined {
    this.#stretches.at(reading.sequence ?? this.#stretches.sequence + 1, reading.time);
    return this.#judge(this.#monitor.read?.(reading, this.#attention(learning, isUnusual)));
  }

  /** Judges what the net answered to it: the same reading, where it has judged that already. */
  answered(answer: MonitoredAnswer, learning: boolean): Verdict | undefined {
    const score = this.#monitor.answered?.(answer, this.#attention(learning));
    if (this.#monitor.read === undefined || score === undefined) return this.#judge(score);
    const wasWarm = this.#counts[0]! > this.#declared.warmUp;
    if (!wasWarm) return this.#judgeAgain(Number.NaN);
    if (score > this.#limit && this.#row[0] === 0) this.#row[0] = 1;
    return this.#judgeAgain(score, this.#row[0]! >= this.inRow);
  }

  /** Judges that there has been no reading for so many milliseconds. An alarm that this gives comes once. */
  tick(elapsed: number): Verdict | undefined {
    const score = this.#warm ? this.#monitor.tick?.(elapsed) : undefined;
    if (score === undefined) return undefined;
    return this.#judgeAgain(score, true, this.#stretches.time + elapsed);
  }

  get #warm(): boolean {
    return this.#counts[0]! >= this.#declared.warmUp;
  }

  #attention(learning: boolean, isUnusual = false) {
    const isWarm = this.#warm;
    return { learning: learning || !isWarm, sensitivity: this.sensitivity, isWarm, isUnusual: isWarm && isUnusual };
  }

  #judge(score: number | undefined): Verdict | undefined {
    if (score === undefined) return undefined;
    const known = this.#warm ? score : Number.NaN;
    if (!this.#warm && this.#monitor.leavesOutRare && score > this.sensitivity) this.#accept(this.#monitor, 'warm-up');
    this.#row[0] = known > this.#limit ? Math.min(this.#row[0]! + 1, Number.MAX_SAFE_INTEGER) : 0;
    const verdict = this.#verdict(known, this.#row[0] >= this.inRow, true);
    this.#remember(known, verdict.anomaly);
    this.#counts[0]! += 1;
    this.#counts[1] = verdict.anomaly ? 1 : Math.min(this.#counts[1]! + 1, Number.MAX_SAFE_INTEGER);
    if (this.#counts[1] === this.holdOff + 2) this.#acceptHabit();
    return verdict;
  }

  /**
   * Judges more of a reading that has been counted, or its absence, which is none of a row; an alarm that it gave is
   * not given again.
   */
  #judgeAgain(score: number, isEnough = true, time?: number): Verdict {
    const verdict = this.#verdict(score, score > this.#limit && isEnough, !this.flagged);
    this.#remember(score, verdict.anomaly, time);
    if (verdict.anomaly) this.#counts[1] = 1;
    return verdict;
  }

  /** An event that comes and goes by itself three times, each time alike, is called normal. */
  #acceptHabit(): void {
    const [last] = this.#stretches.list;
    if (last !== undefined && this.#monitor.leavesOutRare && this.#stretches.isHabit) this.#accept(last, 'recurring');
  }

  /** What is flagged, and with it what came before it in a row. */
  #remember(score: number, isFlagged: boolean, time?: number): void {
    if (score > this.#limit) this.#stretches.gather(this.#monitor.evidence);
    if (isFlagged) {
      const isNew = this.#counts[1]! > Math.max(1, this.holdOff);
      this.#stretches.flag(isNew, Math.max(0, this.#row[0]! - 1), time);
    } else if (this.#row[0] === 0) this.#stretches.drop();
  }

  #verdict(score: number, anomaly: boolean, mayAlarm: boolean): Verdict {
    const alarm = anomaly && mayAlarm && this.#counts[1]! > this.holdOff;
    const channels = anomaly ? this.#monitor.flaggedChannels?.() : undefined;
    return {
      monitor: this.name,
      title: this.title,
      score,
      anomaly,
      alarm,
      ...(anomaly && { reason: this.#monitor.reason() }),
      ...(channels && { channels }),
      ...(this.adopted !== undefined && { note: 'new level' }),
    };
  }

  /** The last stretches of readings that it has flagged, newest first. */
  get flaggedStretches(): readonly FlaggedStretch[] {
    return this.#stretches.list;
  }

  /**
   * "That was normal": what one of those stretches was flagged for is not flagged again. Returns which limits that has
   * changed, a clause for each.
   */
  accept(stretch: FlaggedStretch): string[] {
    const isNewest = stretch.last === this.#stretches.list[0]?.last;
    const isOver = !(isNewest && this.#suspects);
    if (isNewest) this.#quieten();
    return this.#accept(stretch, 'person', isOver);
  }

  #accept(flagged: Pick<FlaggedStretch, 'evidence'>, by: CalledNormalBy, isOver = true): string[] {
    const before = this.#monitor.accepted.extents;
    const { title: name, sensitivity } = this;
    const changes = this.#monitor.accept(flagged.evidence, { name, sensitivity, isOver });
    for (const [k, extent] of this.#monitor.accepted.extents.entries()) {
      if (extent !== before[k]) this.#causes.set(k, by, by === 'warm-up' ? {} : (flagged as FlaggedStretch));
    }
    return changes;
  }

  /** Why its limit is not the one that ordinary readings have taught; none where it is. */
  get limitReasons(): LimitReason[] {
    const { taught, accepted } = this.#monitor;
    const [to, from] = [this.sensitivity, this.#presets.sensitivity ?? this.#declared.sensitivity];
    return [
      ...(to === from ? [] : [{ kind: 'set', to, from } as const]),
      ...(accepted.any ? this.#causes.reasons(Array.from(accepted.extents, (extent) => extent > 0)) : []),
      ...(this.#monitor.remembers ? [{ kind: 'remembered' } as const] : []),
      ...(taught === undefined ? [] : [{ kind: 'unusual-readings', ...taught } as const]),
    ];
  }

  /** Accepts the last stretch, where there is one. */
  acceptLast(): string[] {
    const [last] = this.#stretches.list;
    return last === undefined ? [] : this.accept(last);
  }

  /** Whether a limit is higher than what was learned, because something was called normal. */
  get accepts(): boolean {
    return this.#monitor.accepted.any;
  }

  /** Whether a person has set anything of it. */
  get isSet(): boolean {
    return ![...this.#settings, this.#row[1]!].every(Number.isNaN) || !this.on;
  }

  /** Takes back what a person has set and called normal: its limits are those that it has learned. */
  returnToLearned(): void {
    this.#settings.fill(Number.NaN);
    this.#row[1] = Number.NaN;
    this.#off[0] = 0;
    this.#monitor.accepted.forget();
    this.#monitor.forgetRemembered?.();
  }

  /** Nothing is flagged any more. */
  #quieten(): void {
    this.#counts[1] = Number.MAX_SAFE_INTEGER;
    this.#row[0] = 0;
  }

  /** Bytes that it keeps, and those that its monitor works with. */
  get bytes(): number {
    return bytesOf(this.state) + (this.#monitor.workingBytes ?? 0);
  }

  /** Everything that changes, for saving and restoring. */
  get state(): MonitorState {
    return {
      counts: kept(this.#counts, whole()),
      settings: kept(this.#settings, unknownOr(real(0, Number.POSITIVE_INFINITY)), unknownOr(whole())),
      flagged: this.#stretches.kept,
      normalCauses: this.#causes.kept,
      off: kept(this.#off, flag),
      row: kept(this.#row, whole(), unknownOr(whole(1))),
      ...this.#monitor.state,
    };
  }
}

/** Each judges every reading, and stands in every answer and saved state. */
export const MOST_MONITORS = 16;
const LONGEST_NAME = 256;

/** What answers call each, its type where it has no name of its own. */
export function monitorNames(monitors: readonly MonitorDeclaration[]): string[] {
  return monitors.map(({ type, parameters: { name = type } }) => String(name));
}

/** Throws `graph` where there are too many, and for names that are empty, too long or given twice. */
export function checkMonitors(monitors: readonly MonitorDeclaration[]): void {
  const { length } = monitors;
  if (length > MOST_MONITORS)
    throw new SpikewireError('graph', 'monitor', `lists ${length}`, `at most ${MOST_MONITORS}`);
  const names = monitorNames(monitors);
  for (const [k, name] of names.entries()) {
    const where = `monitor[${k}]`;
    if (names.indexOf(name) < k)
      throw new SpikewireError('graph', where, `is a second one called "${name}"`, 'a "name" of its own');
    if (name.length > 0 && name.length <= LONGEST_NAME) continue;
    throw new SpikewireError('graph', where, `has a name of ${name.length} characters`, `1…${LONGEST_NAME}`);
  }
}

/** The monitors of a model. Throws as {@link Watch} and {@link checkMonitors} do. */
export function watchesOf(monitors: readonly MonitorDeclaration[], site: Omit<MonitorSite, 'where'>): Watch[] {
  checkMonitors(monitors);
  return monitors.map((declaration) => new Watch(declaration, site));
}
