import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { inNaturalOrder } from '../files/natural-order.ts';
import { imageEndings } from '../images/image-names.ts';
import { formatOf, knownExtensions } from './formats/formats.ts';

/** A file of recordings, and what the folders say that it lies in. */
export interface FoundFile {
  readonly path: string;
  readonly label?: string;
  /** Name of the folder between that of the class and the file. */
  readonly folder?: string;
}

const IMAGES = new RegExp(`^[^.].*\\.(${imageEndings})$`, 'i');
const MOST_FILES = 100_000;

/**
 * Files in a folder for each class, and there in folders of their own or not. Rejects with `file` where there are no
 * such folders, only one, or one without recordings.
 */
export async function filesByClass(folder: string): Promise<FoundFile[]> {
  if (await isFile(folder))
    throw new SpikewireError('file', folder, 'is a file', 'a folder with one for each class, or --label-column');
  const { folders } = await entriesOf(folder);
  if (folders.length === 0)
    throw new SpikewireError('file', folder, 'has no folders', 'one for each class, or --label-column');
  if (folders.length === 1)
    throw new SpikewireError('file', folder, `has one class, "${folders[0]}"`, 'a folder for each of two or more');
  const found: FoundFile[] = [];
  for (const label of folders) {
    const own = await filesBelow(join(folder, label));
    found.push(...own.map((file) => ({ ...file, label })));
    checkCount(folder, found);
  }
  return found;
}

/** Files in a folder and the folders in it, or the one file. Rejects with `file` where there is none. */
export async function filesBelow(path: string): Promise<FoundFile[]> {
  if (await isFile(path)) return [{ path }];
  const { files, folders } = await entriesOf(path);
  const found: FoundFile[] = recordingsOf(path, files);
  const names = [...files];
  for (const folder of folders) {
    const below = await entriesOf(join(path, folder));
    found.push(...recordingsOf(join(path, folder), below.files).map((file) => ({ ...file, folder })));
    names.push(...below.files);
    checkCount(path, found);
  }
  if (found.length > 0) return found;
  throw withoutRecordings(path, names);
}

function withoutRecordings(path: string, names: readonly string[]): SpikewireError {
  const image = names.find((name) => IMAGES.test(name));
  const expected = `files that end in ${knownExtensions()}`;
  if (image === undefined) return new SpikewireError('file', path, 'has no recordings', expected);
  const instead =
    'images are read with a mask each (--data masks:FOLDER), or as rows of numbers with a class (csv:FILE)';
  return new SpikewireError('file', path, `has no recordings, but images (${image})`, `${expected}; ${instead}`);
}

function recordingsOf(folder: string, names: readonly string[]): FoundFile[] {
  return names.map((name) => ({ path: join(folder, name) })).filter(({ path }) => formatOf(path) !== undefined);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Names in a folder, numbers in them in their order; hidden ones are left out. */
export async function entriesOf(folder: string): Promise<{ readonly files: string[]; readonly folders: string[] }> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    const problem = cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.message})`;
    throw new SpikewireError('file', folder, problem, 'a folder of recordings', cause);
  });
  const entries: { readonly files: string[]; readonly folders: string[] } = { files: [], folders: [] };
  for (const name of names.toSorted(inNaturalOrder)) {
    if (name.startsWith('.')) continue;
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.isDirectory()) entries.folders.push(name);
    else if (found?.isFile()) entries.files.push(name);
  }
  return entries;
}

function checkCount(folder: string, found: readonly FoundFile[]): void {
  if (found.length <= MOST_FILES) return;
  throw new SpikewireError('file', folder, `has more than ${MOST_FILES} files`, 'fewer');
}
