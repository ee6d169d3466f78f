import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SpikewireError } from 'spikewire';
import { type RecordedReading, type RecordedShape, readRecorded } from 'spikewire/recorded';

/** A recording in the folder of its class. */
export interface RecordingFile {
  readonly label: string;
  readonly path: string;
  readonly bytes: number;
}

/** Larger ones would keep Node-RED from all else while they are read. */
const MOST_BYTES = 1 << 26;

/**
 * The recordings in a folder with one for each class, of each class in the order of their names. Rejects with `input`
 * where they are too few to learn some and try others: two classes, two recordings of each.
 */
export async function recordingsIn(folder: string): Promise<RecordingFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const labels = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
  const found = (await Promise.all(labels.sort().map((label) => filesOf(folder, label)))).filter(
    ({ length }) => length > 0,
  );
  const few = found.find(({ length }) => length < 2);
  const expected = 'two classes or more, two recordings of each';
  if (found.length < 2) {
    const there = found.map(([first]) => first!.label).join(', ') || 'nothing';
    throw new SpikewireError('input', `recordings in ${folder}`, `are of ${there}`, expected);
  }
  if (few !== undefined)
    throw new SpikewireError('input', `recordings in ${folder}`, `have only one of "${few[0]!.label}"`, expected);
  return found.flat();
}

async function filesOf(folder: string, label: string): Promise<RecordingFile[]> {
  const names = (await readdir(join(folder, label))).filter((name) => name.endsWith('.jsonl')).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, label, name);
      const { size } = await stat(path);
      if (size <= MOST_BYTES) return { label, path, bytes: size };
      throw new SpikewireError('input', path, `has ${size} bytes`, `at most ${MOST_BYTES}`);
    }),
  );
}

/** A recording that was read. */
export interface ReadRecording {
  readonly shape: RecordedShape;
  readonly readings: readonly RecordedReading[];
}

/** Rejects with `file`, and with `input` where it is not like another one. */
export async function readRecording({ path }: RecordingFile, like?: RecordedShape): Promise<ReadRecording> {
  const read = await readRecorded(path);
  if (read.readings.length === 0) throw new SpikewireError('file', path, 'has no readings', 'a recording');
  if (like === undefined || JSON.stringify(like) === JSON.stringify(read.shape)) return read;
  const shown = ({ channels, numbers }: RecordedShape) => `${numbers} numbers of ${channels.join(', ') || 'arrays'}`;
  throw new SpikewireError('input', path, `holds ${shown(read.shape)}`, `${shown(like)}, as the others`);
}
