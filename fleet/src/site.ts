import { rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { type JsonTree, parseJsonTree, SpikewireError } from '@spikewire/models';
import {
  LARGEST,
  type MetadataOf,
  type RepositorySource,
  ROLES,
  type Role,
  readMetadata,
  sourceOfRepository,
} from 'spikewire/agent';
import { prepareFile, writeWhole } from 'spikewire/cli';
import { DEFAULT_VALIDITY, type Document, pathOf, type Validity } from './documents.ts';

/** The current file of a role, as it was written and as it was read. */
export interface Current<Name extends Role> {
  readonly bytes: Uint8Array;
  readonly signed: ReadonlyMap<string, JsonTree>;
  readonly metadata: MetadataOf[Name];
}

/** Where a file waits for signatures. Devices do not look there. */
const STAGED = 'staged';

/** The folder of a repository, which its owner copies to a web server, a NAS or a USB stick, or serves as it is. */
export class Site {
  readonly folder: string;
  readonly #source: RepositorySource;

  constructor(folder: string) {
    this.folder = folder;
    this.#source = sourceOfRepository(resolve(folder));
  }

  /** The last root; undefined where there is no repository yet. */
  async root(): Promise<Current<'root'> | undefined> {
    let last: Current<'root'> | undefined;
    for (let version = 1; ; version++) {
      const next = await this.#read('root', pathOf('root', version));
      if (next === undefined) return last;
      last = next;
    }
  }

  /** What the repository has now. Rejects with `usage` where it is none. */
  async current(): Promise<{ readonly [Name in Role]: Current<Name> }> {
    const root = await this.root();
    const timestamp = await this.#read('timestamp', pathOf('timestamp', 0));
    if (root === undefined || timestamp === undefined) {
      throw new SpikewireError(
        'usage',
        this.folder,
        'is not a repository',
        'a folder that "spikewire fleet init" made',
      );
    }
    const snapshot = await this.#needed('snapshot', timestamp.metadata.snapshot.version);
    const named = snapshot.metadata.meta.get('targets.json');
    if (named === undefined) throw new SpikewireError('file', `${this.folder}: snapshot`, 'names no targets.json');
    return { root, timestamp, snapshot, targets: await this.#needed('targets', named.version) };
  }

  staged<Name extends Role>(role: Name): Promise<Current<Name> | undefined> {
    return this.#read(role, `${STAGED}/${role}.json`);
  }

  async stage(role: Role, { bytes }: Document): Promise<void> {
    await this.#write(`${STAGED}/${role}.json`, bytes);
  }

  async unstage(role: Role): Promise<void> {
    await rm(join(this.folder, STAGED, `${role}.json`), { force: true });
  }

  /** Writes files in an order in which a device that reads meanwhile finds nothing half: the timestamp is last. */
  async write(documents: Partial<Readonly<Record<Role, Document>>>): Promise<void> {
    for (const role of ['targets', 'snapshot', 'root', 'timestamp'] as const) {
      const document = documents[role];
      if (document !== undefined) await this.#write(pathOf(role, document.version), document.bytes);
    }
  }

  async writeTarget(path: string, bytes: Uint8Array): Promise<void> {
    await this.#write(path, bytes);
  }

  async #needed<Name extends Role>(role: Name, version: number): Promise<Current<Name>> {
    const found = await this.#read(role, pathOf(role, version));
    if (found !== undefined) return found;
    throw new SpikewireError('file', join(this.folder, pathOf(role, version)), 'does not exist', 'a whole repository');
  }

  async #read<Name extends Role>(role: Name, path: string): Promise<Current<Name> | undefined> {
    const bytes = await this.#source.read(path, LARGEST[role]);
    if (bytes === undefined) return undefined;
    const where = join(this.folder, path);
    const metadata = readMetadata(bytes, role, where);
    const document = parseJsonTree(Buffer.from(bytes).toString(), where) as ReadonlyMap<string, JsonTree>;
    return { bytes, metadata, signed: document.get('signed') as ReadonlyMap<string, JsonTree> };
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const file = join(this.folder, path);
    await prepareFile(file);
    await writeWhole(file, bytes);
  }
}

/** For how long files of each role are valid, as the root says. */
export function validityOf(root: Current<'root'>): Validity {
  const said = root.signed.get('spikewire');
  const days = said instanceof Map ? said.get('days') : undefined;
  const of = (role: Role) => (days instanceof Map ? days.get(role) : undefined);
  const number = (role: Role) => (Number.isSafeInteger(of(role)) ? (of(role) as number) : DEFAULT_VALIDITY[role]);
  return Object.fromEntries(ROLES.map((role) => [role, number(role)])) as Validity;
}

/** Private keys in the folder of a repository would be published with it. Throws `usage`. */
export function refuseKeysInside(site: string, keys: string): void {
  const way = relative(resolve(site), resolve(keys));
  if (way.startsWith('..')) return;
  const problem = `lies in ${site}, which is published`;
  throw new SpikewireError(
    'usage',
    `--keys ${keys}`,
    problem,
    'a folder elsewhere, best on a medium that is kept offline',
  );
}
