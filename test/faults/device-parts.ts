import { createHash } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import {
  Bases,
  type CandidateFigures,
  type Carrying,
  type Offer,
  type TrialObserver,
  type UpdatedHost,
} from 'spikewire/agent';
import type { ProcessTable } from 'spikewire/store';
import type { MemoryDisk } from './store-memory-disk.ts';

export const FOLDER = '/device';
export const OLD = Buffer.from('base 1');
export const NEW = Buffer.from('base 2, which is better');
export const WORSE = Buffer.from('base 3, which is worse');
/** How sure both models say to be. */
const CONFIDENCE = { answering: 0.8, watched: 0.8 };

export const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** What a repository has; the files behind it never change, what it offers does. */
export class FakeRepository {
  offered: Uint8Array | undefined;
  fault: 'none' | 'throw' | 'hang' = 'none';
  readonly #disk: () => MemoryDisk;

  constructor(disk: () => MemoryDisk, offered: Uint8Array | undefined) {
    this.#disk = disk;
    this.offered = offered;
  }

  async look(signal: AbortSignal): Promise<Offer | undefined> {
    await this.#meet(signal);
    if (this.offered === undefined) return undefined;
    const target = { name: 'pump.spike', length: this.offered.length, sha256: hashOf(this.offered), custom: null };
    const said = {
      model: 'pump',
      channel: 'stable',
      groups: [],
      engine: '0.2.0',
      form: 'float32',
      input: '',
      bases: [],
    };
    return { ...said, target, memory: 1, selfTests: 0, carrying: ['carry', 'reset'] } as unknown as Offer;
  }

  async fetch({ target }: Offer, _: unknown, signal: AbortSignal): Promise<void> {
    await this.#meet(signal);
    const bytes = [OLD, NEW, WORSE].find((each) => hashOf(each) === target.sha256)!;
    await new Bases(`${FOLDER}/bases`, this.#disk()).keep(bytes);
  }

  async #meet(signal: AbortSignal): Promise<void> {
    if (this.fault === 'throw') throw new SpikewireError('link', 'repository', 'does not answer');
    if (this.fault === 'hang') {
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    }
  }
}

/** Answers with one base at a time; a better one has more labels right. */
export class FakeHost implements UpdatedHost {
  answering: Uint8Array;
  /** All that ever answered, in order. */
  readonly answered: string[] = [];
  fault: 'none' | 'throw' | 'hang' = 'none';
  /** Ways that there is memory for at a time. */
  mostWays = 2;
  #watched: Uint8Array | undefined;
  #carryings: readonly Carrying[] = [];
  #readings = 0;
  #observer: TrialObserver | undefined;
  readonly #each: (feed: () => void) => () => void;
  #stopFeeding = () => {};

  /** @param each calls a function again and again until it is stopped */
  constructor(answering: Uint8Array, each = eachMillisecond) {
    this.answering = answering;
    this.#each = each;
    this.answered.push(hashOf(answering));
  }

  describe(bytes: Uint8Array) {
    if (![OLD, NEW, WORSE].some((each) => Buffer.compare(each, bytes) === 0))
      throw new SpikewireError('file', 'base', 'is no model');
    return { digest: hashOf(bytes), possible: ['carry', 'reset'] as const };
  }

  async watch({ bytes }: { bytes: Uint8Array }, carryings: readonly Carrying[], observer: TrialObserver) {
    await this.#meet();
    const running = carryings.slice(0, this.mostWays);
    [this.#watched, this.#carryings, this.#observer, this.#readings] = [bytes, running, observer, 0];
    this.#stopFeeding();
    this.#stopFeeding = this.#each(() => this.#feed());
    return running;
  }

  /** A hundred readings, of which ten differ, and the base with the larger worth is right. */
  #feed(): void {
    for (let k = 0; k < 100; k++) {
      const differs = k % 10 === 0;
      const pair = { net: 'pump', time: this.#readings++, answering: 'a', watched: differs ? 'b' : 'a' };
      const isBetter = worthOf(this.#watched!) > worthOf(this.answering);
      for (const carrying of this.#carryings) {
        this.#observer!.pair(carrying, pair);
        if (differs) this.#observer!.judge(carrying, pair, isBetter ? 'b' : 'a', CONFIDENCE);
      }
    }
  }

  figures(): ReadonlyMap<Carrying, CandidateFigures> {
    const figures = { readings: this.#readings, leftOut: 0, refused: 0, problem: null, microseconds: 1, bytes: 1 };
    return new Map(this.#carryings.map((carrying) => [carrying, figures]));
  }

  async unwatch() {
    this.#stopFeeding();
    [this.#watched, this.#carryings] = [undefined, []];
  }

  async replace({ bytes }: { bytes: Uint8Array }, _: Carrying | null, commit: () => Promise<void>) {
    await this.#meet();
    await commit();
    this.answering = bytes;
    this.answered.push(hashOf(bytes));
  }

  async #meet(): Promise<void> {
    if (this.fault === 'throw') throw new SpikewireError('link', 'board', 'does not answer');
    if (this.fault === 'hang') await new Promise(() => {});
  }
}

function eachMillisecond(feed: () => void): () => void {
  const timer = setInterval(feed, 1);
  return () => clearInterval(timer);
}

function worthOf(bytes: Uint8Array): number {
  return [WORSE, OLD, NEW].findIndex((each) => Buffer.compare(each, bytes) === 0);
}

/** The process table of a boot: locks of earlier ones are stale. */
export function processesOf(boot: number): ProcessTable {
  return {
    identify: async () => ({ pid: 100 + boot, bootId: `boot ${boot}`, token: `${boot}` }),
    isRunning: async (identity) => identity.bootId === `boot ${boot}`,
  };
}
