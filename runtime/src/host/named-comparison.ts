import { parse } from 'node:path';
import { megabytes } from '@spikewire/models';
import type { Comparison, ModelFigures } from './side-by-side.ts';

/** The figures of a model, with the name of its file; a document of JSON can hold them. */
export interface NamedFigures extends Omit<ModelFigures, 'microseconds'> {
  readonly name: string;
  /** Null before the first reading. */
  readonly microseconds: number | null;
}

/** A comparison for people. */
export interface NamedComparison extends Omit<Comparison, 'answering' | 'watched'> {
  readonly answering: NamedFigures;
  readonly watched: NamedFigures;
}

/** A comparison with the names of the files of both models. */
export function namedComparison(
  { answering, watched, ...counts }: Comparison,
  answeringName = 'the first',
  watchedName = 'the second',
): NamedComparison {
  return { ...counts, answering: named(answering, answeringName), watched: named(watched, watchedName) };
}

function named({ microseconds, ...figures }: ModelFigures, name: string): NamedFigures {
  return { name: parse(name).base, ...figures, microseconds: Number.isNaN(microseconds) ? null : microseconds };
}

/** In lines, the models one below the other. */
export function describeComparison(comparison: NamedComparison): string[] {
  const { readings, classes, agreed, leftOut, refused, problem, answering, watched } = comparison;
  return [
    `two models on ${readings} readings${classes === 0 ? '' : `, the same class for ${agreed} of ${classes}`}:`,
    `  ${describeFigures(answering)}, answered`,
    `  ${describeFigures(watched)}, watched`,
    ...(leftOut === 0
      ? []
      : [`  ${leftOut} readings and lessons left out for ${watched.name}, because it was too slow`]),
    ...(refused === 0 ? [] : [`  ${refused} readings and lessons refused by ${watched.name}: ${problem}`]),
  ];
}

function describeFigures({ name, right, wrong, flagged, microseconds, bytes }: NamedFigures): string {
  return [
    `${name}: ${flagged} flagged`,
    ...(right + wrong === 0 ? [] : [`${right} of ${right + wrong} right`]),
    ...(microseconds === null ? [] : [`${Math.round(microseconds)} µs a reading`]),
    megabytes(bytes),
  ].join(', ');
}
