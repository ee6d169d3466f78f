import { type JsonTree, SpikewireError } from '@spikewire/models';
import { pathOfTarget, ROLES, type Role, type RoleKeys, readMetadata } from 'spikewire/agent';
import { type Document, rootPart, sign, snapshotPart, targetsPart, timestampPart, type Validity } from './documents.ts';
import { createKey, type SigningKey } from './signing-key.ts';
import { type Current, type Site, validityOf } from './site.ts';

/** Keys of a new repository: how many each role has, and how many of them must sign. */
export interface KeyCounts {
  readonly root: { readonly keys: number; readonly threshold: number };
  readonly targets: { readonly keys: number; readonly threshold: number };
}

/** What came of a change: whether devices get it now, and how many signatures are missing. */
export interface Outcome {
  readonly role: Role;
  readonly version: number;
  readonly missingSignatures: number;
}

export interface Change {
  readonly site: Site;
  readonly keys: readonly SigningKey[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Makes a repository without models, and the keys of all its roles. Rejects with `file` where there is one. */
export async function create(
  site: Site,
  keyFolder: string,
  { counts, validity, passphrase, now }: { counts: KeyCounts; validity: Validity; passphrase?: string; now: number },
): Promise<readonly SigningKey[]> {
  if ((await site.root()) !== undefined) {
    throw new SpikewireError('file', site.folder, 'is a repository already', 'a new folder');
  }
  const keysOf = async (role: Role, count: number, secret?: string) => {
    const names = Array.from({ length: count }, (_, k) => (count === 1 ? role : `${role}-${k + 1}`));
    return Promise.all(names.map((name) => createKey(keyFolder, name, secret)));
  };
  const keys = {
    root: await keysOf('root', counts.root.keys, passphrase),
    targets: await keysOf('targets', counts.targets.keys, passphrase),
    // These two sign often, also by a machine that nobody watches.
    snapshot: await keysOf('snapshot', 1),
    timestamp: await keysOf('timestamp', 1),
  };
  const threshold = (role: Role) => (role === 'root' || role === 'targets' ? counts[role].threshold : 1);
  const roles = forAll((role) => ({ keys: keys[role], threshold: threshold(role) }));
  const all = ROLES.flatMap((role) => keys[role]);
  const version = { version: 1, now, validity };
  const root = sign(rootPart(roles, version), 'root', all, keys.root);
  const targets = sign(targetsPart(new Map(), version), 'targets', all, keys.targets);
  const snapshot = sign(snapshotPart(targets, version), 'snapshot', all, keys.snapshot);
  const timestamp = sign(timestampPart(snapshot, version), 'timestamp', all, keys.timestamp);
  await site.write({ root, targets, snapshot, timestamp });
  return all;
}

/** Adds a model, or its next version, under a name. */
export async function publish(change: Change, name: string, bytes: Uint8Array, entry: JsonTree): Promise<Outcome> {
  const sha256 = ((entry as ReadonlyMap<string, JsonTree>).get('hashes') as ReadonlyMap<string, string>).get('sha256')!;
  await change.site.writeTarget(pathOfTarget({ name, sha256 }), bytes);
  return changeTargets(change, (targets) => targets.set(name, entry));
}

/** Takes a model from the list. Its file stays for devices that fetch it at this moment. */
export async function withdraw(change: Change, name: string): Promise<Outcome> {
  return changeTargets(change, (targets) => {
    if (targets.delete(name)) return;
    const names = [...targets.keys()].join(', ') || 'none';
    throw new SpikewireError('usage', `${change.site.folder}: ${name}`, 'is not published', `one of: ${names}`);
  });
}

async function changeTargets(change: Change, edit: (targets: Map<string, JsonTree>) => void): Promise<Outcome> {
  const current = await change.site.current();
  const staged = await change.site.staged('targets');
  if (staged !== undefined) {
    const problem = `waits for signatures since version ${staged.metadata.version}`;
    throw new SpikewireError('usage', `${change.site.folder}: targets`, problem, '"spikewire fleet sign" first');
  }
  const targets = new Map(current.targets.signed.get('targets') as ReadonlyMap<string, JsonTree>);
  edit(targets);
  const version = { ...change, version: current.targets.metadata.version + 1, validity: validityOf(current.root) };
  return offer(change, 'targets', targetsPart(targets, version), current.root);
}

/**
 * Replaces the keys of a role by new ones in a new root, which the keys of the old and the new root must sign.
 * @param added the new keys, which are among those of the change
 */
export async function rotate(change: Change, role: Role, added: readonly SigningKey[]): Promise<Outcome> {
  const { root } = await change.site.current();
  const before = root.metadata.roles;
  const threshold = Math.min(before[role].threshold, added.length);
  const roles = { ...before, [role]: { keys: added, threshold } };
  const version = { ...change, version: root.metadata.version + 1, validity: validityOf(root) };
  return offer(change, 'root', rootPart(roles, version), root);
}

/** Adds the signatures of the keys to what waits for some. Rejects with `usage` where nothing waits. */
export async function addSignatures(change: Change): Promise<readonly Outcome[]> {
  const { root } = await change.site.current();
  const outcomes: Outcome[] = [];
  for (const role of ['root', 'targets'] as const) {
    const staged = await change.site.staged(role);
    if (staged !== undefined) outcomes.push(await offer(change, role, staged.signed, root, staged.metadata.signatures));
  }
  if (outcomes.length > 0) return outcomes;
  throw new SpikewireError('usage', change.site.folder, 'has nothing that waits for signatures');
}

/** Signs the snapshot and the timestamp anew, before they expire. */
export async function renew(change: Change): Promise<void> {
  const { targets } = await change.site.current();
  await release(change, { targets: { bytes: targets.bytes, version: targets.metadata.version } });
}

/** Gives a file to devices where enough keys have signed it; else it waits for the others. */
async function offer(
  change: Change,
  role: 'root' | 'targets',
  signed: JsonTree,
  root: Current<'root'>,
  before: readonly { keyId: string; signature: string }[] = [],
): Promise<Outcome> {
  // A new root needs its own keys as well as those of the old one.
  const parties: RoleKeys[] = [root.metadata.roles[role]];
  const owners = () => parties.flatMap(({ keys }) => keys);
  let document = sign(signed, role, change.keys, owners(), before);
  if (role === 'root') {
    parties.push(readMetadata(document.bytes, 'root', 'root').roles.root);
    document = sign(signed, role, change.keys, owners(), before);
  }
  const { signatures } = readMetadata(document.bytes, role, role);
  const missing = parties.map(({ keys, threshold }) => {
    const count = keys.filter(({ id }) => signatures.some(({ keyId }) => keyId === id)).length;
    return Math.max(0, threshold - count);
  });
  const missingSignatures = Math.max(...missing);
  if (missingSignatures > 0) await change.site.stage(role, document);
  else {
    await release(change, { [role]: document });
    await change.site.unstage(role);
  }
  return { role, version: document.version, missingSignatures };
}

/** Writes files that have all signatures, with the snapshot and the timestamp that name them. */
async function release(change: Change, documents: Partial<Record<'root' | 'targets', Document>>): Promise<void> {
  const { site, keys, now } = change;
  const current = await site.current();
  const { roles } = documents.root ? readMetadata(documents.root.bytes, 'root', 'root') : current.root.metadata;
  const validity = validityOf(current.root);
  const next = (role: Role) => ({ version: current[role].metadata.version + 1, now, validity });
  const signNeeded = (part: JsonTree, role: Role) => {
    const document = sign(part, role, keys, roles[role].keys);
    if (readMetadata(document.bytes, role, role).signatures.length >= roles[role].threshold) return document;
    throw new SpikewireError('usage', 'keys', `do not include that of ${role}`, `the keys that sign ${role}`);
  };
  const old = { bytes: current.targets.bytes, version: current.targets.metadata.version };
  const targets = documents.targets ?? resigned(current, roles, old, signNeeded, next('targets'));
  const snapshot = signNeeded(snapshotPart(targets, next('snapshot')), 'snapshot');
  const timestamp = signNeeded(timestampPart(snapshot, next('timestamp')), 'timestamp');
  await site.write({ ...documents, targets, snapshot, timestamp });
}

/** The targets as they are, or, where their keys have changed, the same signed by the new ones. */
function resigned(
  current: { readonly targets: Current<'targets'> },
  roles: Readonly<Record<Role, RoleKeys>>,
  old: Document,
  signNeeded: (part: JsonTree, role: Role) => Document,
  version: { readonly version: number; readonly now: number; readonly validity: Validity },
): Document {
  const { keys, threshold } = roles.targets;
  const signers = current.targets.metadata.signatures.filter(({ keyId }) => keys.some(({ id }) => id === keyId));
  if (signers.length >= threshold) return old;
  const targets = current.targets.signed.get('targets') as ReadonlyMap<string, JsonTree>;
  return signNeeded(targetsPart(targets, version), 'targets');
}

function forAll<Value>(of: (role: Role) => Value): Readonly<Record<Role, Value>> {
  return Object.fromEntries(ROLES.map((role) => [role, of(role)])) as Record<Role, Value>;
}
