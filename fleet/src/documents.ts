import { createHash } from 'node:crypto';
import { formatJsonTree, type JsonTree } from '@spikewire/models';
import {
  canonicalJson,
  isSignedBy,
  keyTree,
  type PublicKey,
  ROLES,
  type Role,
  type RoleKeys,
  readMetadata,
} from 'spikewire/agent';
import type { SigningKey } from './signing-key.ts';

/*
 * The four files of TUF 1.0.34 as trees of JSON, and their signatures.
 */

/** Days for which files of each role are valid after they are signed. */
export type Validity = Readonly<Record<Role, number>>;

/**
 * A repository on a NAS or a stick is signed by hand: its timestamp must last until somebody does so again. Shorter is
 * safer; whoever withholds updates from a device can do so, unnoticed, for as long.
 */
export const DEFAULT_VALIDITY: Validity = { root: 730, targets: 365, snapshot: 30, timestamp: 30 };

const SPECIFICATION = '1.0.31';
export const DAY_MS = 86_400_000;
const LINE_WIDTH = 100;

type Entries = Readonly<Record<string, JsonTree>>;
const tree = (entries: Entries): ReadonlyMap<string, JsonTree> => new Map(Object.entries(entries));

interface Version {
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly validity: Validity;
}

function signedPart(role: Role, { version, now, validity }: Version, more: Entries): ReadonlyMap<string, JsonTree> {
  const expires = `${new Date(now + validity[role] * DAY_MS).toISOString().slice(0, 19)}Z`;
  return tree({ _type: role, expires, spec_version: SPECIFICATION, version, ...more });
}

/** What root says: the keys of each role, and for how long their files are valid. */
export function rootPart(roles: Readonly<Record<Role, RoleKeys>>, version: Version): ReadonlyMap<string, JsonTree> {
  const keys = new Map(ROLES.flatMap((role) => roles[role].keys).map(({ id, bytes }) => [id, keyTree(bytes)]));
  const listed = ROLES.map((role) => [role, roleTree(roles[role])] as const);
  return signedPart('root', version, {
    consistent_snapshot: true,
    keys,
    roles: new Map(listed),
    spikewire: tree({ days: tree(version.validity) }),
  });
}

function roleTree({ keys, threshold }: RoleKeys): JsonTree {
  return tree({ keyids: keys.map(({ id }) => id), threshold });
}

/** @param targets entries by name, as {@link targetEntry} makes them */
export function targetsPart(targets: ReadonlyMap<string, JsonTree>, version: Version): ReadonlyMap<string, JsonTree> {
  return signedPart('targets', version, { targets });
}

export function targetEntry(bytes: Uint8Array, custom: JsonTree): JsonTree {
  return tree({ custom, hashes: tree({ sha256: sha256(bytes) }), length: bytes.length });
}

export function snapshotPart(targets: Document, version: Version): ReadonlyMap<string, JsonTree> {
  return signedPart('snapshot', version, { meta: tree({ 'targets.json': referenceTo(targets) }) });
}

export function timestampPart(snapshot: Document, version: Version): ReadonlyMap<string, JsonTree> {
  return signedPart('timestamp', version, { meta: tree({ 'snapshot.json': referenceTo(snapshot) }) });
}

function referenceTo({ bytes, version }: Document): JsonTree {
  return tree({ hashes: tree({ sha256: sha256(bytes) }), length: bytes.length, version });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A signed file. */
export interface Document {
  readonly bytes: Uint8Array;
  readonly version: number;
}

/** Signs with those keys that are among the owners. Right signatures of owners that are there stay. */
export function sign(
  signed: JsonTree,
  role: Role,
  keys: readonly SigningKey[],
  owners: readonly PublicKey[],
  before: readonly { readonly keyId: string; readonly signature: string }[] = [],
): Document {
  const message = canonicalJson(signed, role);
  const right = before.filter(({ keyId, signature }) => {
    return owners.some((owner) => owner.id === keyId && isSignedBy(owner, message, signature));
  });
  const signatures = new Map(right.map(({ keyId, signature }) => [keyId, signature]));
  for (const key of keys) {
    if (owners.some(({ id }) => id === key.id)) signatures.set(key.id, key.sign(message));
  }
  const list = [...signatures].map(([keyid, sig]) => tree({ keyid, sig }));
  const bytes = Buffer.from(`${formatJsonTree(tree({ signatures: list, signed }), LINE_WIDTH)}\n`);
  return { bytes, version: readMetadata(bytes, role, role).version };
}

/** How many signatures of a role's keys are still missing. */
export function missingSignatures({ bytes }: Document, role: Role, { keys, threshold }: RoleKeys): number {
  const { signatures } = readMetadata(bytes, role, role);
  const count = keys.filter(({ id }) => signatures.some(({ keyId }) => keyId === id)).length;
  return Math.max(0, threshold - count);
}

/** Where a file stands in the repository: the timestamp has no version in its name, all others do. */
export function pathOf(role: Role, version: number): string {
  return role === 'timestamp' ? 'metadata/timestamp.json' : `metadata/${version}.${role}.json`;
}
