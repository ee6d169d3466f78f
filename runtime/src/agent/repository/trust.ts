import { createHash } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import { isSignedBy } from './keys.ts';
import {
  LARGEST,
  type Metadata,
  type MetadataReference,
  type Role,
  type RoleKeys,
  type RootMetadata,
  readMetadata,
  type SnapshotMetadata,
  type TargetsMetadata,
  type TimestampMetadata,
} from './metadata.ts';

/**
 * Takes the metadata of a repository in the order root, timestamp, snapshot, targets, and each file only where the
 * keys, versions, hashes and times of TUF 1.0.34, section 5.3 to 5.6, allow it. Errors have the code `access` where a
 * file is not to be trusted, and `file` where it is malformed; what was taken before stays.
 */
export class Trust {
  root: RootMetadata;
  timestamp: TimestampMetadata | undefined;
  snapshot: SnapshotMetadata | undefined;
  targets: TargetsMetadata | undefined;
  /** Milliseconds since 1970 against which files expire. */
  readonly #now: number;

  /**
   * @param root bytes of a root that is trusted: it came with the device, or a later one was taken before
   * @param now milliseconds since 1970, never less than the latest time that the device has known
   */
  constructor(root: Uint8Array, now: number) {
    this.root = readMetadata(root, 'root', 'root');
    this.#now = now;
    checkSignatures(this.root, this.root.roles.root, 'root');
  }

  /** A root is followed by the next version, which the keys of both must sign (5.3.4, 5.3.5). */
  nextRoot(bytes: Uint8Array): void {
    const next = readMetadata(bytes, 'root', 'root');
    checkSignatures(next, this.root.roles.root, 'root');
    checkSignatures(next, next.roles.root, 'root');
    checkVersion(next, this.root.version + 1, 'root');
    this.root = next;
  }

  /** Call it when there is no next root: roots on the way may have expired, the last one may not (5.3.10). */
  lastRoot(): void {
    this.#checkTime(this.root, 'root');
  }

  /**
   * Takes a timestamp (5.4). One of the known version is the known one, whatever it says. Returns whether it is new.
   * @param isKept it was trusted before and kept: later ones are compared with it, and it may have expired
   */
  nextTimestamp(bytes: Uint8Array, isKept = false): boolean {
    const next = readMetadata(bytes, 'timestamp', 'timestamp');
    checkSignatures(next, this.root.roles.timestamp, 'timestamp');
    const known = this.timestamp;
    const isNew = next.version !== known?.version;
    if (known !== undefined && isNew) {
      refuseOlder('timestamp', next.version, known.version);
      refuseOlder('timestamp: snapshot.json', next.snapshot.version, known.snapshot.version);
    }
    if (isNew) this.timestamp = next;
    if (!isKept) this.#checkTime(this.timestamp!, 'timestamp');
    return isNew;
  }

  /**
   * Takes the snapshot that the timestamp names (5.5).
   * @param isKept it was trusted before and kept: later ones are compared with it, and it may have expired
   */
  nextSnapshot(bytes: Uint8Array, isKept = false): void {
    if (!isKept) checkContent(bytes, this.snapshotReference, 'snapshot');
    const next = readMetadata(bytes, 'snapshot', 'snapshot');
    checkSignatures(next, this.root.roles.snapshot, 'snapshot');
    if (!isKept) checkVersion(next, this.snapshotReference.version, 'snapshot');
    for (const [name, known] of this.snapshot?.meta ?? []) {
      const now = next.meta.get(name);
      if (now === undefined) throw new SpikewireError('access', 'snapshot', `no longer names ${name}`);
      refuseOlder(`snapshot: ${name}`, now.version, known.version);
    }
    this.snapshot = next;
    if (!isKept) this.#checkTime(next, 'snapshot');
  }

  /** Takes the targets that the snapshot names (5.6). */
  nextTargets(bytes: Uint8Array): void {
    const named = this.targetsReference;
    checkContent(bytes, named, 'targets');
    const next = readMetadata(bytes, 'targets', 'targets');
    checkSignatures(next, this.root.roles.targets, 'targets');
    checkVersion(next, named.version, 'targets');
    this.#checkTime(next, 'targets');
    this.targets = next;
  }

  /** The snapshot that the timestamp names. */
  get snapshotReference(): MetadataReference {
    if (this.timestamp === undefined) throw new SpikewireError('access', 'snapshot', 'is not named by a timestamp yet');
    return this.timestamp.snapshot;
  }

  /** The targets that the snapshot names. */
  get targetsReference(): MetadataReference {
    const named = this.snapshot?.meta.get('targets.json');
    if (named === undefined) throw new SpikewireError('access', 'snapshot', 'does not name targets.json');
    return named;
  }

  #checkTime({ expires }: Metadata, where: string): void {
    if (expires > this.#now) return;
    const [end, now] = [expires, this.#now].map((time) => new Date(time).toISOString());
    throw new SpikewireError('access', where, `expired at ${end}`, `a file that is valid at ${now}`);
  }
}

/** The most bytes that the file of a role may have, where a file names it. */
export function largestOf(role: Role, reference?: MetadataReference): number {
  return Math.min(reference?.length ?? LARGEST[role], LARGEST[role]);
}

/** Refuses bytes of another length or hash than was named. */
export function checkContent(
  bytes: Uint8Array,
  { length, sha256 }: Pick<MetadataReference, 'length' | 'sha256'>,
  where: string,
): void {
  if (length !== undefined && bytes.length !== length) {
    throw new SpikewireError('access', where, `has ${bytes.length} bytes`, `${length}, as is signed`);
  }
  const digest = sha256 && createHash('sha256').update(bytes).digest('hex');
  if (digest !== sha256) throw new SpikewireError('access', where, `has the SHA-256 ${digest}`, `${sha256}`);
}

/** Keys count once, whatever ids they have. */
function checkSignatures({ signatures, signed }: Metadata, { keys, threshold }: RoleKeys, where: string): void {
  const valid = new Set<string>();
  for (const { keyId, signature } of signatures) {
    const key = keys.find(({ id }) => id === keyId);
    if (key !== undefined && isSignedBy(key, signed, signature)) valid.add(key.bytes);
  }
  if (valid.size >= threshold) return;
  throw new SpikewireError('access', where, `has ${valid.size} valid signatures`, `${threshold}, of its keys`);
}

function checkVersion({ version }: Metadata, expected: number, where: string): void {
  if (version !== expected) throw new SpikewireError('access', where, `is version ${version}`, `version ${expected}`);
}

function refuseOlder(where: string, version: number, known: number): void {
  if (version >= known) return;
  throw new SpikewireError('access', where, `is version ${version}`, `${known} or later, as was known before`);
}
