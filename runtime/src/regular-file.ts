import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import { unreadableFile } from './file-problem.ts';

/** Without it, opening a FIFO waits for somebody who writes; Windows knows no such files. */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file for reading. Rejects with `file` where there is none, or something without an end, such as a device or a
 * FIFO, without waiting for it.
 * @param expected what the file should be, for errors
 */
export async function openRegularFile(path: string, expected: string): Promise<FileHandle> {
  const file = await open(path, WITHOUT_WAITING).catch((cause: unknown) => {
    throw unreadableFile(path, cause, expected);
  });
  const found = await file.stat();
  if (found.isFile()) return file;
  await file.close();
  const problem = found.isDirectory() ? 'is a folder' : 'is not a regular file';
  throw new SpikewireError('file', path, problem, expected);
}

/**
 * All bytes that a file has when it is opened; what others add meanwhile is left out. Rejects with `file` where it is
 * no regular file or has more than `most` bytes, before any memory is taken.
 * @param option that the limit comes from, for errors
 */
export async function readWholeFile(path: string, most: number, expected: string, option?: string): Promise<Buffer> {
  const file = await openRegularFile(path, expected);
  try {
    const { size } = await file.stat();
    if (size > most) {
      const limit = `at most ${most}${option === undefined ? '' : ` (${option})`}`;
      throw new SpikewireError('file', path, `has ${size} bytes`, limit);
    }
    return await bytesOf(file, size);
  } catch (cause) {
    if (cause instanceof SpikewireError) throw cause;
    throw unreadableFile(path, cause, expected);
  } finally {
    await file.close().catch(() => {}); // it was only read
  }
}

/** One read gives at most 2 GiB. */
const MOST_AT_ONCE = 2 ** 30;

async function bytesOf(file: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, Math.min(MOST_AT_ONCE, size - length), length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}
