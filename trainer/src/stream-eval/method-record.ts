import { accuracyOf, areaUnderCurve, calibrationError, macroF1, meanOf } from './figures.ts';
import type { Course } from './prequential.ts';

/** A class counts towards the macro F1 of a stream from so many samples on. */
export const LEAST_OF_A_CLASS = 10;
/** Parts of a stream that make a curve. */
export const CURVE_PARTS = 40;

/** What a course is compared with. */
export interface CourseTruth {
  /** Class of each sample; −1 where it does not count. */
  readonly truth: Int16Array;
  readonly segments: readonly string[];
  readonly lessons: Int16Array;
  readonly classes: number;
}

/** What one method did: its figures run by run, each the mean over the streams. */
export class MethodRecord {
  readonly name: string;
  readonly #runs = new Map<number, { accuracy: number[]; f1macro: number[]; lost: number[]; before: number[] }>();
  readonly #segments = new Map<string, { accuracy: number[]; f1macro: number[]; samples: number }>();
  readonly #streams = new Map<string, { accuracy: number[]; f1macro: number[] }>();
  readonly #right = new Float64Array(CURVE_PARTS);
  readonly #seen = new Float64Array(CURVE_PARTS);
  readonly #calibration: number[] = [];
  readonly #pool = new Map<number, { answers: number[]; truth: number[] }>();

  constructor(name: string) {
    this.name = name;
  }

  /** Takes a course that counts for some runs, and what share of the base was known before and after it. */
  add(
    runs: readonly number[],
    stream: string,
    course: Course,
    given: CourseTruth,
    before: number,
    after: number,
  ): void {
    const { truth, segments, classes } = given;
    const all = Array.from({ length: classes }, (_, k) => k);
    const figures = {
      accuracy: accuracyOf(course.answers, truth),
      f1macro: macroF1(course.answers, truth, all, LEAST_OF_A_CLASS),
    };
    const owns = runs.map((run) => entry(this.#runs, run, () => ({ accuracy: [], f1macro: [], lost: [], before: [] })));
    for (const own of owns) {
      own.before.push(before);
      own.lost.push(before - after);
    }
    for (const record of [...owns, entry(this.#streams, stream, () => ({ accuracy: [], f1macro: [] }))]) {
      record.accuracy.push(figures.accuracy);
      if (!Number.isNaN(figures.f1macro)) record.f1macro.push(figures.f1macro);
    }
    const pool = entry(this.#pool, runs[0]!, () => ({ answers: [], truth: [] }));
    for (let n = 0; n < truth.length; n++) {
      pool.answers.push(course.answers[n]!);
      pool.truth.push(truth[n]!);
      if (truth[n]! < 0) continue;
      const part = Math.floor((n * CURVE_PARTS) / truth.length);
      this.#seen[part]!++;
      if (course.answers[n] === truth[n]) this.#right[part]!++;
    }
    for (const segment of new Set(segments)) this.#addSegment(segment, course, given, all);
    const counted = Array.from(truth, (_, n) => n).filter((n) => truth[n]! >= 0);
    this.#calibration.push(
      calibrationError(
        counted.map((n) => course.confidence[n]!),
        counted.map((n) => course.answers[n] === truth[n]),
      ),
    );
  }

  #addSegment(segment: string, { answers }: Course, { truth, segments }: CourseTruth, all: number[]): void {
    const indices = segments.flatMap((name, n) => (name === segment ? [n] : []));
    const [said, real] = [indices.map((n) => answers[n]!), indices.map((n) => truth[n]!)];
    const record = entry(this.#segments, segment, () => ({ accuracy: [], f1macro: [], samples: indices.length }));
    record.accuracy.push(accuracyOf(said, real));
    const f1 = macroF1(said, real, all, LEAST_OF_A_CLASS);
    if (!Number.isNaN(f1)) record.f1macro.push(f1);
  }

  /** Of each run, the mean over its streams. */
  perRun(figure: 'accuracy' | 'f1macro' | 'lost' | 'before'): number[] {
    return [...this.#runs.entries()].sort(([a], [b]) => a - b).map(([, record]) => meanOf(record[figure]));
  }

  mean(figure: 'accuracy' | 'f1macro' | 'lost' | 'before'): number {
    return meanOf(this.perRun(figure));
  }

  /** Of each stream that has the figure, by its name, the mean over the runs. */
  perStream(figure: 'accuracy' | 'f1macro'): Map<string, number> {
    return new Map(
      [...this.#streams].flatMap(([name, record]) =>
        record[figure].length === 0 ? [] : [[name, meanOf(record[figure])] as const],
      ),
    );
  }

  /** The stream where it was worst, by the mean over the runs. */
  worst(figure: 'accuracy' | 'f1macro'): { readonly name: string; readonly value: number } {
    const means = [...this.#streams].map(([name, record]) => ({ name, value: meanOf(record[figure]) }));
    return means.reduce((least, other) => (other.value < least.value ? other : least));
  }

  segments(): { name: string; samples: number; accuracy: number; f1macro: number }[] {
    return [...this.#segments].map(([name, { samples, accuracy, f1macro }]) => ({
      name,
      samples,
      accuracy: meanOf(accuracy),
      f1macro: meanOf(f1macro),
    }));
  }

  /** Macro F1 over the samples of all streams together. */
  pooledF1(classes: readonly number[]): number {
    return meanOf([...this.#pool.values()].map(({ answers, truth }) => macroF1(answers, truth, classes, 1)));
  }

  get calibrationError(): number {
    return meanOf(this.#calibration);
  }

  /** Accuracy over the course of the streams: x in percent. */
  curve(): (readonly [number, number])[] {
    return Array.from(
      this.#seen,
      (seen, part) => [(100 * (part + 0.5)) / CURVE_PARTS, this.#right[part]! / seen] as const,
    ).filter(([, accuracy]) => !Number.isNaN(accuracy));
  }
}

/** How well strangeness tells the samples of a class that nobody was taught. */
export function strangenessOf(course: Course, isStrange: (index: number) => boolean): number {
  const indices = Array.from(course.strangeness, (_, n) => n);
  const scores = (strange: boolean) =>
    indices.filter((n) => isStrange(n) === strange).map((n) => course.strangeness[n]!);
  return areaUnderCurve(scores(true), scores(false));
}

/** Share of the samples of a class that were named right once `labels` lessons of it had come. */
export function recallAfter(course: Course, { truth, lessons }: CourseTruth, label: number, labels: number): number {
  let [came, right, all] = [0, 0, 0];
  for (let n = 0; n < truth.length; n++) {
    if (truth[n] === label && came >= labels) {
      all++;
      if (course.answers[n] === label) right++;
    }
    if (lessons[n] === label) came++;
  }
  return right / all;
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = create();
  map.set(key, made);
  return made;
}
