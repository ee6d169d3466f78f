import { readFile } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import { LARGEST } from 'spikewire/agent';

/** The root that somebody trusts. Throws `file`. */
export async function rootIn(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new SpikewireError('file', file, `cannot be read (${cause.code})`, 'a root.json', cause);
  });
  if (bytes.length <= LARGEST.root) return bytes;
  throw new SpikewireError('file', file, `has ${bytes.length} bytes`, `a root.json of at most ${LARGEST.root}`);
}
