import { SpikewireError } from '@spikewire/models';
import { filesIn, numbersOf } from '../files/folder.ts';
import type { Trials } from '../stream-eval/class-stream.ts';

const BASE = 1000;
const SEGMENTS = 10;

/** Names of files with rows of numbers, and with a class for each. */
export interface RowFiles {
  readonly data: string;
  readonly labels: string;
  /** Numbers of a row. */
  readonly width: number;
}

/**
 * A long stream whose first thousand samples are the base; the rest in ten segments. `valuesOf` says what a sample has
 * of its row and of the label before it, for the first its own. Files may be gzipped. Throws `file`.
 */
export async function fromTheStart(
  folder: string,
  { data, labels, width }: RowFiles,
  classes: readonly string[],
  valuesOf = (row: Float64Array, _labelBefore: number): Float64Array => row,
): Promise<Trials> {
  const fileOf = (name: string) => filesIn(folder, named(name), `${name}.gz`);
  const [[dataFile], [labelFile]] = await Promise.all([fileOf(data), fileOf(labels)]);
  const path = labelFile!.path;
  const [rows, numbers] = await Promise.all([numbersOf(dataFile!.path, width), numbersOf(path, 1)]);
  if (rows.length !== numbers.length) {
    throw new SpikewireError('file', path, `has ${numbers.length} labels`, `${rows.length}, one per row`);
  }
  if (rows.length < 2 * BASE) {
    throw new SpikewireError('file', path, `has ${rows.length} labels`, `${2 * BASE} or more`);
  }
  const samples = rows.map((row, k) => {
    const label = numbers[k]![0]!;
    if (classes[label] === undefined) {
      throw new SpikewireError('file', `${path}, label ${k + 1}`, `is ${label}`, `0 to ${classes.length - 1}`);
    }
    const values = valuesOf(row, numbers[Math.max(0, k - 1)]![0]!);
    return { values, label, segment: tenthOf(k - BASE, rows.length - BASE) };
  });
  const streams = [{ name: 'all after the base', samples: samples.slice(BASE) }];
  return { classes, trials: [{ name: 'from the start', base: samples.slice(0, BASE), streams }] };
}

function named(name: string): RegExp {
  return new RegExp(`^${name.replace('.', '\\.')}(?:\\.gz)?$`, 'i');
}

/** Name of the tenth of a stream that a sample is of. */
export function tenthOf(index: number, count: number): string {
  return `part ${1 + Math.floor((index * SEGMENTS) / count)} of ${SEGMENTS}`;
}
