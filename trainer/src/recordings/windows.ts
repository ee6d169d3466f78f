import type { DataSet } from '@spikewire/engine/data';
import { SpikewireError } from '@spikewire/models';
import { inNaturalOrder } from '../files/natural-order.ts';
import { MOST_NUMBERS, MOST_WINDOWS } from './formats/limits.ts';
import type { Recording, Recordings } from './load.ts';

/** How recordings are cut. */
export interface Cut {
  /** Samples of each channel in a window, and from one window to the next. */
  readonly length: number;
  readonly hop: number;
  /** Whether what is shorter than a window is filled up with zeros behind it, and not refused. */
  readonly pad: boolean;
}

/** Windows as the model gets them in a reading: the samples of the first channel, then those of the next. */
export interface RecordedWindows extends DataSet {
  readonly channels: readonly string[];
  readonly rate?: number;
  /** Samples of each channel in a window. */
  readonly length: number;
  readonly recordings: readonly Recording[];
  /** Of each window, an index of `recordings`. */
  readonly sources: Int32Array;
}

/** Cuts recordings into windows. Throws `file` for recordings that are too short, or of one class only. */
export function windowsIn(name: string, { channels, rate, all }: Recordings, cut: Cut): RecordedWindows {
  const classes = [...new Set(all.map(({ label }) => label))].sort(inNaturalOrder);
  if (classes.length < 2) throw new SpikewireError('file', name, `has one class, "${classes[0]}"`, 'two or more');
  const counts = all.map((recording) => countIn(recording, cut));
  const windows = counts.reduce((sum, count) => sum + count, 0);
  checkHop(cut.hop, windows, 'windows', MOST_WINDOWS);
  checkHop(cut.hop, windows * channels.length * cut.length, 'numbers in windows', MOST_NUMBERS);
  const labels = new Map(classes.map((label, index) => [label, index]));
  const starts = counts.map((count) => Array.from({ length: count }, (_, k) => k * cut.hop));
  const sources = Int32Array.from(starts.flatMap((own, source) => own.map(() => source)));
  return {
    name,
    classes,
    channels,
    ...(rate !== undefined && { rate }),
    length: cut.length,
    recordings: all,
    sources,
    samples: starts.flatMap((own, source) => own.map((start) => windowAt(all[source]!, start, cut.length))),
    labels: Int32Array.from(sources, (source) => labels.get(all[source]!.label)!),
  };
}

function checkHop(hop: number, count: number, what: string, most: number): void {
  if (count > most) throw new SpikewireError('usage', '--hop', `${hop} makes ${count} ${what}`, `at most ${most}`);
}

/** Windows of a recording. */
function countIn({ path, samples }: Recording, { length, hop, pad }: Cut): number {
  const count = samples[0]!.length;
  if (count < length && !pad)
    throw new SpikewireError(
      'file',
      path,
      `has ${count} samples`,
      `${length} of a window, a shorter --length, or --pad`,
    );
  return Math.max(0, Math.floor((count - length) / hop)) + 1;
}

/** Of one channel a view, where all of it is there. */
function windowAt({ samples }: Recording, start: number, length: number): Float32Array {
  const end = start + length;
  if (samples.length === 1 && end <= samples[0]!.length) return samples[0]!.subarray(start, end);
  const window = new Float32Array(samples.length * length);
  for (const [channel, own] of samples.entries()) window.set(own.subarray(start, end), channel * length);
  return window;
}
