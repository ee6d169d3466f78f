import {
  anything,
  bytesOf,
  type Decoded,
  type DecoderState,
  type KnownRange,
  kept,
  Neighbours,
  prefixed,
  type RepeatedLesson,
  SpikewireError,
  type Teachable,
  whole,
} from '@spikewire/models';
import type { EarlyLesson, EarlyLessons } from './early-lessons.ts';
import type { KeptLessons } from './kept-lessons.ts';
import { RecentEvidence } from './recent-evidence.ts';

/** Windows that a late label still reaches. */
const REMEMBERED_WINDOWS = 64;
/** Classes whose answers are counted one by one. */
const MOST_COUNTED = 32;
const DAY_MS = 86_400_000;
/** Enough for a label every nine seconds, day and night. */
export const LESSONS_PER_DAY = 10_000;
/** The answer where no class that was taught looks like what is seen; and so the name of no class. */
export const UNKNOWN = 'unknown';

export interface TaughtReadoutOptions {
  /** Lessons that it takes in a day of UTC. Default 10,000. */
  readonly lessonsPerDay?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Where samples lie, which lessons show; absent: nobody asks. */
  readonly known?: KnownRange | undefined;
  /** First lessons, which can be learned again; absent: none are kept. */
  readonly early?: EarlyLessons | undefined;
  /** Lessons for a net on another base; absent: none are kept. */
  readonly lessons?: KeptLessons | undefined;
}

/** What a net that people teach knows, and how good it is: on the labels that came since its base was set. */
export interface TaughtFigures {
  readonly classes: readonly string[];
  readonly labels: number;
  /** Those of them that came to an answer. */
  readonly judged: number;
  /**
   * Share of right answers, each tried before its label taught: of the base where there is one, adapted, and as
   * answered. Null where no label has come to an answer.
   */
  readonly accuracy: { readonly base: number | null; readonly adapted: number | null; readonly served: number | null };
  readonly today: { readonly lessons: number; readonly budget: number };
}

/** What the window of the reading of that time was said to be. */
export interface WindowLabel {
  readonly time: number;
  readonly label: string | undefined;
}

/** What taking back the last lesson undoes here; as that, it does not outlive the process. */
interface LastLesson {
  readonly window: number;
  readonly before: number;
  readonly cell: number | undefined;
  readonly shown: KnownRange['shown'] | undefined;
  readonly early: number | undefined;
}

/**
 * A net's read-out that people teach by labels while it runs: what it saw in the newest windows, which lessons it
 * takes, and which answers they found.
 */
export class TaughtReadout {
  readonly #teachable: Teachable;
  readonly #recent: RecentEvidence;
  readonly #lessonsPerDay: number;
  readonly #now: () => number;
  readonly #known: KnownRange | undefined;
  readonly #early: EarlyLessons | undefined;
  readonly #lessons: KeptLessons | undefined;
  /** Answers by label, of the first classes: a row for each, in it [no class, then each class]. */
  readonly #confusion: Uint32Array;
  readonly #counted: number;
  /** [day of UTC since 1970, lessons in it]. */
  readonly #today = new Float64Array(2);
  /** Of the first lessons; undefined before anybody asks, and after these have changed. */
  #neighbours: Neighbours | undefined;
  readonly #votes: Float64Array;
  #last: LastLesson | undefined;

  constructor(teachable: Teachable, options: TaughtReadoutOptions = {}) {
    const { lessonsPerDay = LESSONS_PER_DAY, now = Date.now, known, early, lessons } = options;
    this.#teachable = teachable;
    this.#recent = new RecentEvidence(REMEMBERED_WINDOWS, teachable.evidence.length);
    this.#counted = Math.min(MOST_COUNTED, teachable.mostClasses);
    this.#confusion = new Uint32Array(this.#counted * (this.#counted + 1));
    this.#lessonsPerDay = lessonsPerDay;
    this.#now = now;
    this.#known = known;
    this.#early = early;
    this.#lessons = lessons;
    this.#votes = new Float64Array(teachable.mostClasses);
  }

