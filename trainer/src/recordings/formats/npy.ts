import { SpikewireError } from '@spikewire/models';
import { readNpy } from 'spikewire';
import { bytesOf } from '../../files/folder.ts';
import { MOST_CHANNELS, MOST_NUMBERS } from './limits.ts';
import { channelsIn, namesOf, type RecordingFormat, refuseColumns } from './recording.ts';

/** A NumPy array [samples] or [samples, channels]. */
export const npy: RecordingFormat = {
  extensions: ['.npy'],
  async read(path, wanted) {
    refuseColumns(path, wanted);
    const { steps, size, values } = arrayOf(path, await bytesOf(path));
    if (values.length === 0) return [];
    if (size > MOST_CHANNELS)
      throw new SpikewireError('file', path, `has ${size} channels`, `at most ${MOST_CHANNELS}`);
    const names = namesOf(size);
    const chosen = channelsIn(path, names, wanted);
    const samples = chosen.map((channel) => {
      const own = new Float32Array(steps);
      for (let k = 0; k < steps; k++) own[k] = values[k * size + channel]!;
      return own;
    });
    return [{ channels: chosen.map((channel) => names[channel]!), samples }];
  },
};

function arrayOf(path: string, bytes: Uint8Array) {
  try {
    return readNpy(bytes, MOST_NUMBERS);
  } catch (cause) {
    throw new SpikewireError('file', path, `cannot be read (${(cause as Error).message})`, undefined, cause);
  }
}
