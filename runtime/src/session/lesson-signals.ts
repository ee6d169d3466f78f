import type { Teaching } from '@spikewire/engine/executor';
import { learnedConnections } from '@spikewire/engine/network';
import { type Model, type ResolvedGraph, SpikewireError, type TeachingSignal } from '@spikewire/models';
import type { Lesson } from './teaching.ts';

/** A learned connection that a lesson can reach. */
interface TaughtConnection {
  readonly connection: string;
  readonly signal: TeachingSignal;
}

/** The last answer of a net, as a lesson meets it. */
export interface Answered {
  /** What the decoder gave. */
  readonly values: Float64Array;
  /** The class that it named; undefined where the decoder names none. */
  readonly winner: number | undefined;
  /** Steps that the net had done. */
  readonly step: number;
  /** What the decoder should have given for a class, or for a target in sensor units; throws `input`. */
  readonly wanted: (lesson: Lesson & { readonly kind: 'label' | 'target' }) => Float64Array;
  /** The largest error of number k that teaches; what is larger counts as this. */
  readonly largestError: (k: number) => number;
}

/**
 * The largest error of one number that may teach, in units of the answer: one wild reading must not undo what was
 * learned.
 */
export const LARGEST_LESSON = 100;

/**
 * What a lesson means to the learned connections of a net. A rule that takes errors gets the answer's error; one that
 * takes targets what the answer should have been; one that takes a reward the reward, or for a label +1 where the
 * decoder named that class and −1 where it named another. A label is no reward for a decoder that names no classes.
 */
export class LessonSignals {
  readonly #taught: readonly TaughtConnection[];

  /**
   * `output` is the size of the answer and the elements of the Output behind it: where a decoder makes other numbers of
   * these, an answer does not say which element was wrong, and only rewards can teach. Throws `learning` where a rule
   * takes another number of values than the net answers with.
   */
  constructor(model: Model, graph: ResolvedGraph, output: { readonly size: number; readonly elements: number }) {
    const outputs = output.size;
    this.#taught = learnedConnections(model, graph).flatMap(({ name, signal, signalLength }) => {
      if (signal === undefined || (signal !== 'reward' && outputs !== output.elements)) return [];
      if (signal !== 'reward' && signalLength !== outputs) {
        const problem = `takes ${signalLength} ${signal}s, and the net answers with ${outputs} numbers`;
        throw new SpikewireError(
          'learning',
          `learning of "${name}"`,
          problem,
          'as many, or a feedback from the answer',
        );
      }
      return [{ connection: name, signal }];
    });
  }

  /** Connections with a rule that takes errors. */
  get takingErrors(): readonly string[] {
    return this.#taught.filter(({ signal }) => signal === 'error').map(({ connection }) => connection);
  }

  /** Whether a rule takes lessons. */
  get any(): boolean {
    return this.#taught.length > 0;
  }

  /** The signals of a lesson, for the connections that it says something to. Throws `learning` where there is none. */
  of(lesson: Lesson, answered: Answered): Teaching[] {
    const teach = this.#taught.flatMap(({ connection, signal }) => {
      const values = meaning(lesson, signal, answered);
      return values === undefined ? [] : [{ connection, signal: values, step: answered.step - 1 }];
    });
    if (teach.length > 0) return teach;
    const taken = [...new Set(this.#taught.map(({ signal }) => signal))].join(', ');
    const problem =
      `is ${lesson.kind === 'error' ? 'an' : 'a'} ${lesson.kind}, ` +
      `${taken === '' ? 'and this net has no rule that takes lessons' : 'which no rule of this net takes'}`;
    throw new SpikewireError('learning', 'lesson', problem, taken === '' ? 'a rule such as "pes"' : expectedOf(taken));
  }
}

function expectedOf(taken: string): string {
  return taken === 'reward'
    ? '{"reward"} or {"label"}'
    : `{"label"} or {"target"}${taken.includes('error') ? ' or {"error"}' : ''}`;
}

/** What a lesson means to a rule that takes such a signal; undefined where it means nothing. */
function meaning(
  lesson: Lesson,
  signal: TeachingSignal,
  { values, winner, wanted, largestError }: Answered,
): Float64Array | undefined {
  switch (signal) {
    case 'reward':
      if (lesson.kind === 'reward') return Float64Array.of(withinReason(lesson.value, lesson, 'is'));
      if (lesson.kind !== 'label' || winner === undefined) return undefined;
      return Float64Array.of(wanted(lesson)[winner] === 1 ? 1 : -1);
    case 'target':
      if (lesson.kind !== 'label' && lesson.kind !== 'target') return undefined;
      return wanted(lesson).map((value) => withinReason(value, lesson, 'has'));
    case 'error': {
      if (lesson.kind === 'reward') return undefined;
      const target = lesson.kind === 'error' ? undefined : wanted(lesson);
      const errors = lesson.kind === 'error' ? lesson.values : values.map((value, k) => value - target![k]!);
      return errors.map((error, k) => {
        const most = largestError(k);
        return Math.max(-most, Math.min(most, withinReason(error, lesson)));
      });
    }
  }
}

function withinReason(value: number, { kind }: Lesson, relation = 'means an error of'): number {
  if (Math.abs(value) <= LARGEST_LESSON) return value;
  throw new SpikewireError(
    'input',
    `lesson.${kind}`,
    `${relation} ${value}`,
    `at most ${LARGEST_LESSON} in units of the net's output`,
  );
}
