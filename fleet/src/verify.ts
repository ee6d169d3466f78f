import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import {
  LARGEST,
  type Offer,
  offerOf,
  pathOfTarget,
  RepositoryClient,
  type RepositorySource,
  ROLES,
  type Role,
  readMetadata,
  type Target,
  TrustFolder,
} from 'spikewire/agent';

/** What a device finds in a repository. */
export interface Verified {
  /** Versions, and until when the files of each role are valid, in milliseconds since 1970. */
  readonly roles: Readonly<Record<Role, { readonly version: number; readonly expires: number }>>;
  readonly offers: readonly Offer[];
  /** Targets that are not of spikewire. */
  readonly others: readonly string[];
}

/**
 * Reads a repository as a device does that has nothing but a trusted root, and every file that it names. Rejects as
 * the device would, with `link`, `access` or `file`.
 */
export async function verifyRepository(source: RepositorySource, root: Uint8Array, now: number): Promise<Verified> {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-verify-'));
  try {
    const trusted = new TrustFolder(folder);
    const { targets } = await new RepositoryClient({ source, folder: trusted, root, clock: () => now }).refresh();
    for (const target of targets.values()) await verifyTarget(source, target);
    const all = [...targets.values()].map((target) => ({ target, offer: offerOf(target) }));
    return {
      roles: await rolesOf(trusted),
      offers: all.map(({ offer }) => offer).filter((offer) => offer !== undefined),
      others: all.filter(({ offer }) => offer === undefined).map(({ target }) => target.name),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The first root of a repository: trusted where its owner looks at his own. */
export async function firstRoot(source: RepositorySource): Promise<Uint8Array> {
  const root = await source.read('metadata/1.root.json', LARGEST.root);
  if (root !== undefined) return root;
  throw new SpikewireError(
    'usage',
    source.where,
    'is not a repository',
    'the folder or URL of a repository; "spikewire fleet init" creates one',
  );
}

async function rolesOf(folder: TrustFolder): Promise<Verified['roles']> {
  const entries = ROLES.map(async (role) => {
    const bytes = await folder.read(role);
    const { version, expires } = readMetadata(bytes!, role, role);
    return [role, { version, expires }] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Verified['roles'];
}

async function verifyTarget(source: RepositorySource, target: Target): Promise<void> {
  const path = pathOfTarget(target);
  const hash = createHash('sha256');
  let length = 0;
  for await (const part of source.stream(path, 0)) {
    length += part.length;
    if (length > target.length) break;
    hash.update(part);
  }
  if (length === target.length && hash.digest('hex') === target.sha256) return;
  throw new SpikewireError('access', `${source.where}: ${path}`, 'is not the file that was signed');
}
