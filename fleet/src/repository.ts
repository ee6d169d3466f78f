import { type JsonTree, SpikewireError } from '@spikewire/models';
import { type PublicKey, pathOfTarget, ROLES, type Role, type RoleKeys, readMetadata } from 'spikewire/agent';
import { changesOf } from './changes.ts';
import {
  DAY_MS,
  type Document,
  missingSignatures,
  rootPart,
  sign,
  snapshotPart,
  targetsPart,
  timestampPart,
  type Validity,
} from './documents.ts';
import { createKey, type SigningKey } from './signing-key.ts';
import { type CurrentFiles, type Site, validityOf } from './site.ts';

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
  /** Roles whose keys must sign too before devices get it, and are not at hand. */
  readonly missingKeys: readonly Role[];
  /** What is different from what devices have, a line each. */
  readonly changes: readonly string[];
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
  if (await site.exists()) {
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
  await site.trust(root);
  await site.write({ root, targets, snapshot, timestamp });
  return all;
}

/** Adds a model, or its next version, under a name. */
export async function publish(change: Change, name: string, bytes: Uint8Array, entry: JsonTree): Promise<Outcome> {
  const sha256 = ((entry as ReadonlyMap<string, JsonTree>).get('hashes') as ReadonlyMap<string, string>).get('sha256')!;
  const put = () => change.site.writeTarget(pathOfTarget({ name, sha256 }), bytes);
  return changeTargets(change, (targets) => targets.set(name, entry), put);
}

/**
 * Takes a model from the list, by its whole name or, where that is enough, by the last part of it without extension.
 * Its file stays for devices that fetch it at this moment.
 */
export async function withdraw(change: Change, name: string): Promise<Outcome> {
  return changeTargets(change, (targets) => {
    const [only, ...others] = [...targets.keys()].filter((key) => key.endsWith(`/${name}.spike`));
    if (targets.delete(name) || (only !== undefined && others.length === 0 && targets.delete(only))) return;
    const names = [...targets.keys()].join(', ') || 'none';
    throw new SpikewireError('usage', `${change.site.folder}: ${name}`, 'is not published', `one of: ${names}`);
  });
}

async function changeTargets(
  change: Change,
  edit: (targets: Map<string, JsonTree>) => void,
  prepare = async () => {},
): Promise<Outcome> {
  const current = await change.site.current();
  await refuseStaged(change.site, 'targets');
  const targets = new Map(current.targets.signed.get('targets') as ReadonlyMap<string, JsonTree>);
  edit(targets);
  const version = { ...change, version: current.targets.metadata.version + 1, validity: validityOf(current.root) };
  const draft = drafted(change, current, 'targets', targetsPart(targets, version));
  await prepare();
  return offer(change, current, draft);
}

async function refuseStaged(site: Site, role: 'root' | 'targets'): Promise<void> {
  const staged = await site.staged(role);
  if (staged === undefined) return;
  const problem = `waits for signatures since version ${staged.metadata.version}`;
  throw new SpikewireError('usage', `${site.folder}: ${role}`, problem, '"spikewire fleet sign" first');
}

/**
 * Replaces the keys of a role by new ones in a new root, which the keys of the old and the new root must sign.
 * @param makeKeys makes the new keys, as many as there were, for a root of a version
 */
export async function rotate(
  change: Change,
  role: Role,
  makeKeys: (count: number, version: number) => Promise<readonly SigningKey[]>,
): Promise<Outcome> {
  const current = await change.site.current();
  await refuseStaged(change.site, 'root');
  const { roles: before, version: last } = current.root.metadata;
  requireOwner(change.keys, before.root.keys, 'root');
  const added = await makeKeys(before[role].keys.length, last + 1);
  const roles = { ...before, [role]: { keys: added, threshold: before[role].threshold } };
  const signed = rootPart(roles, { ...change, version: last + 1, validity: validityOf(current.root) });
  const all = { ...change, keys: [...change.keys, ...added] };
  const draft = drafted(all, current, 'root', signed);
  // So that a process that is killed loses no key.
  await change.site.stage('root', draft.document);
  return offer(all, current, draft);
}

