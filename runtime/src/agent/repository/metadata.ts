import { type JsonTree, parseJsonTree, SpikewireError } from '@spikewire/models';
import { canonicalJson } from './canonical-json.ts';
import { keyId, type PublicKey } from './keys.ts';

/** The four roles of TUF that sign. Delegations are not read: a model that only a delegation names does not exist. */
export const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const;
export type Role = (typeof ROLES)[number];

/** The largest file of each role, in bytes, that is read. */
export const LARGEST: Readonly<Record<Role, number>> = {
  root: 1 << 16,
  timestamp: 1 << 14,
  snapshot: 1 << 16,
  targets: 1 << 21,
};

/** Who may sign for a role: keys by id, and how many of them must. */
export interface RoleKeys {
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
}

/** What names another metadata file. Length in bytes and SHA-256 in hex are optional in TUF. */
export interface MetadataReference {
  readonly version: number;
  readonly length: number | undefined;
  readonly sha256: string | undefined;
}

/** A file that `targets` signs. */
export interface Target {
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  /** In hex. */
  readonly sha256: string;
  /** What spikewire or others add. */
  readonly custom: JsonTree | undefined;
}

/** What all roles have in common, read from one file. */
export interface Metadata {
  readonly role: Role;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly signatures: readonly { readonly keyId: string; readonly signature: string }[];
  /** The bytes that the signatures sign. */
  readonly signed: Uint8Array;
}

export interface RootMetadata extends Metadata {
  readonly role: 'root';
  readonly roles: Readonly<Record<Role, RoleKeys>>;
}

export interface TimestampMetadata extends Metadata {
  readonly role: 'timestamp';
  readonly snapshot: MetadataReference;
}

export interface SnapshotMetadata extends Metadata {
  readonly role: 'snapshot';
  /** By file name without version, such as `targets.json`. */
  readonly meta: ReadonlyMap<string, MetadataReference>;
}

export interface TargetsMetadata extends Metadata {
  readonly role: 'targets';
  readonly targets: ReadonlyMap<string, Target>;
}

export interface MetadataOf {
  readonly root: RootMetadata;
  readonly timestamp: TimestampMetadata;
  readonly snapshot: SnapshotMetadata;
  readonly targets: TargetsMetadata;
}

/** Deeper nesting than any metadata needs. */
const DEPTH = 16;
/** More signatures than any role has; each costs a verification. */
const MOST_SIGNATURES = 32;
const MOST_KEYS = 64;

/**
 * Reads a metadata file of TUF 1.0. Total: any bytes give metadata or an error of code `file`. No signature is checked.
 * @param where how errors name the file
 */
export function readMetadata<Name extends Role>(bytes: Uint8Array, role: Name, where: string): MetadataOf[Name] {
  if (bytes.length > LARGEST[role]) {
    throw new SpikewireError('file', where, `has ${bytes.length} bytes`, `at most ${LARGEST[role]}`);
  }
  const document = new Field(parseJsonTree(textOf(bytes, where), where, { depth: DEPTH }), where);
  const signed = document.at('signed');
  const type = signed.at('_type').text();
  if (type !== role) throw new SpikewireError('file', where, `is of the role "${type}"`, role);
  const specification = signed.at('spec_version').text();
  if (!/^1\.\d+(\.\d+)?$/.test(specification)) {
    throw new SpikewireError('file', where, `follows TUF ${specification}`, 'TUF 1');
  }
  const common: Metadata = {
    role,
    version: signed.at('version').count(1),
    expires: signed.at('expires').time(),
    signatures: readSignatures(document.at('signatures')),
    signed: canonicalJson(signed.tree, where),
  };
  return { ...common, ...readers[role](signed) } as unknown as MetadataOf[Name];
}

const readers: { readonly [Name in Role]: (signed: Field) => Omit<MetadataOf[Name], keyof Metadata> } = {
  root: (signed) => ({ roles: readRoles(signed) }),
  timestamp: (signed) => ({ snapshot: readReference(signed.at('meta').at('snapshot.json')) }),
  snapshot: (signed) => ({ meta: signed.at('meta').map(readReference) }),
  targets: (signed) => ({ targets: signed.at('targets').map(readTarget) }),
};

/** A key that signs twice is refused, as other clients do. */
function readSignatures(field: Field): Metadata['signatures'] {
  const signatures = field.list(MOST_SIGNATURES).map(readSignature);
  if (new Set(signatures.map(({ keyId }) => keyId)).size === signatures.length) return signatures;
  throw field.wrong('one signature of each key');
}

function readSignature(field: Field): { keyId: string; signature: string } {
  return { keyId: field.at('keyid').text(), signature: field.at('sig').text() };
}

