import { rm, writeFile } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';

/** Only its owner reads it, or everybody. */
export const OWNERS_MODE = 0o600;
export const PUBLIC_MODE = 0o644;

/** Writes a file that does not exist. Rejects with `file`, and leaves nothing behind then. */
export async function writeNewFile(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx', mode });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EEXIST') await rm(path, { force: true }).catch(() => {}); // the first failure is the one to report
    const problem = code === 'EEXIST' ? 'already exists' : `cannot be written (${code})`;
    throw new SpikewireError('file', path, problem, 'a new file', cause);
  }
}
