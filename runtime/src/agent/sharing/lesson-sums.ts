import { createHash } from 'node:crypto';
import { type Sums, SumsOf } from '@spikewire/models/aggregation';
import { executorSourceOf } from '../../executor/address.ts';
import { openSession } from '../../session/kept/open-session.ts';
import type { NetModel } from '../../session/net-model.ts';
import type { KeptLesson } from '../../session/readout/kept-lessons.ts';
import { lessonsIn } from '../carrying/repeated-state.ts';
import { readoutOf } from './base-readout.ts';
import { LEAST_LESSONS, LEAST_OF_CLASS, MOST_LESSONS } from './part.ts';

/** A state that a net of the base has saved, under a name that stays the same. */
export interface NamedState {
  readonly name: string;
  readonly state: Uint8Array;
}

/** Of which lessons a part was: what the next one of the same device is compared with. */
export interface PartMark {
  /** By the name of a state: lessons ever when the part was made. */
  readonly ever: Readonly<Record<string, number>>;
  /** SHA-256 of the lessons. */
  readonly digest: string;
}

export interface LessonSums {
  readonly sums: Sums;
  /** Lessons by the name of their class. */
  readonly lessons: Readonly<Record<string, number>>;
  readonly mark: PartMark;
}

/** What left the device before, of the same states or others. */
export interface MarksBefore {
  readonly ever: PartMark['ever'];
  readonly digests: readonly string[];
}

export const NOTHING_BEFORE: MarksBefore = { ever: {}, digests: [] };

/** Chooses for itself what runs the net; spike counts are the same on all. */
const ENGINE = 'auto';

/** A lesson about a class of the base. */
type OwnLesson = KeptLesson & { readonly isNew: boolean };

/**
 * The sums of the lessons that states have kept, as the net of the base sees them in its own scale; a text where too few
 * would leave the device.
 *
 * Two parts of one device differ by the lessons that came between them. So a part is made only where these are none or
 * enough to be a part of their own: else the difference would tell of single lessons.
 */
export async function lessonSums(
  base: NetModel,
  states: readonly NamedState[],
  fewest: number,
  before: MarksBefore = NOTHING_BEFORE,
): Promise<LessonSums | string> {
  const readout = readoutOf(base);
  const ever: Record<string, number> = {};
  const all = states.flatMap(({ name, state }) => {
    const { lessons, classes } = lessonsIn(state, base);
    ever[name] = lessons.ever;
    return lessons.list.flatMap((lesson): OwnLesson[] => {
      const label = readout.classes.indexOf(classes[lesson.label] ?? '');
      return label < 0
        ? []
        : [{ ...lesson, label, isNew: lesson.order >= (before.ever[name] ?? Number.NEGATIVE_INFINITY) }];
    });
  });
  const own = enoughOfEach(all.slice(-MOST_LESSONS), readout.classes.length);
  const least = Math.max(LEAST_LESSONS, fewest);
  if (own.length < least) return `${own.length} lessons, of at least ${least} that a part needs`;
  const digest = digestOf(own);
  const fresh = own.filter(({ isNew }) => isNew);
  if (!before.digests.includes(digest) && !isPart(fresh, readout.classes.length))
    return `${fresh.length} lessons since the last part, of at least ${LEAST_LESSONS} that the next one needs`;
  const sums = await sumsOf(base, own);
  const counts = readout.classes.map((name, c) => [name, own.filter(({ label }) => label === c).length] as const);
  return { sums, lessons: Object.fromEntries(counts.filter(([, count]) => count > 0)), mark: { ever, digest } };
}

function enoughOfEach<Lesson extends KeptLesson>(lessons: readonly Lesson[], classes: number): Lesson[] {
  const counts = new Array<number>(classes).fill(0);
  for (const { label } of lessons) counts[label]! += 1;
  return lessons.filter(({ label }) => counts[label]! >= LEAST_OF_CLASS);
}

function isPart(lessons: readonly KeptLesson[], classes: number): boolean {
  return lessons.length >= LEAST_LESSONS && enoughOfEach(lessons, classes).length === lessons.length;
}

function digestOf(lessons: readonly KeptLesson[]): string {
  const hash = createHash('sha256');
  for (const { sample, label } of lessons) hash.update(sample).update(`${label} `);
  return hash.digest('hex');
}

/** By a new net of the base, whatever the device has learned. */
async function sumsOf(base: NetModel, lessons: readonly KeptLesson[]): Promise<Sums> {
  const readout = readoutOf(base);
  const [sums, x] = [new SumsOf(readout.inputs, readout.classes.length), new Float64Array(readout.inputs)];
  const session = await openSession(base, await executorSourceOf(ENGINE), {});
  try {
    await session.seeAgain(lessons, (counts, label) => {
      readout.scale(counts, x);
      sums.add(x, label);
    });
  } finally {
    await session.close();
  }
  return sums.sums;
}
