import { SpikewireError } from '@spikewire/models';
import { type FoundFile, filesBelow, filesByClass } from './find.ts';
import { formatOf, knownExtensions } from './formats/formats.ts';
import { checkSize, HIGHEST_RATE, LOWEST_RATE, MOST_NUMBERS } from './formats/limits.ts';
import type { Stretch, Wanted } from './formats/recording.ts';
import { resampled } from './resample.ts';

/** A group by the folder between that of the class and the file. */
export const BY_FOLDER = 'folder';

/** Where recordings lie, and what of them is read. */
export interface RecordingSource {
  /** A folder with one for each class; with a column for the label any folder, or a file. */
  readonly path: string;
  /** Samples per second: others are brought to it; of files that do not say theirs it is the rate. */
  readonly rate?: number;
  /** Column of the tables that names the class. */
  readonly labelColumn?: string;
  /** Column that names the person, machine or place of a row, or `folder`. */
  readonly group?: string;
  /** Names of the channels; absent: all. */
  readonly channels?: readonly string[];
}

/** Samples without a gap, of one class. */
export interface Recording {
  /** Its file. */
  readonly path: string;
  readonly label: string;
  readonly group?: string;
  /** Of each channel. */
  readonly samples: readonly Float32Array[];
}

export interface Recordings {
  readonly channels: readonly string[];
  /** Samples per second of all; absent where nothing says it. */
  readonly rate?: number;
  readonly all: readonly Recording[];
}

/** Rates this close are one: clocks differ, and times of messages are not exact. */
const SAME_RATE = 0.01;

/**
 * Reads all recordings, file by file, each brought to the common rate before the next is read. Rejects with `file`,
 * naming the file, where one is damaged, or its channels or rate are not those of the others.
 */
export async function loadRecordings(source: RecordingSource): Promise<Recordings> {
  const { path, labelColumn, group } = source;
  const files = await (labelColumn === undefined ? filesByClass(path) : filesBelow(path));
  const wanted: Wanted = {
    ...(labelColumn !== undefined && { labelColumn }),
    ...(group !== undefined && group !== BY_FOLDER && { groupColumn: group }),
    ...(source.channels && { channels: source.channels }),
  };
  const all: Recording[] = [];
  let first: { readonly path: string; readonly channels: readonly string[]; readonly rate?: number } | undefined;
  let numbers = 0;
  for (const file of files) {
    for (const stretch of await stretchesOf(file.path, wanted)) {
      const { channels } = stretch;
      const rate = source.rate ?? stretch.rate;
      first ??= { path: file.path, channels, ...(rate !== undefined && { rate }) };
      checkLike(file.path, { channels, rate }, first);
      const samples = stretch.samples.map((own) => brought(own, stretch.rate, first?.rate));
      numbers += samples.length * samples[0]!.length;
      if (numbers > MOST_NUMBERS)
        throw new SpikewireError('file', path, `has more than ${MOST_NUMBERS} numbers up to ${file.path}`, 'fewer');
      all.push({ path: file.path, ...namesOf(file, stretch, group), samples });
    }
  }
  if (first === undefined) throw new SpikewireError('file', path, 'has no samples', 'recordings');
  return { channels: first.channels, ...(first.rate !== undefined && { rate: first.rate }), all };
}

async function stretchesOf(path: string, wanted: Wanted): Promise<readonly Stretch[]> {
  await checkSize(path);
  const format = formatOf(path);
  if (format === undefined) throw new SpikewireError('file', path, 'is in no known format', knownExtensions());
  const stretches = await format.read(path, wanted);
  if (stretches.length === 0 || stretches.some(({ samples }) => !samples[0]?.length))
    throw new SpikewireError('file', path, 'has no samples', 'a recording');
  for (const { samples, rate = 1 } of stretches) {
    if (!(rate >= LOWEST_RATE && rate <= HIGHEST_RATE))
      throw new SpikewireError('file', path, `has ${rate} samples per second`, `${LOWEST_RATE} to ${HIGHEST_RATE}`);
    const bad = samples.find((own) => !own.every(Number.isFinite));
    if (bad === undefined) continue;
    const index = bad.findIndex((value) => !Number.isFinite(value));
    throw new SpikewireError('file', path, `has ${bad[index]} as sample ${index}`, 'finite numbers');
  }
  return stretches;
}

function checkLike(
  path: string,
  { channels, rate }: { readonly channels: readonly string[]; readonly rate: number | undefined },
  first: { readonly path: string; readonly channels: readonly string[]; readonly rate?: number },
): void {
  if (channels.join() !== first.channels.join())
    throw new SpikewireError(
      'file',
      path,
      `has the channels ${channels.slice(0, 12).join(', ')}`,
      `${first.channels.slice(0, 12).join(', ')}, as ${first.path}, or --channels`,
    );
  if (rate === first.rate || isSame(rate, first.rate)) return;
  const expected = `${first.rate ?? 'none'}, as ${first.path}, or --rate`;
  throw new SpikewireError('file', path, `has ${rate ?? 'an unknown number of'} samples per second`, expected);
}

function isSame(rate: number | undefined, other: number | undefined): boolean {
  return rate !== undefined && other !== undefined && Math.abs(rate - other) <= SAME_RATE * other;
}

function brought(samples: Float32Array, own: number | undefined, rate: number | undefined): Float32Array {
  if (own === undefined || rate === undefined || isSame(own, rate)) return samples;
  if ((samples.length * rate) / own <= MOST_NUMBERS) return resampled(samples, own, rate);
  throw new SpikewireError(
    'usage',
    '--rate',
    `${rate} makes more than ${MOST_NUMBERS} samples of a file`,
    'a lower one',
  );
}

function namesOf({ path, label, folder }: FoundFile, stretch: Stretch, group: string | undefined) {
  const name = group === BY_FOLDER ? folder : stretch.group;
  if (group !== undefined && name === undefined)
    throw new SpikewireError('file', path, 'lies in no folder of a group', 'CLASS/GROUP/FILE for --group folder');
  return { label: label ?? stretch.label!, ...(name !== undefined && { group: name }) };
}
