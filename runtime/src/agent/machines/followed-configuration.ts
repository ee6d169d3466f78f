import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type RandomGenerator, SpikewireError } from '@spikewire/models';
import { Store } from '../../store/index.ts';
import { jittered, pauseFor } from '../pauses.ts';
import type { Target } from '../repository/metadata.ts';
import { Bases } from '../update/bases.ts';
import type { AgentConfiguration } from './configuration.ts';
import { readConfiguration } from './published-configuration.ts';

/** Where configurations come from. */
export interface ConfigurationSource {
  /**
   * The one that is published for this device now; undefined: none. Rejects with `link`, `access`, `file` or `store`.
   */
  look(signal: AbortSignal): Promise<Target | undefined>;
  /** Puts its file into a folder, under its SHA-256. Rejects likewise. */
  fetch(target: Target, folder: string, signal: AbortSignal): Promise<void>;
}

export interface FollowedConfigurationOptions {
  readonly folder: string;
  readonly source: ConfigurationSource;
  /** Seconds between two looks, in mean; each is up to a quarter earlier or later. */
  readonly every: number;
  readonly random: RandomGenerator;
  readonly say: (line: string) => void;
  readonly warn: (line: string, kind?: string) => void;
  /** Default: 600. */
  readonly healthyAfterSeconds?: number;
}

/** What a device knows of its configurations, by their SHA-256. */
interface Entry {
  /** The one that runs. */
  readonly current: string | null;
  /** The last one with which machines ran for ten minutes. */
  readonly good: string | null;
  /** Starts with the current one before it was good. */
  readonly starts: number;
  /** The newest last. */
  readonly refused: readonly string[];
}

const NOTHING: Entry = { current: null, good: null, starts: 0, refused: [] };
/** A start that comes before the last one has run for ten minutes; after the third, the last good one returns. */
const MOST_STARTS = 3;
/** A worn medium often answers at another time. */
const MOST_READS = 3;
const MOST_REFUSED = 32;
const HEALTHY_AFTER_SECONDS = 600;
/** Entries are no states of a model, and a store wants to know of which its states are. */
const BASE_DIGEST = createHash('sha256').update('spikewire agent configuration 1').digest('hex');

/**
 * The configuration of an agent from a repository. What is new is kept before it runs, so that a device without a
 * network goes on with it; one that is wrong is refused, and one that does not start gives way to the last good one.
 */
export class FollowedConfiguration {
  readonly #options: FollowedConfigurationOptions;
  readonly #store: Store;
  readonly #files: Bases;
  #entry: Entry;
  #wake = new AbortController();
  #said = '';

  /** Rejects with `store` where the folder cannot be used, or another process holds it. */
  static async open(options: FollowedConfigurationOptions): Promise<FollowedConfiguration> {
    const store = await Store.open(join(options.folder, 'journal'), { baseDigest: BASE_DIGEST });
    try {
      const saved = await store.load();
      const entry = saved === undefined ? NOTHING : entryIn(saved.state);
      return new FollowedConfiguration(options, store, entry);
    } catch (failure) {
      await store.close().catch(() => {}); // the first failure is the one to report
      throw failure;
    }
  }

  private constructor(options: FollowedConfigurationOptions, store: Store, entry: Entry) {
    this.#options = options;
    this.#store = store;
    this.#files = new Bases(join(options.folder, 'files'));
    this.#entry = entry;
  }

  /** The configuration to start with, which counts as one of its starts; undefined where there is none yet. */
  async start(): Promise<AgentConfiguration | undefined> {
    const { current, good, starts } = this.#entry;
    if (current === null) return undefined;
    const isTried = this.#isTried;
    if (isTried && starts >= MOST_STARTS && good !== null)
      return this.#leave(`was started ${MOST_STARTS} times and never ran for ten minutes`);
    // Where the medium fails, the device goes on, without counting its starts.
    if (isTried) await this.#write({ starts: starts + 1 }).catch((failure: Error) => this.#note(failure.message));
    try {
      return readConfiguration(await this.#read(current), `configuration ${current.slice(0, 8)}`);
    } catch (failure) {
      const { code, message } = failure as SpikewireError;
      return this.#leave(message, code !== 'store');
    }
  }

  async #read(sha256: string): Promise<Uint8Array> {
    for (let reads = 1; reads < MOST_READS; reads++) {
      const bytes = await this.#files.read(sha256).catch(() => undefined);
      if (bytes !== undefined) return bytes;
    }
    return this.#files.read(sha256);
  }

