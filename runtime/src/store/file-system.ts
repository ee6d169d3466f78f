import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, readdir, rename, truncate, unlink } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';

/**
 * The file operations that the store uses, and no more, so that a test can fail or cut each one. Failures reject with
 * a system error that carries a `code` such as `ENOSPC`.
 */
export interface FileSystem {
  /** Makes one folder, for its owner only; its parent exists. `EEXIST` if it is there already. */
  makeFolder(path: string): Promise<void>;
  /** Names of the entries, in no order. */
  list(folder: string): Promise<string[]>;
  /** What has the name; a link is not followed. */
  stat(path: string): Promise<Entry>;
  /**
   * Whole content in its own memory; before anything is read, `EFBIG` if it is larger than `maximumBytes` and `EFTYPE`
   * if it is no file: a pipe would never end.
   */
  read(path: string, maximumBytes: number): Promise<Uint8Array>;
  /** A new, empty file, for its owner only; `EEXIST` if the name is taken. */
  create(path: string): Promise<NewFile>;
  /** A file that is there, to add to its end; `ENOENT` if it is not. */
  append(path: string): Promise<NewFile>;
  /** A second name for a file; `EEXIST` if that name is taken. */
  link(existing: string, path: string): Promise<void>;
  /** Atomically, over whatever had the name. */
  rename(from: string, to: string): Promise<void>;
  /** Makes a file empty. */
  truncate(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Resolves when all names made, changed or removed in the folder so far survive a power failure. */
  syncFolder(path: string): Promise<void>;
}

export interface Entry {
  readonly kind: 'file' | 'folder' | 'other';
  /** Of a file. */
  readonly bytes: number;
}

export interface NewFile {
  /** Appends all of the bytes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when the content survives a power failure. */
  syncData(): Promise<void>;
  close(): Promise<void>;
}

/** The file system of the machine. */
export const nodeFileSystem: FileSystem = {
  async makeFolder(path) {
    await mkdir(path, { mode: 0o700 });
  },
  list: (folder) => readdir(folder),
  async stat(path) {
    const found = await lstat(path);
    return { kind: found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other', bytes: found.size };
  },
  read: readBounded,
  create: async (path) => newFile(await open(path, 'wx', 0o600)),
  append: async (path) => newFile(await open(path, constants.O_WRONLY | constants.O_APPEND)),
  link,
  rename,
  truncate: (path) => truncate(path),
  remove: unlink,
  async syncFolder(path) {
    if (process.platform === 'win32') return; // Windows opens no folder as a file; NTFS journals its names
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

function newFile(handle: FileHandle): NewFile {
  return {
    write: (bytes) => handle.writeFile(bytes),
    syncData: () => handle.datasync(),
    close: () => handle.close(),
  };
}

async function readBounded(path: string, maximumBytes: number): Promise<Uint8Array> {
  const handle = await openToRead(path);
  try {
    const found = await handle.stat();
    const { size } = found;
    if (!found.isFile()) throw systemError('EFTYPE', `not a file, read '${path}'`);
    if (size > maximumBytes) throw systemError('EFBIG', `${size} bytes, at most ${maximumBytes}, read '${path}'`);
    const content = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await handle.read(content, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return content.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

/** Opens a file to read; a pipe or device that nobody writes to does not make it wait. */
async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (failure) {
    // What a socket, a folder (on Windows) and a link to itself answer.
    const isNoFile = ['ENXIO', 'EISDIR', 'ELOOP'].includes(systemCode(failure) ?? '');
    throw isNoFile ? systemError('EFTYPE', `not a file, open '${path}'`) : failure;
  }
}

/** Makes a file; resolves when its content survives a power failure. */
export async function writeDurably(fileSystem: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const file = await fileSystem.create(path);
  try {
    await file.write(bytes);
    await file.syncData();
  } finally {
    await file.close();
  }
}

function systemError(code: string, problem: string): Error {
  return Object.assign(new Error(`${code}: ${problem}`), { code });
}

/** The system's code of a failure (`ENOSPC`, `EIO`, …), or undefined if it has none. */
export function systemCode(failure: unknown): string | undefined {
  const code = failure instanceof Error && 'code' in failure ? failure.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'free space on the disk',
  EDQUOT: 'free space in the quota',
  EROFS: 'a writable file system',
  EACCES: 'a folder that this user may read and write',
  EPERM: 'a folder that this user may write, on a file system with hard links',
  EIO: 'a sound medium',
  ENOTDIR: 'a folder',
};

/** The typed error for a failed file operation; a typed error passes through unchanged. */
export function storeFailure(where: string, task: string, failure: unknown): SpikewireError {
  if (failure instanceof SpikewireError) return failure;
  const reason = failure instanceof Error ? failure.message : String(failure);
  return new SpikewireError('store', where, `cannot ${task}: ${reason}`, REMEDIES[systemCode(failure) ?? ''], failure);
}

/** Runs an operation and passes over the one failure that means there was nothing to do. */
export async function unless(code: 'ENOENT' | 'EEXIST', operation: Promise<unknown>): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (failure) {
    if (systemCode(failure) === code) return false;
    throw failure;
  }
}
