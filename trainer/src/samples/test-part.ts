import type { DataSet } from '@spikewire/engine/data';
import { SpikewireError } from '@spikewire/models';
import { holdOut } from './hold-out.ts';

/** Of a set in one piece every fifth sample of a class is for the test. */
const TEST_SHARE = 5;

/**
 * The set with a test part of its own, whether it came with one or gets one here. Throws `input` for too few samples.
 */
export function withTestPart(data: DataSet): DataSet {
  if (data.training !== undefined) return data;
  const { rest, heldOut } = holdOut(data, TEST_SHARE);
  if (heldOut.samples.length === 0) {
    const problem = `has ${data.samples.length} samples, too few to keep some for the test`;
    throw new SpikewireError(
      'input',
      data.name,
      problem,
      `at least ${TEST_SHARE} samples of each class, every fifth of which is for the test`,
    );
  }
  return { ...data, ...heldOut, training: rest };
}

/** The test samples as rows of a CSV table. */
export function csvRows({ samples, labels, classes }: DataSet): string[] {
  return samples.map((sample, index) => [...Array.from(sample), quoted(classes[labels[index]!]!)].join(','));
}

function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