function readRoles(signed: Field): Readonly<Record<Role, RoleKeys>> {
  if (signed.at('consistent_snapshot').tree !== true) throw signed.at('consistent_snapshot').wrong('true');
  const keys = signed.at('keys').map(readKey, MOST_KEYS);
  const roles = signed.at('roles');
  return Object.fromEntries(ROLES.map((role) => [role, readRole(roles.at(role), keys)])) as Record<Role, RoleKeys>;
}

/** A key of another scheme is passed over: it counts for nothing. */
function readKey(field: Field, id: string): PublicKey | undefined {
  if (field.at('scheme').text() !== 'ed25519' || field.at('keytype').text() !== 'ed25519') return undefined;
  const bytes = field.at('keyval').at('public').text();
  if (!/^[0-9a-f]{64}$/.test(bytes)) throw field.wrong('32 bytes in lower-case hex');
  const right = keyId(field.tree, field.where);
  if (id !== right) throw field.wrong(`the id ${right}`);
  return { id, bytes };
}

function readRole(field: Field, keys: ReadonlyMap<string, PublicKey | undefined>): RoleKeys {
  const listed = field.at('keyids');
  const ids = listed.list(MOST_KEYS).map((id) => id.text());
  if (new Set(ids).size < ids.length) throw listed.wrong('each key once');
  const known = ids.map((id) => keys.get(id)).filter((key) => key !== undefined);
  return { keys: known, threshold: field.at('threshold').count(1) };
}

function readReference(field: Field): MetadataReference {
  return {
    version: field.at('version').count(1),
    length: field.optional('length')?.count(1),
    sha256: field.optional('hashes')?.at('sha256').hash(),
  };
}

function readTarget(field: Field, name: string): Target {
  if (!isSafeName(name))
    throw field.wrong(`a relative path of letters, digits, "-", "_" and ".", at most ${LONGEST_NAME}`);
  return {
    name,
    length: field.at('length').count(0),
    sha256: field.at('hashes').at('sha256').hash(),
    custom: field.optional('custom')?.tree,
  };
}

/** With a hash before it and an ending behind it, still a name of a file on any system. */
export const LONGEST_NAME = 128;

/** Whether a target may have the name, which becomes part of an address and of a path. */
export function isSafeName(name: string): boolean {
  return name.length <= LONGEST_NAME && /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(name);
}

function textOf(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SpikewireError('file', where, 'is not UTF-8', 'a JSON file', cause);
  }
}

/** One place in a document, which errors can name. */
class Field {
  readonly tree: JsonTree;
  readonly where: string;

  constructor(tree: JsonTree, where: string) {
    this.tree = tree;
    this.where = where;
  }

  at(name: string): Field {
    return this.optional(name) ?? new Field(null, `${this.where}: ${name}`).missing();
  }

  optional(name: string): Field | undefined {
    const value = this.#object().get(name);
    return value === undefined ? undefined : new Field(value, `${this.where}: ${name}`);
  }

  /** What an object holds, each by its name. */
  map<Value>(read: (field: Field, name: string) => Value, most = Number.POSITIVE_INFINITY): ReadonlyMap<string, Value> {
    const object = this.#object();
    if (object.size > most) throw this.wrong(`at most ${most} entries`);
    return new Map([...object].map(([name, tree]) => [name, read(new Field(tree, `${this.where}: ${name}`), name)]));
  }

  list(most: number): readonly Field[] {
    const { tree } = this;
    if (!Array.isArray(tree) || tree.length > most) throw this.wrong(`a list of at most ${most}`);
    return tree.map((each: JsonTree, k) => new Field(each, `${this.where}[${k}]`));
  }

  text(): string {
    if (typeof this.tree !== 'string') throw this.wrong('a string');
    return this.tree;
  }

  count(least: number): number {
    if (!Number.isSafeInteger(this.tree) || (this.tree as number) < least)
      throw this.wrong(`a whole number ≥ ${least}`);
    return this.tree as number;
  }

  hash(): string {
    const text = this.text();
    if (!/^[0-9a-f]{64}$/.test(text)) throw this.wrong('64 digits of lower-case hex');
    return text;
  }

  /** Milliseconds since 1970. */
  time(): number {
    const text = this.text();
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(time)) throw this.wrong('a time such as 2027-01-31T12:00:00Z');
    return time;
  }

  wrong(expected: string): SpikewireError {
    return new SpikewireError('file', this.where, 'is invalid', expected);
  }

  missing(): never {
    throw new SpikewireError('file', this.where, 'is missing');
  }

  #object(): ReadonlyMap<string, JsonTree> {
    if (!(this.tree instanceof Map)) throw this.wrong('an object');
    return this.tree;
  }
}