/** Adds the signatures of the keys to what waits for some. Rejects with `usage` where nothing waits. */
export async function addSignatures(change: Change): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const role of ['root', 'targets'] as const) {
    const current = await change.site.current();
    const staged = await change.site.staged(role);
    if (staged === undefined) continue;
    const { version, signatures, signed } = staged.metadata;
    const last = current[role].metadata;
    if (version > last.version) {
      outcomes.push(await offer(change, current, drafted(change, current, role, staged.signed, signatures)));
      continue;
    }
    await change.site.unstage(role);
    if (version < last.version || Buffer.compare(signed, last.signed) !== 0) {
      const problem = `version ${version}, which waited, was overtaken by version ${last.version}`;
      throw new SpikewireError('usage', `${change.site.folder}: ${role}`, problem, 'the same change again');
    }
    outcomes.push({ role, version, missingSignatures: 0, missingKeys: [], changes: [] });
  }
  if (outcomes.length > 0) return outcomes;
  throw new SpikewireError('usage', change.site.folder, 'has nothing that waits for signatures');
}

/** Until when the files of a role are valid, in milliseconds since 1970. */
export interface Expiry {
  readonly role: Role;
  readonly expires: number;
}

/** What came of a renewal. */
export interface Renewal {
  /** The role that expires first. */
  readonly first: Expiry;
  /** Roles whose files were signed anew, beside snapshot and timestamp. */
  readonly renewed: readonly Role[];
  /** Roles that expire before long, and whose keys were not at hand. */
  readonly due: readonly Expiry[];
}

/** Part of its time that a file of root or targets is still valid when it is renewed, or missing keys are reported. */
const RENEWED_AT = 1 / 2;
const REPORTED_AT = 1 / 4;

/**
 * Signs the snapshot and the timestamp anew, before they expire. The list of models and the root are valid for long: they
 * are signed anew in the second half of that time, where enough of their keys are at hand and no other version of them
 * waits for signatures.
 */
export async function renew(change: Change): Promise<Renewal> {
  const before = await change.site.current();
  const documents = await renewedDocuments(change, before);
  const missing = await release(change, before, documents);
  if (missing.length > 0) {
    const names = missing.join(' and ');
    throw new SpikewireError('usage', '--keys', `the keys of ${names} are missing`, 'a folder that has them');
  }
  const current = await change.site.current();
  const ends = ROLES.map((role) => ({ role, expires: current[role].metadata.expires }));
  const first = ends.reduce((first, each) => (each.expires < first.expires ? each : first));
  const due = LONG_VALID.filter((role) => remaining(change, current, role) < REPORTED_AT);
  return {
    first,
    renewed: LONG_VALID.filter((role) => role in documents),
    due: ends.filter(({ role }) => due.some((each) => each === role)),
  };
}

const LONG_VALID = ['root', 'targets'] as const;

/** Part of the time for which files of a role are valid that is left; negative where the present one has expired. */
function remaining({ now }: Change, current: CurrentFiles, role: 'root' | 'targets'): number {
  return (current[role].metadata.expires - now) / (validityOf(current.root)[role] * DAY_MS);
}

async function renewedDocuments(
  change: Change,
  current: CurrentFiles,
): Promise<Partial<Record<'root' | 'targets', Document>>> {
  const { roles } = current.root.metadata;
  const documents: Partial<Record<'root' | 'targets', Document>> = {};
  for (const role of LONG_VALID) {
    if (remaining(change, current, role) >= RENEWED_AT || (await change.site.staged(role)) !== undefined) continue;
    const version = { ...change, version: current[role].metadata.version + 1, validity: validityOf(current.root) };
    const list = current.targets.signed.get('targets') as ReadonlyMap<string, JsonTree>;
    const part = role === 'root' ? rootPart(roles, version) : targetsPart(list, version);
    const document = sign(part, role, change.keys, roles[role].keys);
    if (missingSignatures(document, role, roles[role]) === 0) documents[role] = document;
  }
  return documents;
}