  /** Goes back to the last good one, where there is one; one that is wrong is refused from then on. */
  async #leave(reason: string, isWrong = true): Promise<AgentConfiguration | undefined> {
    const { current, good, refused } = this.#entry;
    const before = good === current ? null : good;
    const goesOn = before === null ? 'there is no other yet' : 'the last good one is used again';
    this.#options.warn(`configuration ${current!.slice(0, 8)}: ${reason}; ${goesOn}`, 'configuration');
    // Without another one, what is published is fetched again.
    const isRefused = isWrong && before !== null;
    const without = isRefused ? [...refused, current!].slice(-MOST_REFUSED) : refused;
    await this.#write({ current: before, good: before, starts: 0, refused: without });
    return this.start();
  }

  /**
   * Follows the repository while machines run with what `start` has given, until another configuration is to run, or
   * the signal is aborted. `isRunning` says whether any of the machines runs, or waits for its first model.
   */
  async follow(isRunning: () => boolean, signal: AbortSignal): Promise<void> {
    const { every, random, healthyAfterSeconds = HEALTHY_AFTER_SECONDS } = this.#options;
    let judgedAt = performance.now() + 1000 * healthyAfterSeconds;
    for (let lookAt = 0; !signal.aborted; ) {
      if (this.#isTried && performance.now() >= judgedAt) {
        if (!(await this.#judge(isRunning()))) return;
        judgedAt = performance.now() + 1000 * healthyAfterSeconds;
      }
      if (performance.now() >= lookAt) {
        if (await this.#look(signal)) return;
        lookAt = performance.now() + 1000 * jittered(every, random);
      }
      const next = this.#isTried ? Math.min(lookAt, judgedAt) : lookAt;
      if (await this.#wasWoken(Math.max(0, next - performance.now()) / 1000, signal)) lookAt = 0;
    }
  }

  /** Whether machines have not yet run for ten minutes with the configuration. */
  get #isTried(): boolean {
    return this.#entry.current !== this.#entry.good;
  }

  /** Looks at the repository now instead of later. */
  lookNow(): void {
    this.#wake.abort();
  }

  async #wasWoken(seconds: number, signal: AbortSignal): Promise<boolean> {
    const { signal: woken } = this.#wake;
    await pauseFor(seconds, AbortSignal.any([signal, woken]));
    if (woken.aborted) this.#wake = new AbortController();
    return woken.aborted;
  }

  /** Every ten minutes of a trial. Returns whether the configuration stays. */
  async #judge(isRunning: boolean): Promise<boolean> {
    const { current, good } = this.#entry;
    if (!isRunning && good === null) return true;
    try {
      await this.#write(isRunning ? { good: current, starts: 0 } : { starts: MOST_STARTS }); // the next start leaves it
      if (isRunning) await this.#files.removeAllBut([current!]);
    } catch (failure) {
      this.#note((failure as Error).message);
      return true; // judged again later
    }
    return isRunning;
  }

  /** Takes what is published, where that is new and right. Returns whether it is to run now. */
  async #look(signal: AbortSignal): Promise<boolean> {
    const { source, say } = this.#options;
    try {
      const target = await source.look(signal);
      const { current, good, refused } = this.#entry;
      if (target === undefined && current === null)
        throw new SpikewireError('link', 'repository', 'has no configuration for this device', 'one for its group');
      if (target === undefined || target.sha256 === current || refused.includes(target.sha256)) return false;
      await source.fetch(target, this.#files.folder, signal);
      const problem = await this.#problemOf(target);
      if (problem !== undefined) {
        await this.#write({ refused: [...refused, target.sha256].slice(-MOST_REFUSED) });
        await this.#files.removeAllBut([current, good].flatMap((each) => each ?? []));
        throw problem;
      }
      await this.#write({ current: target.sha256, starts: 0 });
      say(`configuration: ${target.name} is new, and is used from now on`);
      this.#said = '';
      return true;
    } catch (failure) {
      if (!signal.aborted) this.#note((failure as Error).message);
      return false;
    }
  }

  /** What is wrong with a file that was fetched; rejects where it cannot be read. */
  async #problemOf({ sha256, name }: Target): Promise<SpikewireError | undefined> {
    const bytes = await this.#files.read(sha256);
    try {
      readConfiguration(bytes, name);
      return undefined;
    } catch (problem) {
      return problem as SpikewireError;
    }
  }

  /** Once. */
  #note(message: string): void {
    const goesOn = this.#entry.current === null ? 'no machine runs yet' : 'the present configuration goes on';
    if (message !== this.#said) this.#options.warn(`${message}; ${goesOn}`, 'configuration');
    this.#said = message;
  }

  async #write(change: Partial<Entry>): Promise<void> {
    const entry = { ...this.#entry, ...change };
    await this.#store.save(Buffer.from(JSON.stringify(entry)));
    this.#entry = entry;
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

/** Throws `store` where the bytes are no entry. The store has found them whole: only another version writes others. */
function entryIn(bytes: Uint8Array): Entry {
  const { current, good, starts, refused } = JSON.parse(new TextDecoder().decode(bytes)) as Record<
    keyof Entry,
    unknown
  >;
  const isHash = (said: unknown) => typeof said === 'string' && /^[0-9a-f]{64}$/.test(said);
  const isSound =
    [current, good].every((each) => each === null || isHash(each)) &&
    Number.isSafeInteger(starts) &&
    Array.isArray(refused) &&
    refused.every(isHash);
  if (!isSound) throw new SpikewireError('store', 'configuration journal', 'is of another version');
  return { current, good, starts, refused } as Entry;
}
