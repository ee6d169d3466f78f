import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SpikewireError } from '@spikewire/models';
import { sourceOf } from '../package-source.ts';
import { entriesOf } from './entries.ts';
import { firstLine, guarded } from './guarded.ts';
import type { ExtensionKind } from './kind.ts';
import { checkOwner } from './package-folder.ts';
import { type ExtensionPackage, type ExtensionPlaces, findPackages } from './packages.ts';

/** What packages bring of a kind. */
export interface BroughtEntries<Entry> {
  readonly entries: readonly Entry[];
  /** The package that brings an entry. */
  readonly packages: ReadonlyMap<Entry, ExtensionPackage>;
  /** One for each package that is broken, and for each name that another package has already. */
  readonly problems: readonly SpikewireError[];
}

export interface BringOptions<Entry> {
  readonly places?: ExtensionPlaces | undefined;
  /** Ends the search: the modules of further packages are not loaded. */
  readonly isWanted?: (entry: Entry) => boolean;
}

/**
 * What packages bring of a kind: our own first, then in the order of their names. Where two bring the same name, the
 * first keeps it. A package that is broken is a problem, and keeps nobody from using the others.
 */
export async function broughtEntries<Entry extends object>(
  kind: ExtensionKind<Entry>,
  { places, isWanted = () => false }: BringOptions<Entry> = {},
): Promise<BroughtEntries<Entry>> {
  const found = await findPackages(places);
  const problems = [...found.problems];
  const packages = new Map<Entry, ExtensionPackage>();
  const holders = new Map(kind.taken.map((name) => [name, 'spikewire']));
  for (const from of found.packages) {
    const entries = await load(kind, from).catch((problem: SpikewireError) => {
      problems.push(problem);
      return [];
    });
    let isFound = false;
    for (const entry of entries) {
      const names = kind.names(entry);
      const taken = names.find((name) => holders.has(name));
      if (taken !== undefined) {
        const problem = `brings the ${kind.title} "${taken}", which ${holders.get(taken)} brings already`;
        problems.push(new SpikewireError('unsupported', from.name, problem, 'another name'));
        continue;
      }
      for (const name of names) holders.set(name, from.name);
      packages.set(entry, from);
      isFound ||= isWanted(entry);
    }
    if (isFound) break;
  }
  return { entries: [...packages.keys()], packages, problems };
}

/** What one package brings of a kind. Rejects with `unsupported` and its name and module in front. */
async function load<Entry extends object>(
  kind: ExtensionKind<Entry>,
  { name, folder, modules, owners, isOwn }: ExtensionPackage,
): Promise<readonly Entry[]> {
  const path = modules[kind.field];
  if (path === undefined) return [];
  const where = `${name}: ${path}`;
  const file = await realpath(join(folder, path)).catch((cause: unknown) => {
    throw new SpikewireError('unsupported', where, 'does not exist', 'a module of the package', cause);
  });
  if (!file.startsWith(folder + sep)) {
    throw new SpikewireError('unsupported', where, 'lies outside of the package', 'a module of the package');
  }
  await checkOwner(where, file, owners);
  const module: object = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    const expected = isOwn ? sourceOf(name) : 'a module that loads';
    throw new SpikewireError('unsupported', where, `cannot be loaded: ${firstLine(cause)}`, expected, cause);
  });
  const entries = entriesOf(kind, where, module);
  return isOwn ? entries : entries.map((entry) => guarded(kind, entry, name));
}
