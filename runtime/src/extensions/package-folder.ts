import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { readWholeFile } from '../regular-file.ts';

/** The most bytes of a package.json that is read. */
const MOST_BYTES = 1 << 20;

/** The bit of a folder's mode that lets everybody write. */
const WRITTEN_BY_ALL = 0o002;

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
 * The package.json of a folder. Throws `file` where it is not a JSON object, and `unsupported` where it belongs to none
 * of `owners`; both errors begin with `where`.
 */
export async function readPackageJson(where: string, folder: string, owners: Owners): Promise<object> {
  const path = join(folder, 'package.json');
  await checkOwner(where, folder, owners);
  await checkOwner(where, path, owners);
  const text = (await readWholeFile(path, MOST_BYTES, 'a package.json')).toString();
  const manifest: unknown = parse(text);
  if (typeof manifest === 'object' && manifest !== null) return manifest;
  throw new SpikewireError('file', `${where}: package.json`, 'is not a JSON object', 'the package.json of a package');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, '')); // editors of Windows write a byte order mark
  } catch {
    return undefined;
  }
}

/** Whose code may run in this process; undefined where the system does not number users. */
export type Owners = TrustedOwners | undefined;

export interface TrustedOwners {
  /** The numbers of users. */
  readonly users: ReadonlySet<number>;
  /**
   * The number that all users have which this process cannot tell apart, as in a user namespace, and the folder of
   * spikewire; absent where it can tell them all.
   */
  readonly unknown?: { readonly user: number; readonly home: string } | undefined;
}

/** Who runs this process, root, and who owns spikewire, which runs already. */
export async function trustedOwners(home: string, overflow = overflowUser()): Promise<Owners> {
  const user = process.getuid?.();
  if (user === undefined) return undefined;
  const { uid } = await stat(join(home, 'package.json')).catch(() => ({ uid: user }));
  const unknown = await overflow;
  const users = new Set([user, 0, uid].filter((each) => each !== unknown));
  return { users, unknown: unknown === undefined ? undefined : { user: unknown, home } };
}

/** user_namespaces(7): the number of users that have none here; undefined where the system has no such number. */
async function overflowUser(): Promise<number | undefined> {
  const text = await readFile('/proc/sys/kernel/overflowuid', 'latin1').catch(() => undefined);
  return text === undefined ? undefined : Number(text);
}

/** Somebody else may have put a package into a folder above this one, such as /tmp: its code does not run here. */
export async function checkOwner(where: string, path: string, owners: Owners): Promise<void> {
  if (owners === undefined) return;
  const { users, unknown } = owners;
  const { uid } = await lstat(path);
  if (users.has(uid)) return;
  if (uid === unknown?.user && (await isBeside(unknown.home, path))) return;
  const expected = `one of ${[...users].join(', ')}: this user, root, or the owner of spikewire`;
  throw new SpikewireError('unsupported', where, `${path} belongs to user ${uid}`, expected);
}

/**
 * Whether a path is of spikewire, of a package in the same folder as spikewire, or of the package that holds them:
 * whoever can write there could write spikewire, which runs already. Not where everybody can write.
 */
async function isBeside(home: string, path: string): Promise<boolean> {
  const shared = dirname(home);
  const holder = basename(shared) === 'node_modules' ? dirname(shared) : shared;
  const isInHome = path === home || path.startsWith(home + sep);
  const isInShared = path.startsWith(shared + sep) && !relative(shared, path).split(sep).includes('node_modules');
  const isHolder = path === holder || path === join(holder, 'package.json');
  if (!isInHome && !isInShared && !isHolder) return false;
  const { mode } = await stat(isHolder ? holder : shared);
  return (mode & WRITTEN_BY_ALL) === 0;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
