import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { SpikewireError } from '@spikewire/models';
import { deviceProblem, failingAs } from '../../device-files/problem.ts';

/** Milliseconds between two looks. */
const LOOK_EVERY = 10;
/** Milliseconds of silence after which it is looked whether the file is still the same. */
const SILENCE = 1000;

export interface PolledFileOptions {
  /** The most that is read at once, in bytes. Default 65,536. */
  readonly most?: number;
  /** What helps where the file may not be read; see `deviceProblem`. */
  readonly rule?: string;
}

/**
 * The bytes of a character device or FIFO as they come, until the signal. Nothing ever waits in a read: that would hold
 * a thread of Node, of which there are four, and could not be ended. A piece is valid until the next, and empty
 * where a FIFO has nobody who writes. Throws `input` when the file goes away, or another one is in its place.
 */
export async function* bytesOf(
  path: string,
  signal: AbortSignal,
  { most = 65_536, rule }: PolledFileOptions = {},
): AsyncGenerator<Uint8Array> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
  const file = await open(path, flags).catch(failingAs(path, rule));
  try {
    const buffer = new Uint8Array(most);
    for (let silentSince = performance.now(); !signal.aborted; ) {
      const read = await readNow(file, buffer, path);
      const now = performance.now();
      if (read > 0) {
        silentSince = now;
        yield buffer.subarray(0, read);
      } else if (now - silentSince > SILENCE) {
        await expectSame(file, path);
        silentSince = now;
      }
      if (read === 0) yield buffer.subarray(0, 0);
      if (read < most) await delay(LOOK_EVERY, undefined, { signal }).catch(() => {});
    }
  } finally {
    await file.close();
  }
}

/** -1 where there is nothing now, 0 where there will be none. */
async function readNow(file: FileHandle, buffer: Uint8Array, path: string): Promise<number> {
  try {
    return (await file.read(buffer, 0, buffer.length, null)).bytesRead;
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'EAGAIN') return -1;
    throw await deviceProblem(path, cause);
  }
}

async function expectSame(file: FileHandle, path: string): Promise<void> {
  const [own, there] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
  if (there?.ino === own.ino && there.dev === own.dev) return;
  throw new SpikewireError('input', path, there === undefined ? 'is gone' : 'is another one now');
}
