import { createHash } from 'node:crypto';
import type { RandomGenerator } from '@spikewire/models';
import {
  Bases,
  type CandidateFigures,
  type Carrying,
  Journal,
  type MachineOrder,
  type NamedBase,
  type Offer,
  type PairSeen,
  type TrialObserver,
  type UpdatedHost,
  Updater,
} from 'spikewire/agent';
import type { ProcessTable } from 'spikewire/store';
import { MemoryDisk } from '../faults/store-memory-disk.ts';
import type { VirtualTime } from '../faults/virtual-time.ts';

/** Shares of the answers of a machine: how a new base compares with the old one. */
export interface Effect {
  /** Only the old base is right. */
  readonly lost: number;
  /** Only the new base is right. */
  readonly gained: number;
  /** Both are wrong, in different ways. */
  readonly bothWrong: number;
}

/** What a device learns of the world. */
export interface World {
  readonly readingsPerDay: number;
  /** Labels that a person gives in a day, to readings for which the device asks. */
  readonly labelsPerDay: number;
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
const QUARTER_OF_DAY = 6 * HOUR;
const FOLDER = '/machine';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Stands in for the nets of a machine: whether an answer is right is drawn, and nothing is computed. */
export class DrawnHost implements UpdatedHost {
  readonly #random: RandomGenerator;
  readonly #effect: () => Effect;
  #watching:
    | { readonly observer: TrialObserver; readonly ways: readonly Carrying[]; readonly isFormer: boolean }
    | undefined;
  #readings = 0;
  /** SHA-256 of the bases that have answered, in order, after the first. */
  readonly answered: string[] = [];

  /** @param effect how the new base of the moment compares */
  constructor(random: RandomGenerator, effect: () => Effect) {
    this.#random = random;
    this.#effect = effect;
  }

  describe(bytes: Uint8Array) {
    return { digest: sha256(bytes), possible: ['carry'] as const };
  }

  async watch(base: { readonly isFormer: boolean }, ways: readonly Carrying[], observer: TrialObserver) {
    this.#watching = { observer, ways, isFormer: base.isFormer };
    this.#readings = 0;
    return ways;
  }

  figures(): ReadonlyMap<Carrying, CandidateFigures> {
    const figures = { readings: this.#readings, leftOut: 0, refused: 0, problem: null, microseconds: 1, bytes: 1 };
    return new Map((this.#watching?.ways ?? []).map((way) => [way, figures]));
  }

  async unwatch(): Promise<void> {
    this.#watching = undefined;
  }

  async replace({ bytes }: NamedBase, _: unknown, commit: () => Promise<void>): Promise<void> {
    await commit();
    this.answered.push(sha256(bytes));
  }

  /**
   * Some readings, of which at most so many are labelled: those on which both bases differ are asked about. Returns how
   * many labels were given; where nothing is on trial, all of them, since they go to other readings.
   */
  live(time: number, readings: number, labels: number): number {
    if (this.#watching === undefined) return labels;
    let left = labels;
    for (let k = 0; k < readings; k++) {
      const label = this.#pair(time + k);
      if (label === undefined || left === 0) continue;
      left--;
      this.#judge(time + k, label);
    }
    this.#readings += readings;
    return labels - left;
  }

  /** Both bases answer; the label of the reading where they differ. */
  #pair(time: number): string | undefined {
    const { lost, gained, bothWrong } = this.#effect();
    const draw = this.#random.nextUniform();
    const differs = draw < lost + gained + bothWrong;
    this.#each((observer, way) => observer.pair(way, this.#seen(time, differs)));
    if (!differs) return undefined;
    return draw < lost ? 'old' : draw < lost + gained ? 'new' : 'neither';
  }

  #judge(time: number, label: string): void {
    this.#each((observer, way) => observer.judge(way, this.#seen(time, true), label));
  }

  #each(tell: (observer: TrialObserver, way: Carrying) => void): void {
    for (const way of this.#watching!.ways) tell(this.#watching!.observer, way);
  }

  /** In a probation the new base answers, and the old one is watched. */
  #seen(time: number, differs: boolean): PairSeen {
    const [old, own] = differs ? ['old', 'new'] : ['same', 'same'];
    const [answering, watched] = this.#watching!.isFormer ? [own!, old!] : [old!, own!];
    return { net: '', time, answering, watched };
  }
}

/** Time that is virtual, or passes faster than it does. */
export type PassingTime = Pick<VirtualTime, 'now' | 'clock' | 'pause' | 'each'>;

export interface VirtualMachineOptions {
  readonly time: PassingTime;
  readonly random: RandomGenerator;
  readonly effect: Effect;
  readonly world: World;
  /** The file that runs at first, and the one that the repository offers. */
  readonly old: Uint8Array;
  readonly offered: Uint8Array;
  readonly orders: () => MachineOrder | undefined;
}

/** A machine whose updates are those of a device, on a disk in memory: only its nets and its repository are drawn. */
export class VirtualMachine {
  readonly updater: Updater;
  readonly #host: DrawnHost;
  readonly #options: VirtualMachineOptions;

  static async open(options: VirtualMachineOptions): Promise<VirtualMachine> {
    const disk = new MemoryDisk();
    await disk.makeFolder(FOLDER);
    await disk.makeFolder(`${FOLDER}/bases`);
    const processes: ProcessTable = {
      identify: async () => ({ pid: 1, token: 'virtual' }),
      isRunning: async () => true,
    };
    const journal = await Journal.open(`${FOLDER}/journal`, { fileSystem: disk, processes });
    const bases = new Bases(`${FOLDER}/bases`, disk);
    const digest = sha256(options.old);
    await bases.keep(options.old);
    const current = { sha256: digest, digest, name: 'pump.spike', carrying: null, since: new Date(0).toISOString() };
    await journal.write({ current });
    return new VirtualMachine(options, journal, bases);
  }

  private constructor(options: VirtualMachineOptions, journal: Journal, bases: Bases) {
    const { time, random, effect, offered, orders } = options;
    this.#options = options;
    this.#host = new DrawnHost(random, () => effect);
    const target = { name: 'stable/pump.spike', length: offered.length, sha256: sha256(offered), custom: null };
    const source = {
      look: async () => ({ target, carrying: ['carry'] }) as unknown as Offer,
      fetch: async () => void (await bases.keep(offered)),
    };
    this.updater = new Updater({
      ...{ journal, bases, source, host: this.#host, random, orders },
      ...{ now: () => time.now, clock: time.clock, pause: time.pause },
      rules: { decideEverySeconds: QUARTER_OF_DAY / 1000, lookEverySeconds: QUARTER_OF_DAY / 1000 },
    });
  }

  /** Updates its base, and takes readings and labels, until the signal is aborted. */
  begin(signal: AbortSignal): void {
    const { time, world } = this.#options;
    this.updater.begin();
    const [readings, labels] = [world.readingsPerDay / 4, world.labelsPerDay / 4];
    let owed = 0;
    const stop = time.each(QUARTER_OF_DAY, () => {
      owed += labels;
      owed -= this.#host.live(time.now, readings, Math.floor(owed));
    });
    signal.addEventListener('abort', stop, { once: true });
  }

  /** Whether a base has ever answered, apart from the first one. */
  hasAnswered(base: Uint8Array): boolean {
    return this.#host.answered.includes(sha256(base));
  }

  /** How often it was made the base that answers. */
  installations(base: Uint8Array): number {
    return this.#host.answered.filter((each) => each === sha256(base)).length;
  }

  /** Whether it answers now. */
  answers(base: Uint8Array): boolean {
    return this.updater.entry.current?.sha256 === sha256(base);
  }
}
