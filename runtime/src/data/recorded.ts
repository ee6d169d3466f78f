import { SpikewireError } from '@spikewire/models';
import { readRecorded } from '../recorded/recorded-file.ts';
import type { DataSet } from './data-set.ts';

/** Labelled readings as `spikewire record` writes them, in their order. Rejects with `file`. */
export async function loadRecorded(path: string | undefined): Promise<DataSet> {
  if (path === undefined || path === '')
    throw new SpikewireError('usage', '--data recorded', 'names no file', 'recorded:FILE');
  const { readings } = await readRecorded(path);
  const classes = [...new Set(readings.map(({ label }) => label))].sort();
  return {
    name: path,
    classes,
    samples: readings.map(({ values }) => Float64Array.from(values)),
    labels: Int32Array.from(readings, ({ label }) => classes.indexOf(label)),
  };
}
