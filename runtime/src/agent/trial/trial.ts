import { CARRYING, type Carrying } from '../repository/offer.ts';
import { type CalibrationState, NEW_CALIBRATION, type PairedConfidence, rate } from './calibration.ts';
import {
  begunAnew,
  DEFAULT_GATE,
  decide,
  type GateRules,
  type GateState,
  NEW_GATE,
  type PairedAnswer,
  take,
} from './gate.ts';
import { objectionsTo, type PairedOperations } from './objections.ts';

/** What has become of a candidate while it is watched, beside its answers. */
export interface CandidateFigures {
  /** Readings that it has taken. */
  readonly readings: number;
  /** Readings and lessons that it did not get, because it was too slow. */
  readonly leftOut: number;
  /** Readings and lessons that it refused, and the reason for the last. */
  readonly refused: number;
  readonly problem: string | null;
  /** Of a reading, mean; NaN before the first. */
  readonly microseconds: number;
  /** Of the largest net. */
  readonly bytes: number;
  /** Right answers of the model that answers and of the watched one, of the labelled readings; absent where none is. */
  readonly right?: { readonly answering: number; readonly watched: number; readonly of: number };
  /** Synaptic operations of a sample, mean; absent before the first. */
  readonly operations?: { readonly answering: number; readonly watched: number };
  /** The same of the watched model as its card says; absent where it does not. */
  readonly operationsOnCard?: number;
}

/** Why a way is out. */
export interface WayEnd {
  readonly reason: string;
  /** What stands against it: the model, or what this machine can do, which may change. */
  readonly cause: 'model' | 'machine';
}

type ByWay<T> = Readonly<Partial<Record<Carrying, T>>>;

/** What a trial has come to, for its file. */
export interface TrialState {
  readonly gates: ByWay<GateState>;
  readonly calibrations: ByWay<CalibrationState>;
  /** Paired answers that a way has taken in all its turns; a label counts as 20. */
  readonly seen: ByWay<number>;
  readonly ends: ByWay<WayEnd>;
}

export const NEW_TRIAL: TrialState = { gates: {}, calibrations: {}, seen: {}, ends: {} };

export type TrialDecision =
  | { readonly kind: 'go'; readonly carrying: Carrying }
  /** It may go by its labels, but a person should know something before. */
  | { readonly kind: 'hold'; readonly carrying: Carrying; readonly reasons: readonly string[] }
  | { readonly kind: 'abort'; readonly reason: string; readonly cause: 'model' | 'machine' | 'base' }
  | { readonly kind: 'undecided' };

/** Readings before anything is decided: the first ones of a net are often said to be nothing. */
const LEAST_READINGS = 50;
/** A candidate that refuses, or is too slow for, more than this share of readings ends. */
const MOST_UNDONE = 0.02;
/** A candidate that leaves out so many readings and lessons before it takes any ends. */
const MOST_UNBEGUN = 100_000;
/** A turn, where ways are tried one after another: so many paired answers, of which a label counts as so many. */
const TURN_ANSWERS = 2000;
const ANSWERS_OF_A_LABEL = 20;
/** Of labels that are foreseen; a trial that needs more needs a person. */
const MOST_FORESEEN = 1000;

/**
 * Of the chance that a worse model passes, shares by way. `carry` is wanted most, and as good as the others on most
 * devices, so it needs fewer labels than with equal shares.
 */
const SHARES: Readonly<Record<Carrying, number>> = { carry: 3, rebase: 1, reset: 1 };

/**
 * One of several ways passes by chance more often than one: each needs the more evidence, so that all of them together
 * pass as rarely as one alone would (Bonferroni, with weights).
 */
export function rulesFor(carrying: Carrying, ways: readonly Carrying[], rules = DEFAULT_GATE): GateRules {
  const all = ways.reduce((sum, way) => sum + SHARES[way], 0);
  return { ...rules, goEvidence: (rules.goEvidence * all) / SHARES[carrying] };
}

/**
 * Evidence about a new base by the ways to carry over what was learned. All of them are watched at a time, or, where
 * the machine cannot do that, one after another in turns.
 */
export class Trial {
  readonly #rules: GateRules;
  readonly #gates = new Map<Carrying, GateState>();
  readonly #calibrations = new Map<Carrying, CalibrationState>();
  readonly #seen = new Map<Carrying, number>();
  readonly #ends = new Map<Carrying, WayEnd>();
  /** Ways that are watched now. */
  #watched: ReadonlySet<Carrying>;
  /** What each had taken and left out when it had begun. */
  readonly #begun = new Map<Carrying, { readonly readings: number; readonly leftOut: number }>();

  /** @param state of an earlier process, to go on from */
  constructor(carryings: readonly Carrying[], state: Partial<TrialState> = {}, rules = DEFAULT_GATE) {
    const { gates, calibrations, seen, ends } = { ...NEW_TRIAL, ...state };
    for (const carrying of carryings) {
      this.#gates.set(carrying, gates[carrying] ?? NEW_GATE);
      this.#calibrations.set(carrying, calibrations[carrying] ?? NEW_CALIBRATION);
      this.#seen.set(carrying, seen[carrying] ?? 0);
      if (ends[carrying] !== undefined) this.#ends.set(carrying, ends[carrying]);
    }
    this.#watched = new Set(carryings);
    this.#rules = rules;
  }