/** A new file of a role, with those signatures that there are, and who must sign it. */
interface Draft {
  readonly role: 'root' | 'targets';
  readonly document: Document;
  readonly changes: readonly string[];
  readonly parties: readonly RoleKeys[];
}

/**
 * Rejects with `usage` where no key of an owner is at hand, and with `access` where no owner has signed what waited: it
 * may come from anybody who can write there.
 * @param before signatures of a file that waited
 */
function drafted(
  { keys }: Change,
  current: CurrentFiles,
  role: 'root' | 'targets',
  signed: ReadonlyMap<string, JsonTree>,
  before?: readonly { readonly keyId: string; readonly signature: string }[],
): Draft {
  const owners = current.root.metadata.roles[role];
  // The keys of the old root and of the new one must sign a new root.
  const own = role === 'root' ? [readMetadata(sign(signed, role, [], []).bytes, role, role).roles.root] : [];
  const parties = [owners, ...own];
  const everybody = parties.flatMap((party) => party.keys);
  if (before === undefined) requireOwner(keys, owners.keys, role);
  else if (readMetadata(sign(signed, role, [], owners.keys, before).bytes, role, role).signatures.length === 0) {
    throw new SpikewireError('access', `staged ${role}`, 'has no right signature', `a signature of a ${role} key`);
  }
  const changes = changesOf(role, current[role].signed, signed);
  return { role, document: sign(signed, role, keys, everybody, before), changes, parties };
}

function requireOwner(keys: readonly SigningKey[], owners: readonly PublicKey[], role: Role): void {
  if (owners.some(({ id }) => keys.some((key) => key.id === id))) return;
  throw new SpikewireError('usage', 'keys', `do not include one of ${role}`, `a key that signs ${role}`);
}

/** Gives a file to devices where enough keys have signed it; else it waits for the others. */
async function offer(change: Change, current: CurrentFiles, draft: Draft): Promise<Outcome> {
  const { role, document, changes, parties } = draft;
  const missing = Math.max(...parties.map((party) => missingSignatures(document, role, party)));
  const missingKeys = missing > 0 ? [] : await release(change, current, { [role]: document });
  if (missing > 0 || missingKeys.length > 0) await change.site.stage(role, document);
  else await change.site.unstage(role);
  return { role, version: document.version, missingSignatures: missing, missingKeys, changes };
}

/**
 * Writes files that have all signatures, with the snapshot and the timestamp that name them. Where keys for that are
 * not at hand, it returns their roles and writes nothing.
 */
async function release(
  change: Change,
  current: CurrentFiles,
  documents: Partial<Record<'root' | 'targets', Document>>,
): Promise<readonly Role[]> {
  const before = current.root.metadata.roles;
  const after = documents.root ? readMetadata(documents.root.bytes, 'root', 'root').roles : before;
  const validity = validityOf(current.root);
  const missing: Role[] = [];
  const next = (role: Role) => ({ version: current[role].metadata.version + 1, now: change.now, validity });
  // The keys of the old root sign too, so that devices read the files before and after they get the new one.
  const resign = (part: JsonTree, role: Role) => {
    const document = sign(part, role, change.keys, [...after[role].keys, ...before[role].keys]);
    if (missingSignatures(document, role, after[role]) > 0) missing.push(role);
    return document;
  };
  const old = { bytes: current.targets.bytes, version: current.targets.metadata.version };
  const list = current.targets.signed.get('targets') as ReadonlyMap<string, JsonTree>;
  const isSigned = missingSignatures(old, 'targets', after.targets) === 0;
  const kept = () => (isSigned ? old : resign(targetsPart(list, next('targets')), 'targets'));
  const targets = documents.targets ?? kept();
  const snapshot = resign(snapshotPart(targets, next('snapshot')), 'snapshot');
  const timestamp = resign(timestampPart(snapshot, next('timestamp')), 'timestamp');
  if (missing.length > 0) return missing;
  await change.site.write({ ...documents, targets, snapshot, timestamp });
  await change.site.current();
  return [];
}

function forAll<Value>(of: (role: Role) => Value): Readonly<Record<Role, Value>> {
  return Object.fromEntries(ROLES.map((role) => [role, of(role)])) as Record<Role, Value>;
}
