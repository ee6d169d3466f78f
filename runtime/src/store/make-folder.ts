import { dirname } from 'node:path';
import { type FileSystem, systemCode, unless } from './file-system.ts';

/** Makes a folder, durably, with those above it that are missing. */
export async function makeFolder(path: string, fileSystem: FileSystem): Promise<void> {
  const parent = dirname(path);
  try {
    await unless('EEXIST', fileSystem.makeFolder(path));
  } catch (failure) {
    if (systemCode(failure) !== 'ENOENT' || parent === path) throw failure;
    await makeFolder(parent, fileSystem);
    await unless('EEXIST', fileSystem.makeFolder(path));
  }
  await syncParent(parent, fileSystem);
}

/** A folder that existed before may be fresh all the same: its maker may have been killed before this line. */
async function syncParent(parent: string, fileSystem: FileSystem): Promise<void> {
  try {
    await fileSystem.syncFolder(parent);
  } catch (failure) {
    const code = systemCode(failure);
    if (code !== 'EACCES' && code !== 'EPERM') throw failure; // a parent that is not ours to read was made by its owner
  }
}