  get state(): TrialState {
    return {
      gates: Object.fromEntries(this.#gates),
      calibrations: Object.fromEntries(this.#calibrations),
      seen: Object.fromEntries(this.#seen),
      ends: Object.fromEntries(this.#ends),
    };
  }

  /** Why a carrying is out, if it is. */
  endOf(carrying: Carrying): string | undefined {
    return this.#ends.get(carrying)?.reason;
  }

  isWatched(carrying: Carrying): boolean {
    return this.#watched.has(carrying) && !this.#ends.has(carrying);
  }

  /**
   * From now on these ways are watched, each by a net that begins now. With `carry` and `rebase` that is made of all
   * that the device has learned, as the one before was: what was counted is about the way, and goes on. With `reset` it
   * begins from nothing: what the one before had learned since, and what spoke for it, is gone.
   */
  begin(carryings: readonly Carrying[]): void {
    this.#watched = new Set(carryings);
    this.#begun.clear();
    const gate = this.#gates.get('reset');
    if (gate === undefined || !this.#watched.has('reset')) return;
    this.#gates.set('reset', begunAnew(gate, this.#rules));
    this.#calibrations.set('reset', NEW_CALIBRATION);
  }

  /** Of those that began, these cannot be watched now, and wait for their turn. */
  wait(carryings: readonly Carrying[]): void {
    this.#watched = new Set([...this.#watched].filter((each) => !carryings.includes(each)));
  }

  /** Takes a reading that both have answered. */
  pair(carrying: Carrying, answer: PairedAnswer): void {
    this.#take(carrying, answer, false);
  }

  /**
   * Takes the label of an earlier reading that both have answered; `confidence` where both have said how sure they
   * were.
   */
  judge(carrying: Carrying, answer: PairedAnswer, confidence?: PairedConfidence): void {
    this.#take(carrying, answer, true);
    const calibration = this.#calibrations.get(carrying);
    if (calibration !== undefined && confidence !== undefined)
      this.#calibrations.set(carrying, rate(calibration, answer, confidence));
  }

  #take(carrying: Carrying, answer: PairedAnswer, isLater: boolean): void {
    const gate = this.#gates.get(carrying);
    if (gate === undefined) return;
    this.#gates.set(carrying, take(gate, answer, isLater));
    this.#seen.set(carrying, this.#seen.get(carrying)! + (isLater ? ANSWERS_OF_A_LABEL : 1));
  }

  /** Ends a way that cannot be tried. */
  end(carrying: Carrying, reason: string, cause: WayEnd['cause'] = 'model'): void {
    if (this.#gates.has(carrying) && !this.#ends.has(carrying)) this.#ends.set(carrying, { reason, cause });
  }

  /** What labels and figures allow now. */
  decide(figures: ReadonlyMap<Carrying, CandidateFigures>): TrialDecision {
    for (const carrying of this.#running) {
      const end = this.#faultOf(carrying, figures.get(carrying));
      if (end !== undefined) this.end(carrying, end.reason, end.cause);
    }
    if (this.#running.length === 0) return { kind: 'abort', ...this.#end };
    const carrying = this.best!;
    // Another one than what is watched cannot be handed over, and has to run again first.
    if (!this.#isReady(figures) || !this.isWatched(carrying) || !this.#hasPassed(carrying)) return UNDECIDED;
    const reasons = this.objectionsTo(carrying, figures.get(carrying));
    return reasons.length > 0 ? { kind: 'hold', carrying, reasons } : { kind: 'go', carrying };
  }

  /** One that is still being taught what was learned must not lose to one that has nothing to learn. */
  #isReady(figures: ReadonlyMap<Carrying, CandidateFigures>): boolean {
    return this.#running.every((carrying) =>
      this.#watched.has(carrying)
        ? (figures.get(carrying)?.readings ?? 0) >= LEAST_READINGS
        : this.#turnsOf(carrying) > 0,
    );
  }

  #turnsOf(carrying: Carrying): number {
    return Math.floor(this.#seen.get(carrying)! / TURN_ANSWERS);
  }

  #hasPassed(carrying: Carrying): boolean {
    return decide(this.#gates.get(carrying)!, this.#rulesOf(carrying)) === 'go';
  }

  #rulesOf(carrying: Carrying): GateRules {
    return rulesFor(carrying, [...this.#gates.keys()], this.#rules);
  }

  /** Why a way needs a person's approval though labels may let it go. */
  objectionsTo(carrying: Carrying, figures: CandidateFigures | undefined): string[] {
    return objectionsTo(operationsOf(figures), this.#calibrations.get(carrying) ?? NEW_CALIBRATION);
  }

  /**
   * The ways to watch now, where that many can be at a time: one that may go, so that it can be handed over, and those
   * that have had the fewest turns. It follows from what was counted, so a restart goes on with the same.
   */
  ways(most: number): Carrying[] {
    const running = this.#running;
    const haveHadOne = running.every((carrying) => this.#turnsOf(carrying) > 0);
    const rankOf = (carrying: Carrying) =>
      haveHadOne && carrying === this.best && this.#hasPassed(carrying) ? -1 : this.#turnsOf(carrying);
    return CARRYING.filter((carrying) => running.includes(carrying))
      .sort((a, b) => rankOf(a) - rankOf(b))
      .slice(0, most);
  }

  #faultOf(carrying: Carrying, figures: CandidateFigures | undefined): WayEnd | undefined {
    const gate = this.#gates.get(carrying)!;
    if (decide(gate, this.#rules) === 'abort') {
      const { lost, gained } = gate;
      const reason = `was wrong ${lost} times where the present one was right; the reverse happened ${gained} times`;
      return { reason, cause: 'model' };
    }
    if (figures === undefined) return undefined;
    const { readings, refused, problem } = figures;
    const all = readings + refused;
    if (all >= LEAST_READINGS && refused > MOST_UNDONE * all)
      return { reason: `refused ${refused} of ${all} readings and lessons: ${problem}`, cause: 'model' };
    const reason = this.#slownessOf(carrying, figures);
    return reason === undefined ? undefined : { reason, cause: 'machine' };
  }

  /** While its nets begin, and are taught their lessons, a candidate gets no reading: that is not counted. */
  #slownessOf(carrying: Carrying, { readings, leftOut }: CandidateFigures): string | undefined {
    if (readings < LEAST_READINGS) {
      if (leftOut < MOST_UNBEGUN) return undefined;
      return `did not begin within ${leftOut} readings and lessons`;
    }
    const before = this.#begun.get(carrying) ?? { readings, leftOut };
    this.#begun.set(carrying, before);
    const [taken, left] = [readings - before.readings, leftOut - before.leftOut];
    if (taken + left < LEAST_READINGS || left <= MOST_UNDONE * (taken + left)) return undefined;
    return `was too slow for ${left} of ${taken + left} readings and lessons`;
  }

  /** Ways that are not out, watched or waiting. */
  get #running(): Carrying[] {
    return [...this.#gates.keys()].filter((carrying) => !this.#ends.has(carrying));
  }

  /** Of all ways: where one of them may do well on another day, the model may be tried again. */
  get #end(): { reason: string; cause: 'model' | 'machine' | 'base' } {
    const ends = [...this.#ends.values()];
    if (ends.length === 0) return { reason: 'there is no allowed way to install it here', cause: 'base' };
    const reason = [...this.#ends].map(([carrying, end]) => `${carrying}: ${end.reason}`).join('; ');
    return { reason, cause: ends.some(({ cause }) => cause === 'machine') ? 'machine' : 'model' };
  }

  /**
   * The way with the most gain so far; undefined where none runs. A later one of `CARRYING`, which keeps less of what
   * was learned, must gain more by the margin within which a model counts as not worse.
   */
  get best(): Carrying | undefined {
    const running = this.#running;
    const gainOf = (carrying: Carrying) => {
      const { gained, lost, same } = this.#gates.get(carrying)!;
      const all = gained + lost + same;
      return all === 0 ? 0 : (gained - lost) / all;
    };
    return CARRYING.filter((carrying) => running.includes(carrying)).reduce<Carrying | undefined>(
      (best, carrying) =>
        best === undefined || gainOf(carrying) > gainOf(best) + this.#rules.goMargin ? carrying : best,
      undefined,
    );
  }

  /**
   * Labels of differing readings that would decide for the best way, if they come for as many readings and gain as much
   * as so far, and where none has come, gain as often as they lose; undefined: more than a thousand.
   */
  get labelsWanted(): number | undefined {
    const best = this.best;
    return best === undefined ? undefined : labelsUntilGo(this.#gates.get(best)!, this.#rulesOf(best));
  }
}

const UNDECIDED: TrialDecision = { kind: 'undecided' };

/** Of a trial, in which the old model answers. */
function operationsOf(figures: CandidateFigures | undefined): PairedOperations | undefined {
  if (figures?.operations === undefined) return undefined;
  const { answering, watched } = figures.operations;
  return { old: answering, new: watched, card: figures.operationsOnCard ?? null };
}

/** See `Trial.labelsWanted`. */
export function labelsUntilGo(gate: GateState, rules: GateRules = DEFAULT_GATE): number | undefined {
  const decisive = gate.gained + gate.lost;
  const gaining = decisive === 0 ? 0.5 : gate.gained / decisive;
  const agreedPerLabel = gate.differed === 0 ? 0 : gate.agreed / gate.differed;
  for (let labels = 1; labels <= MOST_FORESEEN; labels++) {
    const gained = gate.gained + gaining * labels;
    const lost = gate.lost + (1 - gaining) * labels;
    const answered = gate.answered + labels;
    const state = { ...gate, gained, lost, answered, same: agreedPerLabel * answered };
    if (decide(state, rules) === 'go') return labels;
  }
  return undefined;
}
