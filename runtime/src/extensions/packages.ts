import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SpikewireError } from '@spikewire/models';
import { type ExtensionModules, modulesOf } from './manifest.ts';
import { installedPackage, nearestPackage, type Owners, readPackageJson, trustedOwners } from './package-folder.ts';

/** The environment variable that names packages which nothing else names: names or folders, with commas between. */
export const PACKAGES_VARIABLE = 'SPIKEWIRE_PACKAGES';

/** Where packages are looked for. */
export interface ExtensionPlaces {
  /** The folder from which the nearest package.json is looked for; the working directory where absent. */
  readonly folder?: string | undefined;
  /** Names or folders of more packages; what SPIKEWIRE_PACKAGES says where absent. */
  readonly named?: readonly string[] | undefined;
  /** The folder of spikewire itself, which is looked at first. */
  readonly home?: string | undefined;
  /** Whose packages may run here; this user, root and the owner of spikewire where absent. */
  readonly owners?: Owners;
}

/** A package that brings something. */
export interface ExtensionPackage {
  readonly name: string;
  readonly version: string;
  /** Its real folder. */
  readonly folder: string;
  /** Whether it is one of spikewire's own. */
  readonly isOwn: boolean;
  readonly modules: ExtensionModules;
  readonly owners: Owners;
}

export interface FoundPackages {
  /** Our own first, then by name. */
  readonly packages: readonly ExtensionPackage[];
  /** A line for each that is broken. */
  readonly problems: readonly SpikewireError[];
}

/**
 * The packages that bring something: direct dependencies of spikewire itself, of the package.json that holds it and of
 * the nearest one to the folder, and what is named besides. Nothing transitive. No module is loaded.
 */
export async function findPackages(places: ExtensionPlaces = {}): Promise<FoundPackages> {
  const home = places.home ?? resolve(fileURLToPath(new URL('../..', import.meta.url)));
  const folder = resolve(home, places.folder ?? workingFolder() ?? home);
  const owners = 'owners' in places ? places.owners : await trustedOwners(home);
  const problems: SpikewireError[] = [];
  const take = <Result>(looking: Promise<Result>) =>
    looking.catch((problem: unknown) => {
      problems.push(asProblem(problem));
      return undefined;
    });

  /** By its real folder, what a package is called where it was found. */
  const folders = new Map<string, string>();
  for (const root of await rootsOf(home, folder)) {
    const names = (await take(dependenciesOf(root, owners))) ?? [];
    const found = await Promise.all(names.map((name) => installedPackage(name, root)));
    for (const [k, each] of found.entries()) if (each !== undefined) folders.set(each, names[k]!);
  }
  for (const name of places.named ?? namedInEnvironment()) {
    const found = await take(namedPackage(name, folder, home));
    if (found !== undefined && !folders.has(found)) folders.set(found, name);
  }
  const packages = await Promise.all([...folders].map(([each, name]) => take(readPackage(name, each, owners))));
  const bringing = packages.filter((each) => each !== undefined);
  // What spikewire has with it stands before what a project has of the same name.
  const first = bringing.filter(({ name }, k) => bringing.findIndex((each) => each.name === name) === k);
  return {
    packages: first.toSorted(ownFirst),
    problems: problems.toSorted((a, b) => (a.message < b.message ? -1 : 1)),
  };
}

/** Undefined where somebody has deleted it. */
function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** Folders whose package.json names dependencies: spikewire, what it is installed in, and the nearest to the folder. */
async function rootsOf(home: string, folder: string): Promise<ReadonlySet<string>> {
  const roots = new Set([home]);
  let holder = await nearestPackage(dirname(home));
  // A package that brings spikewire, such as the palette of Node-RED, is held by another one.
  while (holder !== undefined) {
    roots.add(holder);
    holder = isInstalled(holder) ? await nearestPackage(dirname(holder)) : undefined;
  }
  const nearest = await nearestPackage(folder);
  if (nearest !== undefined) roots.add(await realpath(nearest));
  return roots;
}

function isInstalled(folder: string): boolean {
  return folder.split(sep).includes('node_modules');
}

/** Tools for development count where somebody develops, and not in a package that is installed. */
async function dependenciesOf(root: string, owners: Owners): Promise<readonly string[]> {
  const manifest = (await readPackageJson(root, root, owners)) as Readonly<Record<string, unknown>>;
  const fields = ['dependencies', 'optionalDependencies', ...(isInstalled(root) ? [] : ['devDependencies'])];
  return [...new Set(fields.flatMap((field) => Object.keys(Object(manifest[field]))))];
}

function namedInEnvironment(): readonly string[] {
  return (process.env[PACKAGES_VARIABLE] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

/** A package that somebody has named must be there: as a folder, or installed here or beside spikewire. */
async function namedPackage(name: string, folder: string, home: string): Promise<string> {
  const where = `${PACKAGES_VARIABLE}: ${name}`;
  const path = resolve(folder, name);
  const isFolder = name.startsWith('.') || isAbsolute(name);
  if (isFolder && (await nearestPackage(path)) === path) return realpath(path);
  const found = isFolder ? undefined : ((await installedPackage(name, folder)) ?? (await installedPackage(name, home)));
  if (found !== undefined) return found;
  throw new SpikewireError('unsupported', where, 'is not installed', 'the name or the folder of a package');
}

async function readPackage(asked: string, folder: string, owners: Owners): Promise<ExtensionPackage | undefined> {
  const manifest = await readPackageJson(asked, folder, owners);
  const { name: own, version } = manifest as { readonly name?: unknown; readonly version?: unknown };
  const name = typeof own === 'string' ? own : asked;
  const modules = modulesOf(name, manifest);
  if (modules === undefined) return undefined;
  return { name, version: String(version), folder, isOwn: name.startsWith('@spikewire/'), modules, owners };
}

/** Nobody takes a name away from us, whatever a package is called. */
function ownFirst(a: ExtensionPackage, b: ExtensionPackage): number {
  return Number(b.isOwn) - Number(a.isOwn) || (a.name < b.name ? -1 : 1);
}

function asProblem(problem: unknown): SpikewireError {
  if (problem instanceof SpikewireError) return problem;
  return new SpikewireError('unsupported', 'packages', `cannot be looked for (${String(problem)})`, undefined, problem);
}
