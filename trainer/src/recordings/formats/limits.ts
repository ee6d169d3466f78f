import { stat } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';

/** Of one file: two hours of 16 bits at 16 kHz are less. */
const MOST_BYTES = 2 ** 28;
/** Of all recordings together, and of their windows: half a gigabyte each. */
export const MOST_NUMBERS = 2 ** 27;
/** Each is an object with a label. */
export const MOST_WINDOWS = 2 ** 20;
/** Of a file; each has a name, and an array for each stretch. */
export const MOST_CHANNELS = 2 ** 16;
/** Of all stretches of a file, one for each channel. */
export const MOST_ARRAYS = 2 ** 20;
/** Samples per second, from one in twelve days. */
export const [LOWEST_RATE, HIGHEST_RATE] = [1e-6, 1e7];

/** Rejects with `file` where there is no file, or one too large to be a recording; nothing of it is read. */
export async function checkSize(path: string): Promise<void> {
  const found = await stat(path).catch((cause: Error) => {
    throw new SpikewireError('file', path, `cannot be read (${cause.message})`, 'a recording', cause);
  });
  if (!found.isFile()) throw new SpikewireError('file', path, 'is not a file', 'a recording');
  if (found.size <= MOST_BYTES) return;
  throw new SpikewireError('file', path, `has ${found.size} bytes`, `at most ${MOST_BYTES} in one file`);
}
