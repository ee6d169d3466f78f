import { SpikewireError } from '@spikewire/models';
import { MOST_CHANNELS } from './limits.ts';

/** Samples without a gap, of one class and of one person, machine or place. */
export interface Stretch {
  /** By a column of the file; absent: by the folder that the file lies in. */
  readonly label?: string;
  readonly group?: string;
  readonly channels: readonly string[];
  /** Samples per second; absent where the file does not say it. */
  readonly rate?: number;
  /** Of each channel, as many of one as of the others. */
  readonly samples: readonly Float32Array[];
}

/** What is read of a file. */
export interface Wanted {
  /** Names of the columns that say class and group of a row. */
  readonly labelColumn?: string;
  readonly groupColumn?: string;
  /** Names of the channels; absent: all. */
  readonly channels?: readonly string[];
}

/** A kind of file that recordings lie in: one file, one line in formats.ts. */
export interface RecordingFormat {
  /** Endings of names, in lower case. */
  readonly extensions: readonly string[];
  /** The stretches of a file, in their order. Rejects with `file`, naming it. */
  read(path: string, wanted: Wanted): Promise<readonly Stretch[]>;
}

/** Names of channels where the file has none. */
export function namesOf(channels: number): string[] {
  return Array.from({ length: channels }, (_, k) => `ch${k + 1}`);
}

/** Indices of the wanted channels. Throws `file` where one is missing, or the file has too many. */
export function channelsIn(path: string, names: readonly string[], { channels = names }: Wanted): number[] {
  if (names.length > MOST_CHANNELS)
    throw new SpikewireError('file', path, `has ${names.length} channels`, `at most ${MOST_CHANNELS}`);
  // Of two columns of a name the first.
  const indices = new Map(names.map((name, index) => [name, index] as const).toReversed());
  return channels.map((channel) => {
    const index = indices.get(channel);
    if (index !== undefined) return index;
    throw new SpikewireError('file', path, `has no channel "${channel}"`, names.slice(0, 12).join(', '));
  });
}

/** Throws `file` for a format without columns where one was asked for. */
export function refuseColumns(path: string, { labelColumn, groupColumn }: Wanted): void {
  const column = labelColumn ?? groupColumn;
  if (column === undefined) return;
  const expected = 'tables, or a folder for each class and in it for each group';
  throw new SpikewireError('file', path, `has no column "${column}"`, expected);
}
