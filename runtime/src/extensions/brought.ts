import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SpikewireError } from '@spikewire/models';
import { sourceOf } from '../package-source.ts';
import { entriesOf } from './entries.ts';
import { firstLine } from './foreign-code.ts';
import { guarded } from './guarded.ts';
import { inTime } from './in-time.ts';
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

/** How long a module of a package may take to load, in milliseconds. */
const LOADING_LIMIT = 30_000;

/** What one package brings of a kind. Rejects with `unsupported`, and the names of package and module, on any error. */
async function load<Entry extends object>(
  kind: ExtensionKind<Entry>,
  from: ExtensionPackage,
): Promise<readonly Entry[]> {
  const { name, modules, isOwn } = from;
  const path = modules[kind.field];
  if (path === undefined) return [];
  const where = `${name}: ${path}`;
  try {
    const module = await loadModule(await moduleFile(where, path, from));
    const entries = entriesOf(kind, where, module);
    return entries.map((each) => (isOwn ? each.entry : guarded(kind, each, name)));
  } catch (problem) {
    if (problem instanceof SpikewireError && problem.where === where) throw problem;
    const expected = isOwn ? sourceOf(name) : 'a module that loads';
    throw new SpikewireError('unsupported', where, `cannot be loaded: ${firstLine(problem)}`, expected, problem);
  }
}

async function moduleFile(where: string, path: string, { folder, owners }: ExtensionPackage): Promise<string> {
  const file = await realpath(join(folder, path)).catch((cause: unknown) => {
    throw new SpikewireError('unsupported', where, 'does not exist', 'a module of the package', cause);
  });
  if (!file.startsWith(folder + sep)) {
    throw new SpikewireError('unsupported', where, 'lies outside of the package', 'a module of the package');
  }
  await checkOwner(where, file, owners);
  return file;
}

function loadModule(file: string): Promise<object> {
  return inTime<object>(
    LOADING_LIMIT,
    () => import(pathToFileURL(file).href),
    (reason) => new Error(reason),
  );
}
