import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Model, type ResolvedGraph, SpikewireError } from '@spikewire/models';
import type { KeptLesson, KeptLessons } from './readout/kept-lessons.ts';
import type { TaughtReadout } from './readout/taught-readout.ts';
import { RuleLessons, type TaughtParts } from './rule-lessons.ts';
import type { Lesson } from './teaching.ts';

/**
 * What came of a lesson. `frozen`: learning is off; `forgotten`: its answer is too old; `repeated`: the same was said
 * of this answer before.
 */
export type LessonOutcome = 'applied' | 'forgotten' | 'frozen' | 'repeated';

/** Lessons that are taught again before other work has its turn. */
const TAUGHT_AT_ONCE = 8;

/**
 * The lessons of a net: a label goes to the read-out that can be taught, where there is one, and each lesson to the
 * rules that take it.
 */
export class Lessons {
  readonly rules: RuleLessons;
  readonly #parts: TaughtParts;
  /** What the last lesson found that samples were standardised by. */
  #fittedBefore: readonly Float64Array[] | undefined;

  /** Throws `learning` where a rule takes another number of values than the net answers with. */
  constructor(model: Model, graph: ResolvedGraph, parts: TaughtParts) {
    this.rules = new RuleLessons(model, graph, parts);
    this.#parts = parts;
  }

  async teach(lesson: Lesson, learning: boolean): Promise<LessonOutcome> {
    const { taught } = this.#parts.answering;
    if (taught === undefined || lesson.kind !== 'label') return this.rules.teach(lesson);
    if (!learning) return 'frozen';
    const fitted = this.#parts.samples.input.scaled?.fitted.map((view) => view.slice());
    const outcome = taught.teach(lesson.label, lesson.time);
    if (outcome !== 'applied') return outcome;
    this.#fittedBefore = fitted;
    if (taught.isDue) await this.relearn();
    if (this.rules.any) await this.rules.teach(lesson);
    return outcome;
  }

  /**
   * Fits what standardises samples to the first lessons, and teaches these again from what they are then. So a state
   * that the warm-up has not shown is no less told from others.
   */
  async relearn(): Promise<void> {
    const { samples, windows, monitors } = this.#parts;
    const { taught, output } = this.#parts.answering;
    const { scaled } = samples.input;
    const early = taught?.early ?? [];
    if (scaled === undefined || early.length === 0) return;
    scaled.fit(early);
    const lessons = [];
    for (const { frames, label } of early) {
      const sample = scaled.again(frames).slice();
      const settings = { teach: [], hold: monitors().hold, membranes: output.membranes, raster: false };
      const window = await windows.run(samples.input.encodeAgain(sample), settings);
      windows.count(window);
      output.decode(window, false);
      lessons.push({ evidence: output.teachable!.evidence.slice(), label, sample });
    }
    taught!.relearn(lessons);
    taught!.rescale((frames) => scaled.again(frames));
  }

  /** Teaches lessons that a net on another base has kept, about classes of these names. */
  async teachAgain(lessons: KeptLessons, classes: readonly string[]): Promise<void> {
    const taught = this.#expectTaught();
    for (const [k, lesson] of lessons.list.entries()) {
      const label = classes[lesson.label];
      if (label !== undefined && this.#hasRoomFor(label)) await this.#teachOneAgain(lesson, label);
      // A net in this thread would let nothing else run until all are taught.
      if (k % TAUGHT_AT_ONCE === TAUGHT_AT_ONCE - 1) await nextTurn();
    }
    const own = this.#parts.answering.output.teachable!.classes;
    taught.goOnFrom(lessons, (label) => own.indexOf(classes[label] ?? ''));
  }

  /**
   * Shows the net the samples of kept lessons, and tells what its read-out sees of each: a view of spike counts, which
   * the next one overwrites. Nothing is learned.
   */
  async seeAgain(lessons: readonly KeptLesson[], see: (counts: Uint8Array, label: number) => void): Promise<void> {
    const { samples, windows, answering, monitors } = this.#parts;
    const { output } = answering;
    for (const [k, { sample, label }] of lessons.entries()) {
      const settings = { teach: [], hold: monitors().hold, membranes: output.membranes, raster: false };
      const window = await windows.run(samples.input.encodeAgain(sample), settings);
      windows.count(window);
      output.decode(window, false);
      see(output.teachable!.evidence, label);
      if (k % TAUGHT_AT_ONCE === TAUGHT_AT_ONCE - 1) await nextTurn();
    }
  }

  #hasRoomFor(label: string): boolean {
    const { classes, mostClasses } = this.#parts.answering.output.teachable!;
    return classes.includes(label) || classes.length < mostClasses;
  }

  async #teachOneAgain({ sample: kept, isZero }: KeptLesson, label: string): Promise<void> {
    const { samples, windows, answering, monitors } = this.#parts;
    const { scaled } = samples.input;
    const sample = scaled?.again(kept).slice() ?? kept;
    const settings = { teach: [], hold: monitors().hold, membranes: answering.output.membranes, raster: false };
    const window = await windows.run(samples.input.encodeAgain(sample), settings);
    windows.count(window);
    const taught = this.#expectTaught();
    answering.answer(window, 0, true, { sample, isZero, frames: scaled && kept });
    taught.teach(label, undefined, true);
    if (taught.isDue) await this.relearn();
  }

  /** Undoes the last label bit for bit; false where there is none to take back. */
  takeBack(): boolean {
    const taken = this.#expectTaught().takeBack();
    if (taken) this.#unfit(this.#fittedBefore);
    return taken;
  }

  /** What the read-out knows now becomes the base; false where it was taught nothing. */
  settle(): boolean {
    return this.#expectTaught().settle();
  }

  /** The read-out goes back to the base. */
  returnToBase(): void {
    this.#expectTaught().returnToBase();
    if (this.#parts.answering.output.teachable!.lessons === 0) this.#unfit(undefined);
  }

  /** Samples are standardised again as before the last lesson, or, where nothing is taught, as the warm-up says. */
  #unfit(before: readonly Float64Array[] | undefined): void {
    const { answering, samples } = this.#parts;
    const { scaled } = samples.input;
    if (scaled === undefined) return;
    if (before === undefined) scaled.fit([]);
    else for (const [k, view] of scaled.fitted.entries()) view.set(before[k]!);
    answering.taught!.rescale((frames) => scaled.again(frames));
  }

  #expectTaught(): TaughtReadout {
    this.#parts.windows.expectAlive();
    const { taught } = this.#parts.answering;
    if (taught !== undefined) return taught;
    const expected = 'a classifier, or another net with a decoder such as "teachable"';
    throw new SpikewireError('learning', 'net', 'is not taught by labels', expected);
  }
}
