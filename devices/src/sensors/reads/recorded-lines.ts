import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import { deviceProblem } from '../../device-files/problem.ts';
import { LineSplitter } from './lines.ts';

/** The lines of a file; the last needs no end. Throws `usage` for what is not there or has none, such as a FIFO. */
export async function* linesOf(path: string, signal?: AbortSignal): AsyncGenerator<string> {
  const lines = new LineSplitter();
  try {
    if (!(await stat(path)).isFile()) throw new SpikewireError('usage', path, 'is not a file', 'a recording');
    for await (const piece of createReadStream(path, { signal })) yield* lines.take(piece as Buffer);
  } catch (cause) {
    if (cause instanceof SpikewireError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new SpikewireError('usage', path, 'does not exist', 'a recording', cause);
    throw await deviceProblem(path, cause);
  }
  yield* lines.take(new TextEncoder().encode('\n'));
}
