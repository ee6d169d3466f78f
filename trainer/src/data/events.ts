import { join } from 'node:path';
import type { DataSource, LabelledSamples } from '@spikewire/engine/data';
import { type ParameterTable, SpikewireError } from '@spikewire/models';
import { type AddressEvents, readNMnist } from 'spikewire';
import { readWholeFile } from 'spikewire/data';
import { entriesOf } from '../recordings/find.ts';
import { folderAndChoices } from './folder-and-choices.ts';

const [POLARITIES, SIDE] = [2, 34];
/** Of all samples together: N-MNIST in 13 frames. */
const MOST_BYTES = 2 ** 31;
/** Of one recording as a file: a thousand times what one of N-MNIST has. */
const MOST_OF_ONE = 2 ** 25;

const parameters = {
  frames: { doc: 'parts of a recording', form: 'integer', default: 10, minimum: 1, maximum: 1000 },
  ms: { doc: 'its length; what comes later is left out', form: 'number', default: 300, above: 0 },
} as const satisfies ParameterTable;

interface Found {
  readonly path: string;
  readonly label: number;
}

/**
 * Recordings of an event camera as N-MNIST comes (Orchard et al. 2015): Train/CLASS/*.bin and Test/CLASS/*.bin. Each is
 * divided into frames of the same length, [2, 34, 34] with darker before brighter: 1 where there were events. Rejects
 * with `file` where a folder is missing, or a recording is damaged or larger than the sensor.
 */
export const events: DataSource = {
  name: 'events',
  summary: 'events:FOLDER or events:FOLDER,frames=10,ms=300, recordings of an event camera, in the format of N-MNIST',
  async load(argument = '') {
    const { folder, chosen } = folderAndChoices('events', argument, parameters);
    const classes = (await entriesOf(join(folder, 'Train'))).folders;
    const [learned, tested] = [
      await recordingsIn(folder, 'Train', classes),
      await recordingsIn(folder, 'Test', classes),
    ];
    const { frames } = chosen;
    const bytes = (learned.length + tested.length) * frames * POLARITIES * SIDE * SIDE;
    if (bytes > MOST_BYTES) {
      throw new SpikewireError('input', folder, `takes ${bytes} bytes in ${frames} frames`, `at most ${MOST_BYTES}`);
    }
    return {
      ...{ name: `events:${folder}`, classes, shape: [POLARITIES, SIDE, SIDE], frames },
      ...(await samplesOf(tested, chosen)),
      training: await samplesOf(learned, chosen),
    };
  },
};

async function recordingsIn(folder: string, part: string, classes: readonly string[]): Promise<readonly Found[]> {
  const { folders } = await entriesOf(join(folder, part));
  const foreign = folders.find((name) => !classes.includes(name));
  if (foreign !== undefined) {
    throw new SpikewireError('file', join(folder, part, foreign), 'is a class without training', classes.join(', '));
  }
  const found = folders.map(async (name) => {
    const own = join(folder, part, name);
    const files = (await entriesOf(own)).files.filter((file) => file.toLowerCase().endsWith('.bin'));
    return files.map((file) => ({ path: join(own, file), label: classes.indexOf(name) }));
  });
  const all = (await Promise.all(found)).flat();
  if (all.length > 0) return all;
  throw new SpikewireError('file', join(folder, part), 'has no recordings', `${part}/CLASS/*.bin`);
}

async function samplesOf(
  found: readonly Found[],
  { frames, ms }: { readonly frames: number; readonly ms: number },
): Promise<LabelledSamples> {
  const samples: Uint8Array[] = [];
  for (const { path } of found) samples.push(framesOf(path, await recordingAt(path), frames, ms / 1000));
  return { samples, labels: Int32Array.from(found, ({ label }) => label) };
}

async function recordingAt(path: string): Promise<AddressEvents> {
  const bytes = await readWholeFile(path, MOST_OF_ONE, 'a recording');
  try {
    return readNMnist(bytes);
  } catch (cause) {
    throw new SpikewireError('file', path, (cause as Error).message, undefined, cause);
  }
}

/** [frames, 2, 34, 34]. */
function framesOf(path: string, { time, x, y, polarity }: AddressEvents, frames: number, seconds: number): Uint8Array {
  const sample = new Uint8Array(frames * POLARITIES * SIDE * SIDE);
  for (let k = 0; k < time.length && time[k]! < seconds; k++) {
    if (x[k]! >= SIDE || y[k]! >= SIDE) {
      throw new SpikewireError('file', path, `has an event at x ${x[k]}, y ${y[k]}`, `both below ${SIDE}`);
    }
    const frame = Math.floor((time[k]! / seconds) * frames);
    sample[((frame * POLARITIES + polarity[k]!) * SIDE + y[k]!) * SIDE + x[k]!] = 1;
  }
  return sample;
}
