import { type RandomGenerator, SpikewireError } from '@spikewire/models';
import {
  Bases,
  Journal,
  type MachineOrder,
  type NamedBase,
  type Offer,
  startingBase,
  Updater,
  type UpdateState,
} from 'spikewire/agent';
import { processesOf } from '../../faults/device-parts.ts';
import type { MemoryDisk } from '../../faults/store-memory-disk.ts';
import type { VirtualTime } from '../../faults/virtual-time.ts';
import { DrawnHost, type Effect, sha256 } from '../virtual-machine.ts';

const FOLDER = '/device';
const RULES = { decideEverySeconds: 300, lookEverySeconds: 1800 };
const MINUTE = 60_000;
const FEED_EVERY = 30 * MINUTE;
const READINGS = 25;
const LABELS = 2;

/** What a repository has signed, and which of it is offered. */
export interface SignedBases {
  readonly offered: Uint8Array | undefined;
  /** Rejects where the repository cannot be reached now. */
  readonly reach: () => Promise<void>;
  readonly effectOf: (sha256: string) => Effect;
}

export interface FaultyMachineOptions {
  readonly time: VirtualTime;
  /** Milliseconds since 1970, as far as the device knows. */
  readonly now: () => number;
  readonly random: RandomGenerator;
  readonly disk: MemoryDisk;
  /** How often the device has been switched on. */
  readonly boot: number;
  /** The file that the device was given. */
  readonly given: Uint8Array;
  readonly bases: SignedBases;
  /** Whether the machine has no memory for a base. */
  readonly isTooSmallFor: (sha256: string) => boolean;
  readonly orders: () => MachineOrder;
  readonly entered: (state: UpdateState) => void;
  readonly answers: (sha256: string) => void;
}

/** What runs on a device that has memory for some bases only. */
class SmallHost extends DrawnHost {
  readonly #options: FaultyMachineOptions;

  constructor(options: FaultyMachineOptions, effect: () => Effect) {
    super(options.random, effect);
    this.#options = options;
  }

  override describe(bytes: Uint8Array) {
    if (this.#options.isTooSmallFor(sha256(bytes)))
      throw new SpikewireError('budget', 'base', 'needs more memory than there is', 'less');
    return super.describe(bytes);
  }

  override replace(base: NamedBase, way: unknown, commit: () => Promise<void>): Promise<void> {
    return super.replace(base, way, async () => {
      await commit();
      this.#options.answers(sha256(base.bytes));
    });
  }
}

/** A machine from one start of its process to the next end, which is a crash. */
export class FaultyMachine {
  readonly updater: Updater;
  readonly #host: DrawnHost;
  readonly #stopFeeding: () => void;

  /** Rejects where the disk is cut meanwhile. */
  static async start(options: FaultyMachineOptions): Promise<FaultyMachine> {
    const { disk, boot, given, now } = options;
    if (boot === 1) await makeFolders(disk);
    const journal = await Journal.open(`${FOLDER}/journal`, { fileSystem: disk, processes: processesOf(boot) });
    const bases = new Bases(`${FOLDER}/bases`, disk);
    const named = { bytes: given, name: 'pump.spike' };
    const base = (await startingBase({ journal, bases, given: named, digestOf: sha256, now }))!;
    options.answers(sha256(base.bytes));
    return new FaultyMachine(options, journal, bases);
  }

  private constructor(options: FaultyMachineOptions, journal: Journal, bases: Bases) {
    const { time, random, orders, entered, now } = options;
    const offers = options.bases;
    this.#host = new SmallHost(options, () => {
      const { state, current, candidate } = journal.entry;
      return offers.effectOf((state === 'probation' || candidate === null ? current! : candidate).sha256);
    });
    const look = async () => {
      await offers.reach();
      return offers.offered && offerOf(offers.offered);
    };
    const fetch = async () => {
      await offers.reach();
      await bases.keep(offers.offered!);
    };
    this.updater = new Updater({
      ...{ journal, bases, source: { look, fetch }, host: this.#host, random, orders, entered, now },
      ...{ clock: time.clock, pause: time.pause, rules: RULES },
    });
    this.updater.begin();
    this.#stopFeeding = time.each(FEED_EVERY, () => this.#host.live(time.now, READINGS, LABELS));
  }

  /** Its process ends as it is: nothing more reaches the disk. */
  async crash(disk: MemoryDisk): Promise<void> {
    disk.fate = () => 'cut';
    await disk.stat('/').catch(() => {});
    await this.stop();
  }

  async stop(): Promise<void> {
    this.#stopFeeding();
    await this.updater.stop();
  }
}

async function makeFolders(disk: MemoryDisk): Promise<void> {
  for (const folder of [FOLDER, `${FOLDER}/bases`]) await disk.makeFolder(folder);
  for (const folder of ['/', FOLDER]) await disk.syncFolder(folder);
}

function offerOf(bytes: Uint8Array): Offer {
  const target = { name: 'stable/pump.spike', length: bytes.length, sha256: sha256(bytes), custom: null };
  return { target, carrying: ['carry'] } as unknown as Offer;
}
