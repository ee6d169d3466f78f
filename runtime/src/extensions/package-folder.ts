import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { readWholeFile } from '../regular-file.ts';

/** The most bytes of a package.json that is read. */
const MOST_BYTES = 1 << 20;

/** The nearest folder with a package.json, from `folder` upwards; undefined where there is none. */
export async function nearestPackage(folder: string): Promise<string | undefined> {
  for (let here = folder; ; here = dirname(here)) {
    if (await isFile(join(here, 'package.json'))) return here;
    if (dirname(here) === here) return undefined;
  }
}

/**
 * The real folder of the package that a module in `folder` gets by `name`, as Node looks for it; undefined where it is
 * not installed.
 */
export async function installedPackage(name: string, folder: string): Promise<string | undefined> {
  if (!/^(@[\w.~-]+\/)?[\w~-][\w.~-]*$/.test(name)) return undefined;
  for (let here = folder; ; here = dirname(here)) {
    const found = join(here, 'node_modules', name);
    if (await isFile(join(found, 'package.json'))) return realpath(found);
    if (dirname(here) === here) return undefined;
  }
}

/**
 * The package.json of a folder. Throws `unsupported` or `file` with `where` in front for what is no JSON object, or what
 * belongs to nobody of `owners`.
 */
export async function readPackageJson(where: string, folder: string, owners: Owners): Promise<object> {
  const path = join(folder, 'package.json');
  await checkOwner(where, folder, owners);
  await checkOwner(where, path, owners);
  const text = (await readWholeFile(path, MOST_BYTES, 'a package.json')).toString();
  const manifest: unknown = parse(text);
  if (typeof manifest === 'object' && manifest !== null) return manifest;
  throw new SpikewireError('file', `${where}: package.json`, 'is no JSON object', 'the package.json of a package');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Numbers of the users whose code may run in this process; undefined where the system does not number users. */
export type Owners = ReadonlySet<number> | undefined;

/** Who runs this process, root, and who owns spikewire, which runs already. */
export async function trustedOwners(home: string): Promise<Owners> {
  const user = process.getuid?.();
  if (user === undefined) return undefined;
  const { uid } = await stat(join(home, 'package.json')).catch(() => ({ uid: user }));
  return new Set([user, 0, uid]);
}

/** Somebody else may have put a package into a folder above this one, such as /tmp: its code does not run here. */
export async function checkOwner(where: string, path: string, owners: Owners): Promise<void> {
  if (owners === undefined) return;
  const { uid } = await lstat(path);
  if (owners.has(uid)) return;
  const expected = `one of ${[...owners].join(', ')}: this user, root, or the owner of spikewire`;
  throw new SpikewireError('unsupported', where, `${path} belongs to user ${uid}`, expected);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
