import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SpikewireError } from '@spikewire/models';

/** Refuses to write a file over what the command has read or written under another name; `files` by name. */
export async function refuseSameFile(command: string, files: Readonly<Record<string, string>>): Promise<void> {
  const places = new Map<string, string>();
  for (const [name, path] of Object.entries(files)) {
    const place = await realpath(path).catch(() => resolve(path));
    const other = places.get(place);
    if (other !== undefined) {
      throw new SpikewireError('usage', `${command} ${name}`, `is the same file as ${other}`, 'another one');
    }
    places.set(place, name);
  }
}
