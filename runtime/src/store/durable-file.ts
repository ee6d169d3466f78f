import { dirname } from 'node:path';
import { type FileSystem, nodeFileSystem, unless, writeDurably } from './file-system.ts';
import { makeFolder } from './make-folder.ts';

/** Writes a file, over one that has its name; a reader or a power failure finds the old one or the new one whole. */
export async function replaceDurably(
  path: string,
  bytes: Uint8Array,
  files: FileSystem = nodeFileSystem,
): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder, files);
  const beside = `${path}.part`;
  await unless('ENOENT', files.remove(beside)); // of a process that was killed
  await writeDurably(files, beside, bytes);
  await files.rename(beside, path);
  await files.syncFolder(folder);
}
