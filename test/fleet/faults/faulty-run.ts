import { setImmediate as settle } from 'node:timers/promises';
import { type Database, DEFAULT_PLAN, DeviceRefusal, type Plan } from '@spikewire/fleet/controller';
import { RandomGenerator, SpikewireError } from '@spikewire/models';
import { VirtualTime } from '../../faults/virtual-time.ts';
import { type Effect, sha256 } from '../virtual-machine.ts';
import { type ControllerFault, FaultyController } from './faulty-controller.ts';
import { doing, Traffic, Turns } from './faulty-database.ts';
import { FaultyDevice } from './faulty-device.ts';
import type { SignedBases } from './faulty-machine.ts';
import { FaultyNetwork, type Message } from './faulty-network.ts';
import type { Answer, Happening, Moment, RunEnd, RunHistory } from './history.ts';
import { Person } from './person.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 1);
/** Faults happen for this long, and up to twice as long. */
const FAULTS = 24 * HOUR;
/** From then on, until all must have ended: a wave waits a week for its last machines. */
const PATIENCE = 21 * DAY;
/** For devices to carry out their last orders. */
const LAST = 4 * HOUR;
const GIVEN = Buffer.from('pump 0');
/** Bases that are as good as the one before, better, worse and much worse. */
const EFFECTS: readonly Effect[] = [
  { lost: 0.04, gained: 0.04, bothWrong: 0 },
  { lost: 0.02, gained: 0.08, bothWrong: 0 },
  { lost: 0.12, gained: 0.04, bothWrong: 0 },
  { lost: 0.3, gained: 0.02, bothWrong: 0.02 },
];
const CONTROLLERS = ['one', 'two'] as const;

export interface FaultyRunOptions {
  readonly seed: number;
  /** Of an empty database. */
  readonly address: string;
}

/** A small fleet and two controllers on one database, which fail in ways and at times that the seed draws. */
export async function runWithFaults(options: FaultyRunOptions): Promise<RunHistory> {
  const run = new FaultyRun(options);
  try {
    return await run.live();
  } finally {
    await run.close();
  }
}

class FaultyRun implements SignedBases {
  readonly #options: FaultyRunOptions;
  readonly #random: RandomGenerator;
  readonly #traffic = new Traffic();
  readonly #turns = new Turns();
  readonly #time: VirtualTime;
  readonly #moments: Moment[] = [];
  readonly #controllers = new Map<string, FaultyController>();
  readonly #lives = new Map<string, number>();
  readonly #devices: FaultyDevice[] = [];
  readonly #effects = new Map<string, Effect>();
  readonly #network: FaultyNetwork;
  readonly #stopping = new AbortController();
  readonly #all: FaultyController[] = [];
  #token = '';
  /** Devices that have begun to join, of which some wait for a controller that has failed. */
  #joining = 0;
  #requests = 0;
  #transactions = 0;
  /** Whether something may fail now. */
  #isBad = false;
  offered: Uint8Array | undefined;

  constructor(options: FaultyRunOptions) {
    const { seed, address } = options;
    this.#options = options;
    this.#random = new RandomGenerator(seed, 'run');
    this.#time = address.startsWith('postgres:') ? new VirtualTime(() => this.#settle()) : new VirtualTime();
    const answer = (message: Message) => this.#answer(message);
    this.#network = new FaultyNetwork({ time: this.#time, seed, answer, record: this.#record });
  }

  /** Controllers wait for a server, which knows nothing of virtual time. */
  async #settle(): Promise<void> {
    for (let calm = 0; calm < 2; calm = this.#traffic.count === 0 ? calm + 1 : 0) await settle();
  }

