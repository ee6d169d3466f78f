import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { ReadStream } from 'node:tty';
import { holdLine } from '../../device-files/held-line.ts';
import { failingAs } from '../../device-files/problem.ts';
import { setSerialLine } from '../../device-files/stty.ts';
import type { BoardLine } from './board-line.ts';

export const USUAL_BAUD = 3_000_000;

/**
 * A serial line to a board, which no other process has meanwhile. Rejects with `input` where it is not there, may not
 * be used, or is in use.
 */
export async function openSerialBoard(path: string, baud = USUAL_BAUD): Promise<BoardLine> {
  const release = await holdLine(path);
  try {
    return await openHeld(path, baud, release);
  } catch (problem) {
    await release();
    throw problem;
  }
}

async function openHeld(path: string, baud: number, release: () => Promise<void>): Promise<BoardLine> {
  await setSerialLine(path, baud, ['-crtscts', '-ixon', '-hupcl']);
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
  const file = await open(path, O_RDWR | O_NOCTTY | O_NONBLOCK).catch(failingAs(path));
  // A terminal can be waited for, where a file would take a thread for as long as nothing comes.
  const stream = new ReadStream(file.fd, { writable: true });
  const closed = new Promise<void>((resolve) => {
    stream.once('close', () => {
      // The stream closes the descriptor, and the handle does not know that.
      void file
        .close()
        .catch(() => {})
        .then(release)
        .then(resolve);
    });
  });
  return {
    name: path,
    write: (bytes) => void stream.write(bytes),
    listen(onBytes, onGone) {
      stream.on('data', onBytes);
      // A line that is unplugged ends, or gives an error with the next read or write.
      for (const end of ['end', 'error', 'close']) stream.on(end, () => onGone('is gone'));
    },
    async close() {
      stream.destroy();
      await closed;
    },
  };
}
