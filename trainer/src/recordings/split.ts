import { SpikewireError } from '@spikewire/models';
import { inNaturalOrder } from '../files/natural-order.ts';
import { type Parts, TEST_SHARE, VALIDATION_SHARE } from '../samples/featured.ts';
import { nthOfEach } from '../samples/nth-of-each.ts';
import type { RecordedWindows } from './windows.ts';

/** What is whole on one side of the division into what is learned and what tests. */
export const SPLITS = ['recording', 'group', 'window'] as const;

export interface Division {
  readonly split: (typeof SPLITS)[number];
  /** With `group`: names of the groups that test; absent: the last, until they have a fifth of the windows. */
  readonly test?: readonly string[];
}

/**
 * Divides windows, without chance. By recording every fifth one of a class tests, of fewer than five the last; by
 * window every fifth of a class. Of what is left the last twelfth of each class is for validation, in whole recordings
 * where there are several. Throws `input` where a class has only one recording, or there is only one group.
 */
export function divided(windows: RecordedWindows, division: Division): Parts {
  const isTested = testedBy(windows, division);
  const parts: Parts = { learned: [], validation: [], tested: [] };
  const byClass: number[][] = windows.classes.map(() => []);
  for (const [k, label] of windows.labels.entries()) byClass[label]!.push(k);
  for (const own of byClass) {
    const kept = own.filter((k) => !isTested(k));
    const learned = learnedOf(kept, windows);
    for (const k of own) if (isTested(k)) parts.tested.push(k);
    for (const [nth, k] of kept.entries()) parts[nth < learned ? 'learned' : 'validation'].push(k);
  }
  return parts;
}

/** How many of the windows that are left, in their order, are learned. */
function learnedOf(kept: readonly number[], { sources }: RecordedWindows): number {
  const most = kept.length - Math.ceil(kept.length / VALIDATION_SHARE);
  const whole = kept.findIndex((k) => sources[k] === sources[kept[most]!]);
  return whole > 0 ? whole : most;
}

function testedBy(windows: RecordedWindows, { split, test }: Division): (window: number) => boolean {
  const { sources, labels, recordings } = windows;
  if (split === 'window') {
    const nth = nthOfEach(labels);
    return (k) => nth[k]! % TEST_SHARE === TEST_SHARE - 1;
  }
  if (split === 'recording') {
    const tested = testedRecordings(windows);
    return (k) => tested.has(sources[k]!);
  }
  const groups = testedGroups(windows, test);
  return (k) => groups.has(recordings[sources[k]!]!.group!);
}

function testedRecordings({ name, classes, recordings }: RecordedWindows): Set<number> {
  const labels = recordings.map(({ label }) => label);
  const nth = nthOfEach(labels);
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const single = classes.find((label) => counts.get(label) === 1);
  if (single !== undefined) {
    const expected = 'two, so that one can test, or --split window';
    throw new SpikewireError('input', name, `has one recording of "${single}"`, expected);
  }
  const isTested = (k: number) => {
    const count = counts.get(labels[k]!)!;
    return count < TEST_SHARE ? nth[k] === count - 1 : nth[k]! % TEST_SHARE === TEST_SHARE - 1;
  };
  return new Set([...labels.keys()].filter(isTested));
}

function testedGroups({ name, recordings, sources }: RecordedWindows, test?: readonly string[]): Set<string> {
  const sizes = new Map<string, number>();
  for (const source of sources) {
    const { group } = recordings[source]!;
    sizes.set(group!, (sizes.get(group!) ?? 0) + 1);
  }
  const groups = [...sizes.keys()].sort(inNaturalOrder);
  const unknown = test?.find((group) => !sizes.has(group));
  if (unknown !== undefined)
    throw new SpikewireError('usage', '--test', `names "${unknown}"`, `some of ${groups.slice(0, 12).join(', ')}`);
  const tested = new Set(test);
  let count = 0;
  for (const group of test === undefined ? groups.slice(1).toReversed() : []) {
    if (count * TEST_SHARE >= sources.length) break;
    tested.add(group);
    count += sizes.get(group)!;
  }
  if (tested.size > 0 && tested.size < groups.length) return tested;
  throw new SpikewireError('input', name, `has no group but ${groups.slice(0, 12).join(', ')}`, 'another one to learn');
}
