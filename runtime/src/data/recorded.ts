import type { DataSet } from '@spikewire/engine/data';
import { SpikewireError } from '@spikewire/models';
import { readRecorded } from '../recorded/recorded-file.ts';

/** A recording as a data set. */
export interface RecordedSet extends DataSet {
  /** Names of the channels; empty where readings are arrays. */
  readonly channels: readonly string[];
  /** Of each reading, in milliseconds since 1970. */
  readonly times: Float64Array;
}

/** Labelled readings as `spikewire record` writes them, in their order. Rejects with `file`. */
export async function loadRecorded(path: string | undefined): Promise<RecordedSet> {
  if (path === undefined || path === '')
    throw new SpikewireError('usage', '--data recorded', 'names no file', 'recorded:FILE');
  const { shape, readings } = await readRecorded(path);
  const classes = [...new Set(readings.map(({ label }) => label))].sort();
  const indices = new Map(classes.map((label, index) => [label, index]));
  return {
    name: path,
    classes,
    channels: shape.channels,
    times: Float64Array.from(readings, ({ t }) => t),
    samples: readings.map(({ values }) => Float64Array.from(values)),
    labels: Int32Array.from(readings, ({ label }) => indices.get(label)!),
  };
}
