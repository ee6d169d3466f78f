import { realpath, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type JsonTree, parseJsonTree, SpikewireError } from '@spikewire/models';
import {
  LARGEST,
  type MetadataOf,
  RepositoryClient,
  type RepositorySource,
  ROLES,
  type Role,
  readMetadata,
  shownAddress,
  sourceOfRepository,
  type TrustFolder,
} from 'spikewire/agent';
import { prepareFile, writeWhole } from 'spikewire/cli';
import { nodeFileSystem } from 'spikewire/store';
import { DEFAULT_VALIDITY, type Document, pathOf, type Validity } from './documents.ts';

/** The current file of a role, as it was written and as it was read. */
export interface Current<Name extends Role> {
  readonly bytes: Uint8Array;
  readonly signed: ReadonlyMap<string, JsonTree>;
  readonly metadata: MetadataOf[Name];
}

/** Where a file waits for signatures. Devices do not look there. */
const STAGED = 'staged';

/** The last file of every role. */
export type CurrentFiles = { readonly [Name in Role]: Current<Name> };

/**
 * The folder of a repository, which its owner copies to a web server, a NAS or a USB stick, or serves as it is. Whoever
 * can write there must not get anything signed, so its owner reads it as a device does: from a root that he keeps with
 * his keys, and never older than he has seen it.
 */
export class Site {
  readonly folder: string;
  readonly #trust: TrustFolder;
  readonly #source: RepositorySource;

  /** @param trust what its owner knows of it, kept where nobody else can write */
  constructor(folder: string, trust: TrustFolder) {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(folder)) {
      throw new SpikewireError(
        'usage',
        shownAddress(folder),
        'is not a folder',
        'a folder, which is then copied there',
      );
    }
    this.folder = folder;
    this.#trust = trust;
    this.#source = sourceOfRepository(resolve(folder));
  }

  /** Whether the folder has a repository, be it complete or not. */
  async exists(): Promise<boolean> {
    return (await this.#source.read(pathOf('root', 1), LARGEST.root)) !== undefined;
  }

  /** Trusts the first root of a repository that is made now. */
  async trust({ bytes }: Document): Promise<void> {
    await this.#trust.write('root', bytes);
  }

  /**
   * What the repository has now; expired files too, since they are to be replaced. Rejects with `usage` where it is
   * none, and otherwise as {@link RepositoryClient.refresh}.
   */
  async current(): Promise<CurrentFiles> {
    if ((await this.#source.read(pathOf('timestamp', 0), LARGEST.timestamp)) === undefined) {
      const expected = 'the folder of a repository; "spikewire fleet init" creates one';
      throw new SpikewireError('usage', this.folder, 'is not a repository', expected);
    }
    const client = new RepositoryClient({ source: this.#source, folder: this.#trust, clock: () => 0 });
    await client.refresh().catch((cause: unknown) => {
      if (!(cause instanceof SpikewireError) || cause.code !== 'access') throw cause;
      throw SpikewireError.restore(cause.code, cause.where, `${this.folder}: ${cause.message}`);
    });
    const files = ROLES.map(async (role) => [role, read((await this.#trust.read(role))!, role, role)] as const);
    return Object.fromEntries(await Promise.all(files)) as unknown as CurrentFiles;
  }

  async staged<Name extends Role>(role: Name): Promise<Current<Name> | undefined> {
    const path = `${STAGED}/${role}.json`;
    const bytes = await this.#source.read(path, LARGEST[role]);
    return bytes && read(bytes, role, join(this.folder, path));
  }

  async stage(role: Role, { bytes }: Document): Promise<void> {
    await this.#write(`${STAGED}/${role}.json`, bytes);
  }

  async unstage(role: Role): Promise<void> {
    await rm(join(this.folder, STAGED, `${role}.json`), { force: true });
  }

  /**
   * Writes files in an order in which a device that reads meanwhile, or after a power failure, finds nothing half: no
   * file refers to one that is not there, and each is on the medium before the next is written. A new root comes last:
   * the keys of the old one, where they are at hand, have signed the others too.
   */
  async write(documents: Partial<Readonly<Record<Role, Document>>>): Promise<void> {
    for (const role of ['targets', 'snapshot', 'timestamp', 'root'] as const) {
      const document = documents[role];
      if (document !== undefined) await this.#write(pathOf(role, document.version), document.bytes);
    }
  }

  async writeTarget(path: string, bytes: Uint8Array): Promise<void> {
    await this.#write(path, bytes);
  }

  /** Folders that were made are only there for good when those above them say so. */
  async #syncFolders(path: string): Promise<void> {
    await nodeFileSystem.syncFolder(path);
    if (relative(this.folder, path) !== '') await this.#syncFolders(dirname(path));
    else await nodeFileSystem.syncFolder(dirname(resolve(path))).catch(() => {}); // not this user's to open
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const file = join(this.folder, path);
    const made = await prepareFile(file);
    await writeWhole(file, bytes, true);
    if (made === undefined) await nodeFileSystem.syncFolder(dirname(file));
    else await this.#syncFolders(dirname(file));
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

/** Secrets in the folder of a repository would be published with it. Throws `usage`. */
export async function refuseInside(site: string, option: string, path: string): Promise<void> {
  const way = relative(await realPath(site), await realPath(path));
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return;
  const expected = 'a place elsewhere, best on a medium that is kept offline';
  throw new SpikewireError('usage', `--${option} ${path}`, `lies in ${site}, which is published`, expected);
}

/** Without links, as far as the path exists. */
async function realPath(path: string): Promise<string> {
  const whole = resolve(path);
  const parent = dirname(whole);
  return realpath(whole).catch(async () => (parent === whole ? whole : join(await realPath(parent), basename(whole))));
}

function read<Name extends Role>(bytes: Uint8Array, role: Name, where: string): Current<Name> {
  const metadata = readMetadata(bytes, role, where);
  const document = parseJsonTree(Buffer.from(bytes).toString(), where) as ReadonlyMap<string, JsonTree>;
  return { bytes, metadata, signed: document.get('signed') as ReadonlyMap<string, JsonTree> };
}
