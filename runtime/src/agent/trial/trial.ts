import { CARRYING, type Carrying } from '../repository/offer.ts';
import { DEFAULT_GATE, decide, type GateRules, type GateState, NEW_GATE, type PairedAnswer, take } from './gate.ts';

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
}

export type TrialDecision =
  | { readonly kind: 'go'; readonly carrying: Carrying }
  | { readonly kind: 'abort'; readonly reason: string }
  | { readonly kind: 'undecided' };

/** Readings before anything is decided: the first ones of a net are often said to be nothing. */
const LEAST_READINGS = 50;
/** A candidate that refuses, or is too slow for, more than this share of readings ends. */
const MOST_UNDONE = 0.02;
/** A candidate that leaves out so many readings and lessons before it takes any ends. */
const MOST_UNBEGUN = 100_000;
/** Of labels that are foreseen; a trial that needs more needs a person. */
const MOST_FORESEEN = 1000;

/** One of several ways passes by chance more often than one: each needs the more evidence (Bonferroni). */
export function rulesFor(ways: number, rules = DEFAULT_GATE): GateRules {
  return { ...rules, goEvidence: rules.goEvidence * Math.max(1, ways) };
}

/** Evidence about a new base by the ways to carry over what was learned, while all of them are watched. */
export class Trial {
  readonly #rules: GateRules;
  readonly #gates = new Map<Carrying, GateState>();
  readonly #ended = new Map<Carrying, string>();
  /** What each had taken and left out when it had begun. */
  readonly #begun = new Map<Carrying, { readonly readings: number; readonly leftOut: number }>();

  /** @param gates of an earlier process, to go on from */
  constructor(
    carryings: readonly Carrying[],
    gates: Readonly<Partial<Record<Carrying, GateState>>> = {},
    rules = DEFAULT_GATE,
  ) {
    for (const carrying of carryings) this.#gates.set(carrying, gates[carrying] ?? NEW_GATE);
    this.#rules = rulesFor(carryings.length, rules);
  }

  get gates(): Readonly<Partial<Record<Carrying, GateState>>> {
    return Object.fromEntries(this.#gates);
  }

  /** Why a carrying is out, if it is. */
  endOf(carrying: Carrying): string | undefined {
    return this.#ended.get(carrying);
  }

  /** Takes a reading that both have answered. */
  pair(carrying: Carrying, answer: PairedAnswer): void {
    this.#take(carrying, answer, false);
  }

  /** Takes the label of an earlier reading that both have answered. */
  judge(carrying: Carrying, answer: PairedAnswer): void {
    this.#take(carrying, answer, true);
  }

  #take(carrying: Carrying, answer: PairedAnswer, isLater: boolean): void {
    const gate = this.#gates.get(carrying);
    if (gate !== undefined) this.#gates.set(carrying, take(gate, answer, isLater));
  }

  /** Ends a way that cannot be tried. */
  end(carrying: Carrying, reason: string): void {
    if (this.#gates.has(carrying) && !this.#ended.has(carrying)) this.#ended.set(carrying, reason);
  }

  /** What labels and figures allow now. */
  decide(figures: ReadonlyMap<Carrying, CandidateFigures>): TrialDecision {
    for (const carrying of this.#running) {
      const reason = this.#faultOf(carrying, figures.get(carrying));
      if (reason !== undefined) this.end(carrying, reason);
    }
    const running = this.#running;
    if (running.length === 0) return { kind: 'abort', reason: this.#reason };
    // One that is still being taught what was learned must not lose to one that has nothing to learn.
    const isReady = running.every((carrying) => (figures.get(carrying)?.readings ?? 0) >= LEAST_READINGS);
    const carrying = this.best!;
    const hasPassed = isReady && decide(this.#gates.get(carrying)!, this.#rules) === 'go';
    return hasPassed ? { kind: 'go', carrying } : { kind: 'undecided' };
  }

  #faultOf(carrying: Carrying, figures: CandidateFigures | undefined): string | undefined {
    const gate = this.#gates.get(carrying)!;
    if (decide(gate, this.#rules) === 'abort')
      return `was wrong ${gate.lost} times where the present one was right; the reverse happened ${gate.gained} times`;
    if (figures === undefined) return undefined;
    const { readings, refused, problem } = figures;
    const all = readings + refused;
    if (all >= LEAST_READINGS && refused > MOST_UNDONE * all)
      return `refused ${refused} of ${all} readings and lessons: ${problem}`;
    return this.#slownessOf(carrying, figures);
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

  get #running(): Carrying[] {
    return [...this.#gates.keys()].filter((carrying) => !this.#ended.has(carrying));
  }

  get #reason(): string {
    const reasons = [...this.#ended].map(([carrying, reason]) => `${carrying}: ${reason}`);
    return reasons.length === 0 ? 'there is no allowed way to install it here' : reasons.join('; ');
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
    return best === undefined ? undefined : labelsUntilGo(this.#gates.get(best)!, this.#rules);
  }
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
