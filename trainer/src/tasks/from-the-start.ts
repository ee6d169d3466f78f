import { SpikewireError } from '@spikewire/models';
import type { Trials } from './class-stream.ts';

const BASE = 1000;
const SEGMENTS = 10;

/** A long stream whose first thousand samples are the base; the rest in ten segments. Throws `file`. */
export function fromTheStart(
  path: string,
  classes: readonly string[],
  values: readonly Float64Array[],
  labels: readonly ArrayLike<number>[],
): Trials {
  if (values.length < 2 * BASE) {
    throw new SpikewireError('file', path, `has ${values.length} labels`, `${2 * BASE} or more`);
  }
  const rest = values.length - BASE;
  const samples = values.map((own, k) => {
    const label = labels[k]![0]!;
    if (classes[label] === undefined) {
      throw new SpikewireError('file', `${path}, label ${k + 1}`, `is ${label}`, `0 to ${classes.length - 1}`);
    }
    return { values: own, label, segment: tenthOf(k - BASE, rest) };
  });
  const streams = [{ name: 'all after the base', samples: samples.slice(BASE) }];
  return { classes, trials: [{ name: 'from the start', base: samples.slice(0, BASE), streams }] };
}

/** Name of the tenth of a stream that a sample is of. */
export function tenthOf(index: number, count: number): string {
  return `part ${1 + Math.floor((index * SEGMENTS) / count)} of ${SEGMENTS}`;
}
