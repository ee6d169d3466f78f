import { SpikewireError } from '@spikewire/models/error';

/** Imports a module by its name; another one in tests. */
export type ImportModule = (name: string) => Promise<unknown>;

const importByName: ImportModule = (name) => import(name);

const FILE_WITH_TRAINER = 'the file that npm run pack:trainer makes in the repository of spikewire';

/** Where our packages are to be had: none of them is in a registry. */
const SOURCES: Readonly<Record<string, string>> = {
  '@spikewire/trainer': FILE_WITH_TRAINER,
  '@spikewire/exchange': FILE_WITH_TRAINER,
  '@spikewire/devices': 'the file that npm run pack:device makes in the repository of spikewire',
  '@spikewire/demo': 'npm run demo in the repository of spikewire',
};

/** What somebody who lacks a package needs, for hints. */
export function sourceOf(packageName: string): string {
  return SOURCES[packageName] ?? `npm install ${packageName}`;
}

/**
 * The entry of a package that a machine may do without (`@spikewire/devices/sensors`), or undefined where the package
 * is not installed or does not have this entry. Throws `unsupported` where it is installed but broken.
 */
export async function importCompanion<Entry>(
  packageName: string,
  entry: string,
  importModule: ImportModule = importByName,
): Promise<Entry | undefined> {
  try {
    return (await importModule(`${packageName}/${entry}`)) as Entry;
  } catch (cause) {
    if (isAbsent(cause, packageName)) return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SpikewireError('unsupported', packageName, `cannot be loaded: ${reason}`, sourceOf(packageName), cause);
  }
}

/** Node names the package that it cannot find; where that is another one, an installed package lacks what it needs. */
function isAbsent(cause: unknown, packageName: string): boolean {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return true;
  return (
    code === 'ERR_MODULE_NOT_FOUND' &&
    [`'${packageName}'`, `'${packageName}/`].some((name) => String(message).includes(name))
  );
}
