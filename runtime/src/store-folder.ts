import { stat } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';

/** Rejects with `store` where something else stands in the place of a folder of stores. */
export async function refuseFileAsStore(directory: string | undefined): Promise<void> {
  if (directory === undefined) return;
  const present = await stat(directory).catch((problem: NodeJS.ErrnoException) => problem);
  if (present instanceof Error) {
    if (present.code === 'ENOTDIR')
      throw new SpikewireError('store', `--store "${directory}"`, 'lies below a file', 'a folder');
  } else if (!present.isDirectory())
    throw new SpikewireError('store', `--store "${directory}"`, 'is a file', 'a folder');
}
