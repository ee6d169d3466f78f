import type { Verdict } from '@spikewire/models';
import type { KeptSession } from '../session/kept/kept-session.ts';
import type { Outcome } from '../session/outcome.ts';
import type { Desk } from './desk.ts';
import { durationOf } from './duration.ts';
import { saidBy, sentenceOf } from './said.ts';

/** Takes a line, and what kind of news it is. */
type Tell = (line: string, kind: string) => void;

/** What has been said of a net. */
interface Story {
  /** Readings of the warm-up after which the next estimate is due. */
  estimateAt: number;
  /** Readings gathered for the first answer after which the next estimate is due; none are once there was an answer. */
  gatheringAt: number;
  warm: boolean;
  unusual: boolean;
  /** The last save that it knows of. */
  saved: bigint | undefined;
}

/** Readings that give a first idea of their rate. */
const FEW = 3;
/** Parts of a warm-up after each of which there is an estimate. */
const PARTS = 4;
/** A warm-up that is over sooner needs no estimate, in milliseconds. */
const SOON = 60_000;
/** Nets whose silence is remembered. */
const MOST_SILENT = 10_000;

/**
 * Tells in a line each what nets live through: how far the first answer is, how far the warm-up is and when it is done,
 * what is unusual, when it is normal again, when a sensor falls silent and comes back, and the first save. Nothing is
 * told twice while it lasts.
 */
export class Narrator {
  readonly #tell: Tell;
  readonly #stories = new WeakMap<KeptSession, Story>();
  readonly #silent = new Set<string>();
  readonly #ends: readonly (() => void)[];

  constructor(desk: Desk, tell: Tell) {
    this.#tell = tell;
    this.#ends = [
      desk.observe((key, kept, outcome) => this.#answered(key, kept, outcome)),
      desk.observeGathering((key, kept, outcome) => this.#gathered(key, kept, outcome)),
      desk.observeAlarms((key, _sequence, verdicts) => this.#fellSilent(key, verdicts)),
    ];
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  #answered(key: string, kept: KeptSession, outcome: Outcome): void {
    const tell: Tell = (line, kind) => this.#tellOf(key, line, kind);
    const story = this.#stories.get(kept) ?? this.#begin(kept, outcome, tell);
    if (outcome.pending !== true) story.gatheringAt = Number.POSITIVE_INFINITY;
    if (this.#silent.delete(key)) tell(`readings arrive again, from reading ${outcome.sequence} on`, 'silent');
    if (!story.warm) this.#tellWarmUp(story, kept, outcome, tell);
    this.#tellVerdict(story, kept, outcome, tell);
    const saved = kept.saved?.sequence;
    if (story.saved === undefined && saved !== undefined)
      tell(`saved after ${kept.saved!.readings} readings (later saves are not logged)`, 'saved');
    story.saved = saved;
  }

  #gathered(key: string, kept: KeptSession, outcome: Outcome): void {
    const tell: Tell = (line, kind) => this.#tellOf(key, line, kind);
    const story = this.#stories.get(kept) ?? this.#begin(kept, outcome, tell);
    const { done, of, secondsLeft = 0 } = outcome.gathering!;
    if (done < story.gatheringAt) return;
    story.gatheringAt = nextEstimate(done, of);
    if (1000 * secondsLeft < SOON) return;
    const rest = `about ${durationOf(1000 * secondsLeft)} left at one every ${durationOf(kept.session.interval)}`;
    tell(`${done} of the ${of} readings that the first answer needs: ${rest}`, 'gathering');
  }

  #begin(kept: KeptSession, { sequence, warmUp }: Outcome, tell: Tell): Story {
    if (kept.session.warmUpIsVain) tell('--warm-up has no effect: the net already knows what is usual', 'warm-up');
    const story: Story = {
      gatheringAt: FEW,
      estimateAt: warmUp.done + FEW,
      // Where the warm-up ends with the first reading that is seen, there is one to end.
      warm: warmUp.done >= warmUp.of && sequence > 1,
      unusual: false,
      saved: kept.saved?.sequence,
    };
    this.#stories.set(kept, story);
    return story;
  }

  #tellWarmUp(story: Story, { session }: KeptSession, { sequence, warmUp }: Outcome, tell: Tell): void {
    const { done, of } = warmUp;
    if (done >= of) {
      story.warm = true;
      if (of > 0) tell(`warm-up done with reading ${sequence}: the net knows what is usual`, 'warm-up');
      return;
    }
    if (done < story.estimateAt) return;
    story.estimateAt = nextEstimate(done, of);
    const left = 1000 * (session.warmUpSeconds ?? 0);
    if (left >= SOON) {
      const rate = `one every ${durationOf(session.interval)}`;
      tell(`warming up, ${done} of ${of} readings: about ${durationOf(left)} left at ${rate}`, 'warm-up');
    }
  }

  #tellVerdict(story: Story, kept: KeptSession, { sequence, verdict, verdicts }: Outcome, tell: Tell): void {
    if (verdict === undefined) return;
    if (verdict.alarm && !story.unusual) {
      const holds = kept.session.monitors.hold ? '; the net does not learn from it' : '';
      // With the name that --sensitivity and --monitors take.
      const named = verdicts.map((each) => ({ ...each, title: `${each.title} (${each.monitor})` }));
      tell(`unusual: reading ${sequence}: ${sentenceOf(saidBy(named), true)}${holds}`, 'unusual');
      story.unusual = true;
    } else if (story.unusual && !verdict.anomaly) {
      tell(`normal again: reading ${sequence}`, 'unusual');
      story.unusual = false;
    }
  }

  #fellSilent(key: string, verdicts: readonly Verdict[]): void {
    if (this.#silent.has(key)) return;
    const reasons = verdicts.flatMap(({ alarm, reason }) => (alarm && reason !== undefined ? [reason] : []));
    this.#tellOf(key, `silent: ${reasons.join('; ')}`, 'silent');
    if (this.#silent.size < MOST_SILENT) this.#silent.add(key);
  }

  #tellOf(key: string, line: string, kind: string): void {
    this.#tell(key === '' ? line : `${key}: ${line}`, kind);
  }
}

/** Readings after which the next part is done. */
function nextEstimate(done: number, of: number): number {
  return (Math.floor((PARTS * done) / of) + 1) * (of / PARTS);
}
