import {
  type Database,
  type Lease,
  Leases,
  type LeasesOptions,
  Registry,
  Rollouts,
  RolloutWork,
  Worker,
} from '@spikewire/fleet/controller';
import { RandomGenerator } from '@spikewire/models';
import type { VirtualTime } from '../../faults/virtual-time.ts';
import { doing, type Fate, FaultyDatabase, type FaultyDatabaseOptions } from './faulty-database.ts';
import type { Happening, Operation } from './history.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const TICK = 5 * MINUTE;
const LEASE = 15 * MINUTE;
/** Statements until a fault that comes soon. */
const SOON = 30;
const LONGEST_STALL = 120 * MINUTE;
/** Longer, and whoever waits for the file fails. */
const LONGEST_STALL_WITHIN = 4 * SECOND;
const NEVER = new AbortController().signal;

export type ControllerFault = 'die' | 'stall' | 'fail';

export interface FaultyControllerOptions extends Omit<FaultyDatabaseOptions, 'watcher'> {
  readonly time: VirtualTime;
  readonly seed: number;
  readonly nextTransaction: () => number;
  readonly record: (happening: Happening) => void;
}

/** Says which leases it has taken, and by which one a look is made. */
class RecordedLeases extends Leases {
  readonly #taken: (lease: Lease) => void;

  constructor(options: LeasesOptions, taken: (lease: Lease) => void) {
    super(options);
    this.#taken = taken;
  }

  override async take(name: string): Promise<Lease | undefined> {
    const lease = await super.take(name);
    if (lease !== undefined) this.#taken(lease);
    return lease;
  }

  override inside<T>(lease: Lease, step: Parameters<Leases['inside']>[1]): Promise<T | undefined> {
    const operation: Operation = { kind: 'look', rollout: lease.name, epoch: lease.epoch, hasLooked: false };
    const look: typeof step = (changes) => {
      operation.hasLooked = true;
      return step(changes);
    };
    return doing.run(operation, () => super.inside(lease, look) as Promise<T | undefined>);
  }
}

/** A process of a controller, from its start to its end. */
export class FaultyController {
  readonly registry: Registry;
  readonly rollouts: Rollouts;
  readonly database: Database;
  readonly #faulty: FaultyDatabase;
  readonly #time: VirtualTime;
  readonly #random: RandomGenerator;
  readonly #ending = new AbortController();
  readonly #worker: Worker;
  readonly #record: (happening: Happening) => void;
  /** Statements until the fault. */
  #left = 0;
  #fault: ControllerFault | undefined;

  static async start(options: FaultyControllerOptions): Promise<FaultyController> {
    const { record, name, nextTransaction, time } = options;
    let fate: (isWithin: boolean) => Fate = () => 'proceed';
    const faulty = await FaultyDatabase.open({
      ...options,
      watcher: {
        fate: (isWithin) => fate(isWithin),
        stall: (milliseconds) => time.pause(milliseconds, NEVER),
        begun(operation) {
          const transaction = nextTransaction();
          record({ kind: 'begun', transaction, operation });
          return transaction;
        },
        committed: (transaction, operation, rows) =>
          record({ kind: 'committed', transaction, controller: name, operation, rows }),
        undone: (transaction, operation) => record({ kind: 'undone', transaction, operation }),
      },
    });
    const controller = new FaultyController(faulty, options);
    fate = (isWithin) => controller.#fate(isWithin);
    record({ kind: 'fault', what: `controller ${name} starts` });
    void controller.#work();
    return controller;
  }

  private constructor(faulty: FaultyDatabase, { time, seed, name, record }: FaultyControllerOptions) {
    const { database } = faulty;
    [this.#faulty, this.#time, this.database] = [faulty, time, database];
    this.#record = record;
    this.#random = new RandomGenerator(seed, `controller ${name}`);
    [this.registry, this.rollouts] = [new Registry(database), new Rollouts(database)];
    const leases = new RecordedLeases({ database, holder: name, milliseconds: LEASE }, (lease) =>
      record({ kind: 'took', controller: name, ...lease }),
    );
    const work = new RolloutWork(database);
    const warn = (line: string) => record({ kind: 'fault', what: `controller ${name} says: ${line}` });
    this.#worker = new Worker({ leases, milliseconds: TICK, warn, pending: work.pending, step: work.step });
  }

  get isDead(): boolean {
    return this.#faulty.isDead;
  }

  /** It dies, stalls, or sees a failure at some statement that comes soon. */
  faultSoon(fault: ControllerFault): void {
    [this.#fault, this.#left] = [fault, 1 + this.#random.nextInteger(SOON)];
  }

  /** Lets others have its work at once, and ends. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#worker.run(AbortSignal.abort());
    await this.#faulty.die();
  }

  async die(): Promise<void> {
    this.#ending.abort();
    await this.#faulty.die();
  }

  #fate(isWithin: boolean): Fate {
    if (this.#fault === undefined || --this.#left > 0) return 'proceed';
    const fault = this.#fault;
    // Transactions of PostgreSQL that wait for each other would wait for a time that stands still.
    const canStall = !isWithin || this.database.engine === 'sqlite';
    if (fault === 'stall' && !canStall) return 'proceed';
    this.#fault = undefined;
    if (fault === 'stall') {
      this.#note('stalls');
      return { stall: this.#random.nextUniform() * (isWithin ? LONGEST_STALL_WITHIN : LONGEST_STALL) };
    }
    if (fault === 'fail') {
      this.#note('sees a failure of its database');
      return 'fail';
    }
    this.#ending.abort();
    const isBefore = this.#random.nextUniform() < 0.5;
    this.#note(`dies ${isBefore ? 'before' : 'after'} a statement`);
    return isBefore ? 'die before' : 'die after';
  }

  #note(what: string): void {
    this.#record({ kind: 'fault', what: `a controller ${what}` });
  }

  async #work(): Promise<void> {
    const { signal } = this.#ending;
    for (;;) {
      await this.#time.pause(TICK * (0.75 + 0.5 * this.#random.nextUniform()), signal);
      if (signal.aborted) return;
      await this.#worker.tick();
    }
  }
}
