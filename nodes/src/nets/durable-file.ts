import { dirname } from 'node:path';
import { type FileSystem, makeFolder, nodeFileSystem, writeDurably } from 'spikewire/store';

/** Writes a file, over one that has its name; a reader or a power failure finds the old one or the new one whole. */
export async function replaceDurably(
  path: string,
  bytes: Uint8Array,
  files: FileSystem = nodeFileSystem,
): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder, files);
  const beside = `${path}.part`;
  await files.remove(beside).catch(() => {}); // of a process that was killed
  await writeDurably(files, beside, bytes);
  await files.rename(beside, path);
  await files.syncFolder(folder);
}
