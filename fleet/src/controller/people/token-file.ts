import { open, rename, rm } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';

/** Writes a token into a file that only its owner may read, durably, in place of an earlier one. */
export async function writeTokenFile(path: string, token: string): Promise<void> {
  const beside = `${path}.${process.pid}.part`;
  try {
    const file = await open(beside, 'wx', 0o600);
    try {
      await file.writeFile(`${token}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => {}); // the first failure is the one to report
    const { code } = cause as NodeJS.ErrnoException;
    throw new SpikewireError('file', path, `cannot be written (${code})`, 'a folder that this user may write', cause);
  }
}
