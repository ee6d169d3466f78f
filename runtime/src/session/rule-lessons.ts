import { type Model, type ResolvedGraph, SpikewireError } from '@spikewire/models';
import type { Answering } from './answering.ts';
import { LARGEST_LESSON, LessonSignals } from './lesson-signals.ts';
import type { Monitors } from './monitors.ts';
import type { NetWindows } from './net-windows.ts';
import type { Samples } from './samples.ts';
import type { Lesson } from './teaching.ts';

/** What lessons reach of a net. */
export interface TaughtParts {
  readonly samples: Samples;
  readonly answering: Answering;
  readonly windows: NetWindows;
  /** Those of now: a reset makes others. */
  readonly monitors: () => Monitors;
}

/** Lessons to the learning rules of a net: about which answer they are, and what it should have been. */
export class RuleLessons {
  readonly #model: Model;
  readonly #signals: LessonSignals;
  readonly #parts: TaughtParts;

  /** Throws `learning` where a rule takes another number of values than the net answers with. */
  constructor(model: Model, graph: ResolvedGraph, parts: TaughtParts) {
    this.#model = model;
    this.#signals = new LessonSignals(model, graph, parts.answering.output);
    this.#parts = parts;
  }

  /** Connections with a rule that takes errors. */
  get takingErrors(): readonly string[] {
    return this.#signals.takingErrors;
  }

  /** Whether a rule takes lessons. */
  get any(): boolean {
    return this.#signals.any;
  }

  async teach(lesson: Lesson): Promise<'applied' | 'forgotten' | 'frozen'> {
    const { answering, windows, monitors } = this.#parts;
    const answer = answering.recent.find(lesson.time);
    // A lesson that this net cannot take is refused, however old the answer.
    const nothing = { values: new Float64Array(answering.output.size), step: 0, winner: 0, lessons: 0 };
    const { values, step, winner, lessons } = answer ?? nothing;
    const teach = this.#signals.of(lesson, {
      values,
      step,
      winner: answering.output.classifies ? winner : undefined,
      wanted: (named) => this.#wanted(named),
      largestError: (k) => (monitors().predict ? this.#usualError(k) / (1 + lessons) : LARGEST_LESSON),
    });
    if (answer === undefined) return 'forgotten';
    const taught = await windows.teach(teach);
    const outcome = taught.find((each) => each !== 'applied') ?? 'applied';
    if (outcome === 'applied') answering.recent.countLesson(answer);
    return outcome;
  }

  /**
   * The largest error of a prediction that a lesson teaches: as large as readings usually show, in half widths of a
   * channel's range as that is now, so that no lesson moves a net farther than a reading; the next one about the same
   * prediction teaches half of that, then a third. It is a power of two, which hardly ever changes from one reading to
   * the next.
   */
  #usualError(channel: number): number {
    const { monitors, samples } = this.#parts;
    return 2 ** Math.ceil(Math.log2(monitors().usualError(channel) / samples.input.growthOf(channel)));
  }

  /**
   * What the answer should have been: a target as the decoder's numbers, a label as 1 for its class and 0 for the
   * others.
   */
  #wanted(lesson: Lesson & { readonly kind: 'label' | 'target' }): Float64Array {
    const { answering, monitors, samples } = this.#parts;
    if (lesson.kind === 'target' && !monitors().predict) return lesson.values;
    if (lesson.kind === 'target') {
      if (samples.input.ready) return samples.normalised(lesson.values);
      const expected = 'a target after the warm-up';
      throw new SpikewireError('input', 'lesson.target', 'comes before there is an answer', expected);
    }
    const labels = answering.taught?.figures.classes ?? this.#model.labels;
    const index = labels.indexOf(lesson.label);
    if (index >= 0) return Float64Array.from({ length: answering.output.size }, (_, k) => (k === index ? 1 : 0));
    const problem = `is "${lesson.label}"${labels.length === 0 ? ', but this net has no classes' : ''}`;
    throw new SpikewireError(
      'input',
      'lesson.label',
      problem,
      labels.join(', ') || 'a net with classes, such as a classifier',
    );
  }
}