  readonly #record = (happening: Happening): void => {
    this.#moments.push({ at: this.#time.now, ...happening });
  };

  async live(): Promise<RunHistory> {
    const { signal } = this.#stopping;
    for (const name of CONTROLLERS) await this.#start(name);
    const first = this.#controllers.get(CONTROLLERS[0])!;
    this.#token = (await first.registry.makeToken({ by: 'ann', labels: {}, hours: 8760, uses: 1000 })).token;
    // Fewer than 50 that judge never pass without a person.
    const count =
      this.#random.nextUniform() < 0.08 ? 54 + this.#random.nextInteger(6) : 6 + this.#random.nextInteger(15);
    for (let k = 0; k < count; k++) await this.#join();
    const person = new Person({
      ...{ time: this.#time, random: new RandomGenerator(this.#options.seed, 'person'), record: this.#record },
      ...{ controller: () => this.#someController(), publish: () => this.#publish() },
      ...{ rollouts: 1 + this.#random.nextInteger(3), plan: this.#plan() },
    });
    void person.run(signal);
    await this.#fail(FAULTS * (1 + this.#random.nextUniform()));
    person.isPatient = true;
    const latest = this.#time.now + PATIENCE;
    await this.#time.passUntil(() => person.isDone || this.#time.now > latest);
    const ended = this.#time.now + LAST;
    await this.#time.passUntil(() => this.#time.now >= ended);
    return { moments: this.#moments, end: await this.#end(person.isDone) };
  }

  #plan(): Plan {
    const waves = [[1], [0.5, 1], [0.1, 0.4, 1]][this.#random.nextInteger(3)]!;
    const approval = this.#random.nextUniform() < 0.3;
    return { ...DEFAULT_PLAN, shadow: 50, shadowDays: 1, waveHours: 3, waves, approval, mostFailed: 0.2 };
  }

  async #join(): Promise<void> {
    const device = new FaultyDevice({
      ...{ time: this.#time, start: START, seed: this.#options.seed, index: this.#joining++ },
      ...{ network: this.#network, given: GIVEN, bases: this, record: this.#record },
      nextRequest: () => ++this.#requests,
    });
    const request = { token: this.#token, publicKey: device.publicKey, name: `pi ${this.#joining}` };
    const controller = this.#someController()!;
    const joining = doing.run({ kind: 'join', device: device.id }, () => controller.registry.join(request));
    await joining;
    this.#devices.push(device);
    await device.start();
  }

  /** Lets time pass in which everything fails at times. */
  async #fail(milliseconds: number): Promise<void> {
    const end = this.#time.now + milliseconds;
    const ending = new AbortController();
    [this.#isBad, this.#network.isGood] = [true, false];
    const failing = [
      this.#again(1.2 * HOUR, ending.signal, () => this.#failController()),
      this.#again(1.5 * HOUR, ending.signal, () => this.#failDevice()),
      this.#again(0.4 * HOUR, ending.signal, () => this.#restart()),
    ];
    let isOver = false;
    void Promise.all(failing).then(() => (isOver = true));
    await this.#time.passUntil(() => this.#time.now >= end);
    ending.abort();
    await this.#time.passUntil(() => isOver);
    [this.#isBad, this.#network.isGood] = [false, true];
    // What was to fail soon has not failed yet, and what is off is switched on.
    for (const name of CONTROLLERS) await this.#controllers.get(name)?.die();
    for (const device of this.#devices) await device.crash();
    await this.#restart(1);
  }

  async #again(mean: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
    for (;;) {
      await this.#time.pause(-mean * Math.log(1 - this.#random.nextUniform()), signal);
      if (signal.aborted) return;
      await act();
    }
  }

  async #failController(): Promise<void> {
    const controller = this.#someController();
    if (controller === undefined) return;
    const faults: (ControllerFault | 'end')[] = ['die', 'die', 'stall', 'stall', 'fail', 'end'];
    const fault = faults[this.#random.nextInteger(faults.length)]!;
    if (fault !== 'end') return controller.faultSoon(fault);
    this.#record({ kind: 'fault', what: 'a controller ends' });
    await controller.end();
  }

  async #failDevice(): Promise<void> {
    const device = this.#devices[this.#random.nextInteger(this.#devices.length)]!;
    if (!device.isOn) return;
    if (this.#random.nextUniform() < 0.7) device.cutSoon();
    await this.#time.pause(this.#random.nextUniform() * 0.2 * HOUR, this.#stopping.signal);
    await device.crash();
    if (this.#devices.length < 60 && this.#random.nextUniform() < 0.1 && this.#someController() !== undefined)
      await this.#joinLate();
  }

  /** Where a controller fails meanwhile, the device does not come to be. */
  async #joinLate(): Promise<void> {
    const late = this.#time.pause(HOUR / 60, this.#stopping.signal);
    await Promise.race([this.#join().catch(() => {}), late]);
  }

  /** Switches some of what is off on again. */
  async #restart(share = 0.5): Promise<void> {
    for (const name of CONTROLLERS) {
      const isOff = this.#controllers.get(name)?.isDead ?? true;
      if (isOff && this.#random.nextUniform() < share) await this.#start(name);
    }
    for (const device of this.#devices) if (!device.isOn && this.#random.nextUniform() < share) await device.start();
  }

  async #start(name: string): Promise<void> {
    const life = (this.#lives.get(name) ?? 0) + 1;
    this.#lives.set(name, life);
    const { seed, address } = this.#options;
    const controller = await FaultyController.start({
      ...{ seed, address, name: `${name}-${life}-${seed}`, time: this.#time, turns: this.#turns },
      ...{ traffic: this.#traffic, record: this.#record, nextTransaction: () => ++this.#transactions },
      now: () => START + Math.floor(this.#time.now),
    });
    this.#controllers.set(name, controller);
    this.#all.push(controller);
  }

  #someController(): FaultyController | undefined {
    const alive = [...this.#controllers.values()].filter(({ isDead }) => !isDead);
    return alive[this.#random.nextInteger(Math.max(1, alive.length))];
  }

  /** What a controller answers, as devices hear it by HTTP. */
  async #answer({ number, signed, report, etag }: Message): Promise<Answer> {
    const controller = this.#someController();
    if (controller === undefined) throw new Error('no controller');
    const take = () => controller.registry.report(signed, () => report, etag);
    try {
      const answer = (await doing.run({ kind: 'report' }, take)) ?? null;
      this.#record({ kind: 'answered', request: number, answer });
      return answer;
    } catch (failure) {
      const isExpected = failure instanceof DeviceRefusal || /fated to fail/.test((failure as Error).message);
      if (!isExpected) this.#record({ kind: 'fault', what: `a controller fails: ${(failure as Error).stack}` });
      throw failure;
    }
  }

  #publish(): string {
    const bytes = Buffer.from(`pump ${this.#effects.size + 1} of ${this.#options.seed}`);
    const base = sha256(bytes);
    this.#effects.set(base, EFFECTS[this.#random.nextInteger(EFFECTS.length)]!);
    this.offered = bytes;
    this.#record({ kind: 'published', sha256: base });
    return base;
  }

  readonly effectOf = (base: string): Effect => this.#effects.get(base) ?? EFFECTS[0]!;

  readonly reach = async (): Promise<void> => {
    if (!this.#isBad || this.#random.nextUniform() >= 0.1) return;
    this.#record({ kind: 'fault', what: 'the repository does not answer' });
    throw new SpikewireError('link', 'repository', 'does not answer');
  };

  async #end(isReached: boolean): Promise<RunEnd> {
    const controller = this.#someController()!;
    const { queries }: Pick<Database, 'queries'> = controller.database;
    const rollouts = await queries.selectFrom('rollout').selectAll().orderBy('begun').execute();
    const counters = await queries.selectFrom('device').select(['id', 'counter']).execute();
    const shown: Record<string, RunEnd['shown'][string]> = {};
    for (const { id } of rollouts) shown[id] = (await controller.rollouts.get(id))!.counts;
    return {
      ...{ isReached, rollouts, shown },
      machines: await queries.selectFrom('rolloutMachine').selectAll().execute(),
      noted: await queries.selectFrom('history').selectAll().orderBy('number').execute(),
      counters: Object.fromEntries(counters.map(({ id, counter }) => [id, counter])),
      devices: this.#devices.map(({ end }) => end),
    };
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#devices.map((device) => device.stop()));
    for (const controller of this.#all) await controller.die();
  }
}
