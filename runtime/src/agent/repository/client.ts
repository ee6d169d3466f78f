import { createHash } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import { LARGEST, type MetadataReference, type TargetsMetadata } from './metadata.ts';
import type { RepositorySource } from './source.ts';
import { largestOf, Trust } from './trust.ts';
import type { TrustFolder } from './trust-folder.ts';

export interface RepositoryClientOptions {
  readonly source: RepositorySource;
  readonly folder: TrustFolder;
  /** The root that came with the device; used until the folder has one, and where that is damaged. */
  readonly root?: Uint8Array;
  /** Milliseconds since 1970, as far as the machine knows. */
  readonly clock?: () => number;
}

/** More roots than a device can have missed in its life; each is one request. */
const MOST_ROOTS = 1024;

/**
 * Follows a repository by the client workflow of TUF 1.0.34, section 5, and keeps what it trusts durably after each
 * step, so that no power cut makes it trust an older file.
 */
export class RepositoryClient {
  readonly #source: RepositorySource;
  readonly #folder: TrustFolder;
  readonly #root: Uint8Array | undefined;
  readonly #clock: () => number;
  /** The look that has begun last. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ source, folder, root, clock = Date.now }: RepositoryClientOptions) {
    this.#source = source;
    this.#folder = folder;
    this.#root = root;
    this.#clock = clock;
  }

  /**
   * Looks what the repository has now. Rejects with `link` where it cannot be read, `access` where something is not to
   * be trusted, `file` where a file is malformed, `store` where the folder fails. What was trusted before stays.
   * Looks run one after the other, since they write the same files.
   */
  refresh(signal?: AbortSignal): Promise<TargetsMetadata> {
    const look = this.#last.then(() => this.#look(signal));
    this.#last = look.catch(() => {}); // whoever has asked hears it
    return look;
  }

  async #look(signal: AbortSignal | undefined): Promise<TargetsMetadata> {
    // A machine without a clock starts in 1970: time never goes back behind what was known. A clock that is wrong by
    // years makes all files expired; the time is kept only where it did not, so that the machine recovers with it.
    const said = new Date(this.#clock()).getTime();
    const now = Math.max(Number.isNaN(said) ? 0 : said, await this.#folder.readTime());
    const trust = new Trust(await this.#trustedRoot(), now);
    await this.#followRoots(trust, signal);
    await this.#recall(trust);
    await this.#takeTimestamp(trust, signal);
    await this.#take('snapshot', trust.snapshotReference, (bytes) => trust.nextSnapshot(bytes), signal);
    await this.#take('targets', trust.targetsReference, (bytes) => trust.nextTargets(bytes), signal);
    await this.#folder.writeTime(now);
    return trust.targets!;
  }

  async #trustedRoot(): Promise<Uint8Array> {
    const kept = await this.#folder.read('root');
    if (kept !== undefined && (this.#root === undefined || isRoot(kept))) return kept;
    if (this.#root !== undefined) {
      await this.#folder.write('root', this.#root);
      return this.#root;
    }
    throw new SpikewireError(
      'access',
      this.#source.where,
      'has no trusted root here',
      'the root.json of this repository, from the person who publishes its models',
    );
  }

  async #followRoots(trust: Trust, signal: AbortSignal | undefined): Promise<void> {
    for (let k = 0; k < MOST_ROOTS; k++) {
      const bytes = await this.#source.read(`metadata/${trust.root.version + 1}.root.json`, LARGEST.root, signal);
      if (bytes === undefined) break;
      trust.nextRoot(bytes);
      await this.#folder.write('root', bytes);
    }
    trust.lastRoot();
  }

  /**
   * What was trusted before, as far as the root of today trusts it: after a change of keys older versions are allowed
   * again, so that a thief who has signed the highest numbers locks nobody out (5.3.11).
   */
  async #recall(trust: Trust): Promise<void> {
    for (const [role, take] of [
      ['timestamp', (bytes: Uint8Array) => trust.nextTimestamp(bytes, true)],
      ['snapshot', (bytes: Uint8Array) => trust.nextSnapshot(bytes, true)],
    ] as const) {
      const kept = await this.#folder.read(role);
      try {
        if (kept !== undefined) take(kept);
      } catch (failure) {
        if (!(failure instanceof SpikewireError)) throw failure;
      }
    }
  }

  async #takeTimestamp(trust: Trust, signal: AbortSignal | undefined): Promise<void> {
    const bytes = await this.#fetch('metadata/timestamp.json', LARGEST.timestamp, signal);
    if (trust.nextTimestamp(bytes)) await this.#folder.write('timestamp', bytes);
  }

  /** Takes a file that a reference names, from the folder where it has not changed. */
  async #take(
    role: 'snapshot' | 'targets',
    reference: MetadataReference,
    take: (bytes: Uint8Array) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const kept = await this.#folder.read(role);
    const isSame = kept !== undefined && createHash('sha256').update(kept).digest('hex') === reference.sha256;
    const path = `metadata/${reference.version}.${role}.json`;
    const bytes = isSame ? kept : await this.#fetch(path, largestOf(role, reference), signal);
    take(bytes);
    if (!isSame) await this.#folder.write(role, bytes);
  }

  async #fetch(path: string, most: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const bytes = await this.#source.read(path, most, signal);
    if (bytes !== undefined) return bytes;
    throw new SpikewireError(
      'link',
      `${this.#source.where}: ${path}`,
      'does not exist, or is not for this device to read',
    );
  }
}

/** Whether a kept root is as it was written: it signs itself. */
function isRoot(bytes: Uint8Array): boolean {
  try {
    return new Trust(bytes, 0).root.version > 0;
  } catch {
    return false;
  }
}
