import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeValue, SpikewireError } from '@spikewire/models';
import { isOurs } from '../package-source.ts';
import { type ExtensionModules, modulesOf } from './manifest.ts';
import { installedPackage, nearestPackage, type Owners, readPackageJson, trustedOwners } from './package-folder.ts';

/** The environment variable that names packages which nothing else names: names or folders, with commas between. */
export const PACKAGES_VARIABLE = 'SPIKEWIRE_PACKAGES';

const ownHome = resolve(fileURLToPath(new URL('../..', import.meta.url)));

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
  /** Whether it is one of spikewire's own, and lies where spikewire is installed. */
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
  const home = places.home ?? ownHome;
  const folder = resolve(home, places.folder ?? workingFolder() ?? home);
  const owners = 'owners' in places ? places.owners : await trustedOwners(home);
  const problems: SpikewireError[] = [];
  const take = <Result>(looking: Promise<Result>) =>
    looking.catch((problem: unknown) => {
      problems.push(asProblem(problem));
      return undefined;
    });

  const candidates: Candidate[] = [];
  const add = (candidate: Candidate) => {
    const isKnown = candidates.some((each) => each.folder === candidate.folder && each.name === candidate.name);
    if (!isKnown) candidates.push(candidate);
  };
  const holders = await holdersOf(home);
  for (const root of new Set([...holders, ...(await nearestTo(folder))])) {
    const { names, problem } = (await take(dependenciesOf(root, owners))) ?? { names: [] };
    if (problem !== undefined) problems.push(problem);
    for (const name of names) {
      const found = await installedPackage(name, root);
      if (found !== undefined) add({ name, folder: found, isOwn: isOurs(name) && holders.includes(root) });
    }
  }
  for (const word of places.named ?? namedInEnvironment()) {
    const found = await take(namedPackage(word, folder, home));
    if (found !== undefined) add({ name: isFolder(word) ? undefined : word, where: word, folder: found, isOwn: false });
  }
  const packages = new Map<string, ExtensionPackage>();
  for (const candidate of candidates) {
    const found = await take(readPackage(candidate, owners));
    const first = found && packages.get(found.name);
    if (found !== undefined && first === undefined) packages.set(found.name, found);
    // What spikewire has with it stands before what a project has of the same name.
    if (first !== undefined && first.folder !== found!.folder) problems.push(isThereTwice(first, found!));
  }
  return {
    packages: [...packages.values()].toSorted(ownFirst),
    problems: problems.toSorted((a, b) => (a.message < b.message ? -1 : 1)),
  };
}

/** A folder in which a package was found. */
interface Candidate {
  /** What it is to be called; whatever it calls itself where it is named by its folder. */
  readonly name: string | undefined;
  /** How it was named, where it has no name. */
  readonly where?: string;
  readonly folder: string;
  readonly isOwn: boolean;
}

/** Undefined where somebody has deleted it. */
function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** spikewire and what it is installed in: folders whose package.json names dependencies. */
async function holdersOf(home: string): Promise<readonly string[]> {
  const holders = [home];
  let holder = await nearestPackage(dirname(home));
  // A package that brings spikewire, such as the palette of Node-RED, is held by another one.
  while (holder !== undefined) {
    holders.push(holder);
    holder = isInstalled(holder) ? await nearestPackage(dirname(holder)) : undefined;
  }
  return holders;
}

async function nearestTo(folder: string): Promise<readonly string[]> {
  const nearest = await nearestPackage(folder);
  return nearest === undefined ? [] : [await realpath(nearest)];
}

function isInstalled(folder: string): boolean {
  return folder.split(sep).includes('node_modules');
}

/** The most packages that a package.json names, of which each is looked for. */
const MOST_NAMES = 1000;

/** What a package.json names. Tools for development count where somebody develops, and not in an installed package. */
async function dependenciesOf(
  root: string,
  owners: Owners,
): Promise<{ readonly names: readonly string[]; readonly problem?: SpikewireError }> {
  const manifest = (await readPackageJson(root, root, owners)) as Readonly<Record<string, unknown>>;
  const fields = ['dependencies', 'optionalDependencies', ...(isInstalled(root) ? [] : ['devDependencies'])];
  const names = [...new Set(fields.flatMap((field) => Object.keys(Object(manifest[field]))))];
  if (names.length <= MOST_NAMES) return { names };
  const said = `names ${names.length} packages, of which only the first ${MOST_NAMES} are loaded`;
  const problem = new SpikewireError('unsupported', `${root}: package.json`, said, `at most ${MOST_NAMES}`);
  return { names: names.slice(0, MOST_NAMES), problem };
}

function namedInEnvironment(): readonly string[] {
  return (process.env[PACKAGES_VARIABLE] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

/** The folder of a package that somebody has named, which must be there: here, or beside spikewire. */
async function namedPackage(name: string, folder: string, home: string): Promise<string> {
  const where = `${PACKAGES_VARIABLE}: ${name}`;
  const path = resolve(folder, name);
  if (isFolder(name)) {
    if ((await nearestPackage(path)) === path) return realpath(path);
    throw new SpikewireError('unsupported', where, 'has no package.json', 'the folder of a package');
  }
  const found = (await installedPackage(name, folder)) ?? (await installedPackage(name, home));
  if (found !== undefined) return found;
  const expected = 'the name of a package that is; a folder begins with "./"';
  throw new SpikewireError('unsupported', where, 'is not installed', expected);
}

/** The real folders of the packages that the environment names. Rejects with `unsupported` where one is not there. */
export async function packagesNamedHere(): Promise<readonly string[]> {
  const folder = workingFolder() ?? ownHome;
  return Promise.all(namedInEnvironment().map((name) => namedPackage(name, folder, ownHome)));
}

function isFolder(word: string): boolean {
  return word.startsWith('.') || isAbsolute(word);
}

/** Undefined for a package that brings nothing. One under the name of another is refused: names say whom to trust. */
async function readPackage(candidate: Candidate, owners: Owners): Promise<ExtensionPackage | undefined> {
  const { name: asked, where = asked!, folder, isOwn } = candidate;
  const manifest = await readPackageJson(where, folder, owners);
  const { name: own, version } = manifest as { readonly name?: unknown; readonly version?: unknown };
  const name = asked ?? (typeof own === 'string' ? own : where);
  const modules = modulesOf(name, manifest);
  if (modules === undefined) return undefined;
  if (own !== undefined && own !== name) {
    const problem = `has the name ${describeValue(own)}`;
    throw new SpikewireError('unsupported', `${name}: package.json`, problem, `the name "${name}"`);
  }
  return { name, version: String(version), folder, isOwn, modules, owners };
}

function isThereTwice(first: ExtensionPackage, other: ExtensionPackage): SpikewireError {
  const problem = `is in ${first.folder}, and the one in ${other.folder} is not used`;
  return new SpikewireError('unsupported', first.name, problem, 'one package of a name');
}

/** Nobody takes a name away from us, whatever a package is called. */
function ownFirst(a: ExtensionPackage, b: ExtensionPackage): number {
  return Number(b.isOwn) - Number(a.isOwn) || (a.name < b.name ? -1 : 1);
}

function asProblem(problem: unknown): SpikewireError {
  if (problem instanceof SpikewireError) return problem;
  return new SpikewireError('unsupported', 'packages', `cannot be looked for (${String(problem)})`, undefined, problem);
}