  get figures(): TaughtFigures {
    const { classes, scores, hasBase } = this.#teachable;
    const { labels } = scores;
    // Before the first lesson there was no answer that a label could judge.
    const judged = hasBase ? labels : Math.max(0, labels - 1);
    const share = (right: number) => (judged === 0 ? null : right / judged);
    return {
      classes: [...classes],
      labels,
      judged,
      accuracy: {
        base: hasBase ? share(scores.base) : null,
        adapted: share(scores.adapted),
        served: share(scores.served),
      },
      today: { lessons: this.#lessonsToday, budget: this.#lessonsPerDay },
    };
  }

  /**
   * Answers by label, of the first 32 classes, since the base was set: a row for each, in it [no class, then each
   * class].
   */
  get confusion(): readonly (readonly number[])[] {
    const classes = Math.min(this.#counted, this.#teachable.classes.length);
    return Array.from({ length: classes }, (_, label) => {
      const first = this.#cellOf(label, -1)!;
      return Array.from(this.#confusion.subarray(first, first + 1 + classes));
    });
  }

  /** Where an answer to a label is counted; undefined where it is not. */
  #cellOf(label: number, answered: number): number | undefined {
    return Math.max(label, answered) < this.#counted ? label * (this.#counted + 1) + answered + 1 : undefined;
  }

  /** The class that it is most like, also where that is not enough; undefined before anything was taught. */
  nameOf({ winner }: Decoded): string | undefined {
    return winner >= 0 ? this.#teachable.classes[winner] : undefined;
  }

  /** The class that its base alone would name; undefined where it has none. */
  baseOf({ base = -1 }: Decoded): string | undefined {
    return this.#teachable.classes[base];
  }

  /** Keeps what it saw in the window that was decoded last, and the sample that was. */
  remember(
    time: number,
    { winner, unknown }: Decoded,
    sample: ArrayLike<number> = [],
    isZero = false,
    frames?: Float64Array,
  ): void {
    this.#known?.remember(this.#recent.count, sample, isZero);
    if (frames !== undefined) this.#early?.remember(this.#recent.count, frames);
    this.#lessons?.remember(this.#recent.count, frames ?? sample, isZero);
    this.#recent.add(time, this.#teachable.evidence, unknown ? -1 : winner);
  }

  /** The lessons so far, where all of them are kept and there are two classes to tell apart; else none. */
  get early(): readonly EarlyLesson[] {
    const early = this.#early;
    if (early === undefined || early.count !== this.#teachable.lessons || this.#teachable.hasBase) return [];
    const lessons = early.list;
    return lessons.some(({ label }) => label !== lessons[0]!.label) ? lessons : [];
  }

  /**
   * What the nearest of the lessons so far say of a window with such frames, a probability for each class; undefined
   * where they are no longer few, or name one class. A view that the next call changes.
   */
  votesOn(frames: Float64Array | undefined): Float64Array | undefined {
    if (frames === undefined) return undefined;
    this.#neighbours ??= this.#findNeighbours();
    this.#neighbours?.vote(frames, this.#votes);
    return this.#neighbours && this.#votes;
  }

  #findNeighbours(): Neighbours | undefined {
    const { early } = this;
    return early.length > 0 ? new Neighbours(early) : undefined;
  }

  /** Whether the last lesson was kept with them, and is one with which they are to be learned again. */
  get isDue(): boolean {
    const [early, before] = [this.#early, this.#last?.early];
    return early !== undefined && before !== undefined && early.count > before && early.isDue;
  }

  /** Learns those lessons from what their windows are now: spike counts and samples. */
  relearn(lessons: readonly (RepeatedLesson & { readonly sample: Float64Array })[]): void {
    this.#teachable.relearn(lessons);
    this.#known?.relearn(lessons.map(({ sample }) => sample));
  }

  /** Lets what is remembered of windows be what `sampleOf` makes of them now. */
  rescale(sampleOf: (frames: Float64Array) => Float64Array): void {
    const newest = this.#recent.count - 1;
    const windows = this.#early?.recent(newest) ?? [];
    for (const { window, frames } of windows) this.#known?.replace(window, newest, sampleOf(frames));
  }

  /** What the windows that a label still reaches were said to be, oldest first; undefined where nobody has said. */
  get labels(): readonly WindowLabel[] {
    const { classes } = this.#teachable;
    return this.#recent.list().map(({ time, taught }) => ({ time, label: classes[taught] }));
  }

  /**
   * "This was `label`", about the newest window not after `time`. What was said of a window already teaches nothing
   * again (`repeated`). Throws `input` for what is no class, `budget` where the day has had its lessons. `isAgain`: a
   * kept lesson is taught to a net on another base, which is none of today, and stays kept as it is.
   */
  teach(label: string, time: number | undefined, isAgain = false): 'applied' | 'forgotten' | 'repeated' {
    if (label === UNKNOWN) {
      throw new SpikewireError('input', 'lesson.label', `is "${UNKNOWN}"`, 'the name of a class');
    }
    const seen = this.#recent.find(time);
    if (seen === undefined) return 'forgotten';
    const { classes } = this.#teachable;
    if (seen.taught >= 0 && classes[seen.taught] === label) return 'repeated';
    if (!isAgain && this.#lessonsToday >= this.#lessonsPerDay) {
      throw new SpikewireError(
        'budget',
        'lesson',
        'exceeds the limit of today',
        `at most ${this.#lessonsPerDay} a day`,
      );
    }
    const { lessons } = this.#teachable;
    const newest = this.#recent.count - 1;
    this.#teachable.teach(seen.evidence, label, this.votesOn(this.#early?.framesOf(seen.window, newest)));
    const shown = this.#known?.shown;
    this.#known?.learn(seen.window, newest);
    const index = this.#teachable.classes.indexOf(label);
    const early = this.#early?.count;
    if (early === lessons && this.#teachable.lessons > lessons) this.#early!.add(seen.window, newest, index);
    if (!isAgain && this.#teachable.lessons > lessons) this.#lessons?.add(seen.window, newest, index);
    const cell = this.#cellOf(index, seen.answered);
    if (cell !== undefined) this.#confusion[cell]! += 1;
    this.#recent.mark(seen.window, index);
    this.#changed({ window: seen.window, before: seen.taught, cell, shown, early });
    if (!isAgain) this.#today.set([this.#day, this.#lessonsToday + 1]);
    return 'applied';
  }

  #changed(last: LastLesson | undefined): void {
    this.#last = last;
    this.#neighbours = undefined;
  }

  /** Its state is another one now: a lesson of before cannot be taken back from that. */
  restored(): void {
    this.#changed(undefined);
    this.#lessons?.restored();
  }

  /** Lessons that are kept for a net on another base; undefined where none are. */
  get keptLessons(): KeptLessons | undefined {
    return this.#lessons;
  }

  /** Kept lessons were taught again: no label is about one of their windows, and the last cannot be taken back. */
  goOnFrom(lessons: KeptLessons, indexOf: (label: number) => number): void {
    this.#recent.forget();
    this.#lessons?.takeOver(lessons, indexOf);
    this.#changed(undefined);
  }

  /** Undoes the last lesson; false where there is none to take back. */
  takeBack(): boolean {
    const last = this.#last;
    if (last === undefined || !this.#teachable.takeBack()) return false;
    if (last.cell !== undefined) this.#confusion[last.cell]! -= 1;
    this.#recent.mark(last.window, last.before);
    if (last.shown !== undefined) this.#known!.restore(last.shown);
    if (last.early !== undefined) this.#early!.keep(last.early);
    this.#lessons?.takeBack();
    this.#changed(undefined);
    return true;
  }

  /** What it knows now becomes the base; false where it was taught nothing. */
  settle(): boolean {
    if (!this.#teachable.settle()) return false;
    this.#known?.settle();
    this.#early?.keep(0);
    this.#lessons?.settle();
    this.#confusion.fill(0);
    this.#changed(undefined);
    return true;
  }

  get hasBase(): boolean {
    return this.#teachable.hasBase;
  }

  /** Back to the base, since which labels stay counted; without one there are none. */
  returnToBase(): void {
    if (!this.#teachable.hasBase) this.#confusion.fill(0);
    this.#teachable.returnToBase();
    this.#known?.returnToBase();
    this.#early?.keep(0);
    this.#lessons?.returnToBase();
    this.#recent.unmark();
    this.#changed(undefined);
  }

  get #day(): number {
    return Math.floor(this.#now() / DAY_MS);
  }

  get #lessonsToday(): number {
    return this.#today[0] === this.#day ? this.#today[1]! : 0;
  }

  /** Bytes of what it keeps and of the votes, but for what is known of samples. */
  get bytes(): number {
    const { times, evidence, answered, taught } = this.#recent.state;
    const own = [times, evidence, answered, taught, this.#confusion, this.#today, this.#votes];
    const nearest = this.#neighbours === undefined ? 0 : this.#early!.neighbourBytes;
    return own.reduce(
      (sum, { byteLength }) => sum + byteLength,
      bytesOf({ ...this.#early?.state, ...this.#lessons?.state }) + nearest,
    );
  }

  /** Everything that changes beside the decoder's own, for saving and restoring. */
  get state(): DecoderState {
    return prefixed('taught', {
      ...this.#recent.keptOf(this.#teachable.mostClasses),
      confusion: kept(this.#confusion, anything),
      today: kept(this.#today, whole(Number.MIN_SAFE_INTEGER), whole()),
      ...this.#known?.state,
      ...this.#early?.state,
      ...this.#lessons?.state,
    });
  }
}
