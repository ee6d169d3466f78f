import { RandomGenerator, SpikewireError } from '@spikewire/models';
import {
  Bases,
  Journal,
  type MachineOrder,
  startingBase,
  statusOf,
  UPDATE_STATES,
  Updater,
  type UpdateState,
} from 'spikewire/agent';
import { describe, expect, it } from 'vitest';
import { FakeHost, FakeRepository, FOLDER, hashOf, NEW, OLD, processesOf, WORSE } from './device-parts.ts';
import { MemoryDisk } from './store-memory-disk.ts';
import { VirtualTime } from './virtual-time.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const RULES = { lookEverySeconds: 3600, decideEverySeconds: 600 };
const CARRY = { carrying: 'carry' } as const;

const tries = (base: Uint8Array): MachineOrder => ({ kind: 'try', sha256: hashOf(base), ...CARRY });
const leaves = (base: Uint8Array): MachineOrder => ({ kind: 'leave', sha256: hashOf(base) });
const installs = (base: Uint8Array, watch: boolean): MachineOrder => ({
  ...{ kind: 'install', sha256: hashOf(base), ...CARRY },
  watch,
});

type Order = MachineOrder | undefined;
const ORDERS = {
  nothing: undefined,
  keep: { kind: 'keep' },
  wait: { kind: 'wait' },
  'try new': tries(NEW),
  'install new and watch': installs(NEW, true),
  'install new': installs(NEW, false),
  'leave new': leaves(NEW),
  'leave old': leaves(OLD),
  'try what is not offered': tries(WORSE),
} as const satisfies Record<string, Order>;
type OrderName = keyof typeof ORDERS;

/** A machine in virtual time, of which a base answers, and whose labels come a hundred in ten hours. */
class Machine {
  readonly time = new VirtualTime();
  readonly repository: FakeRepository;
  readonly lines: string[] = [];
  readonly entered: UpdateState[] = [];
  onEnter: (state: UpdateState) => void = () => {};
  order: Order;
  host!: FakeHost;
  updater!: Updater;
  readonly disk: MemoryDisk;
  readonly #boot: number;

  constructor(order: Order, offered: Uint8Array, disk = new MemoryDisk(), boot = 1) {
    [this.order, this.disk, this.#boot] = [order, disk, boot];
    this.repository = new FakeRepository(() => disk, offered);
  }

  async start(): Promise<void> {
    const { time, disk, lines } = this;
    const processes = processesOf(this.#boot);
    const journal = await Journal.open(`${FOLDER}/journal`, { fileSystem: disk, processes });
    const bases = new Bases(`${FOLDER}/bases`, disk);
    const given = { bytes: OLD, name: 'pump.spike' };
    const base = await startingBase({ journal, bases, given, digestOf: hashOf, now: time.clock });
    this.host = new FakeHost(base!.bytes, (feed) => time.each(HOUR, feed));
    this.updater = new Updater({
      ...{ journal, bases, source: this.repository, host: this.host, rules: RULES },
      ...{ now: time.clock, clock: time.clock, pause: time.pause, random: new RandomGenerator(1, 'update') },
      warn: (line) => lines.push(line),
      entered: (state) => {
        this.entered.push(state);
        this.onEnter(state);
      },
      orders: () => this.order,
    });
    this.updater.begin();
  }

  /** The controller wants something else. */
  obey(order: Order): void {
    this.order = order;
    this.updater.obey();
  }

  /** Lets so many days pass. */
  async live(days: number): Promise<void> {
    const end = this.time.now + days * DAY;
    await this.time.passUntil(() => this.time.now >= end);
  }

  get base(): string {
    return nameOf(this.updater.entry.current!.sha256);
  }

  get refused() {
    return this.updater.entry.refused.map(({ sha256, cause }) => [nameOf(sha256), cause]);
  }

  /** In one word each: the state, the base that answers, what was refused by whom. */
  get end(): string {
    expect(hashOf(this.host.answering)).toBe(this.updater.entry.current!.sha256);
    return [this.updater.entry.state, this.base, ...this.refused.flat()].join(' ');
  }

  async stop(): Promise<void> {
    await this.updater.stop();
    await this.host.unwatch();
  }
}

function nameOf(sha256: string): string {
  return ['old', 'new', 'worse'].find((_, k) => hashOf([OLD, NEW, WORSE][k]!) === sha256)!;
}

/** Where a machine ends that gets an order when it enters a state; found by hand, from docs/fleet-protocol.md. */
const TRYING: Record<OrderName, string> = {
  nothing: 'idle new', // by its own labels
  keep: 'idle old',
  wait: 'idle old',
  'try new': 'shadow old',
  'install new and watch': 'probation new',
  'install new': 'idle new',
  'leave new': 'idle old new controller',
  'leave old': 'idle old', // there is no former one
  'try what is not offered': 'check old',
};
/** Before anything is on trial. */
const BEFORE = { ...TRYING, 'leave new': 'idle old' };
const INSTALLED: Record<OrderName, string> = {
  nothing: 'idle new',
  keep: 'idle new',
  wait: 'idle new',
  'try new': 'probation new',
  'install new and watch': 'probation new',
  'install new': 'idle new',
  'leave new': 'idle old new controller',
  'leave old': 'idle new',
  'try what is not offered': 'check new',
};
/** It has passed its probation. */
const COMMITTED = { ...INSTALLED, 'try new': 'idle new', 'install new and watch': 'idle new' };
const LEFT: Record<OrderName, string> = {
  ...{ nothing: 'idle old new controller', keep: 'idle old new controller', wait: 'idle old new controller' },
  'try new': 'shadow old new controller',
  'install new and watch': 'probation new',
  'install new': 'idle new',
  ...{ 'leave new': 'idle old new controller', 'leave old': 'idle old new controller' },
  'try what is not offered': 'check old new controller',
};
const ENDS: Record<UpdateState, Record<OrderName, string>> = {
  ...{ idle: BEFORE, check: BEFORE, download: TRYING, verify: TRYING, shadow: TRYING, install: TRYING },
  ...{ probation: INSTALLED, commit: COMMITTED, rollback: LEFT },
};

/** Orders by which a machine enters a state for the first time. */
async function machineThatEnters(state: UpdateState, strike: (machine: Machine) => void): Promise<Machine> {
  const machine = new Machine(state === 'idle' ? ORDERS.keep : installs(NEW, state !== 'commit'), NEW);
  let isStruck = false;
  machine.onEnter = (entered) => {
    if (state === 'rollback' && entered === 'probation' && !isStruck) machine.obey(leaves(NEW));
    if (entered !== state || isStruck) return;
    isStruck = true;
    strike(machine);
  };
  await machine.start();
  if (state === 'idle') strike(machine);
  return machine;
}

const CASES = UPDATE_STATES.flatMap((state) =>
  (Object.keys(ORDERS) as OrderName[]).map((order) => [state, order] as const),
);

describe('a machine that gets another order', () => {
  it.each(CASES)('in the state %s, to %s, ends as ordered', async (state, order) => {
    const machine = await machineThatEnters(state, (each) => each.obey(ORDERS[order]));
    await machine.live(5);
    expect(machine.end, machine.entered.join()).toBe(ENDS[state][order]);
    if (!['install', 'probation', 'commit', 'rollback'].includes(state) && order !== 'nothing') {
      const isInstalled = order.startsWith('install');
      expect(machine.host.answered.map(nameOf)).toEqual(isInstalled ? ['old', 'new'] : ['old']);
    }
    const refusedOffers = machine.lines.filter((line) => line.includes('not the file that the controller has ordered'));
    expect(refusedOffers).toHaveLength(order === 'try what is not offered' ? 1 : 0);
    await machine.stop();
  });

  it.each(CASES)('while it is off, in the state %s, to %s, ends as ordered', async (state, order) => {
    const machine = await machineThatEnters(state, ({ disk }) => {
      disk.fate = () => 'cut';
    });
    await machine.live(0.01).catch(() => {}); // nothing reaches the medium any more
    await Promise.race([machine.stop(), new Promise((resolve) => setTimeout(resolve, 20))]);
    for (const disk of machine.disk.survivors()) {
      const next = new Machine(ORDERS[order], NEW, disk, 2);
      await next.start();
      await next.live(5);
      // What was to be refused is not known where the state before is found.
      const allowed = [ENDS[state][order], ...(order === 'leave new' ? ['idle old'] : [])];
      expect(allowed, next.entered.join()).toContain(next.end);
      await next.stop();
    }
  });
});

describe('a machine under orders', () => {
  it('never lets labels alone install what it is to try, and reports what they say', async () => {
    const machine = new Machine(tries(NEW), NEW);
    await machine.start();
    await machine.live(30);
    expect(machine.end).toBe('shadow old');
    expect(machine.entered).not.toContain('install');
    const { summary, trial, order } = statusOf(machine.updater);
    expect(order).toEqual(tries(NEW));
    expect(summary).toContain('is on trial for the controller');
    // Only the way that was ordered: a hundred readings in an hour, of which ten are labelled.
    expect(trial.map(({ carrying }) => carrying)).toEqual(['carry']);
    expect(trial[0]!.labelled).toBeGreaterThan(10 * 24 * 29);
    expect(trial[0]!.evidenceOfNotWorse).toBeGreaterThan(trial[0]!.notWorseLimit);
    await machine.stop();
  });

  it.each([
    ['a trial', tries(WORSE), ['old']],
    ['a probation', installs(WORSE, true), ['old', 'worse', 'old']],
  ])('ends %s of a worse base by itself, and does not try it again', async (_, order, answered) => {
    const machine = new Machine(order, WORSE);
    await machine.start();
    await machine.live(10);
    expect(machine.end).toBe('idle old worse model');
    machine.obey(installs(WORSE, false));
    await machine.live(10);
    expect(machine.end).toBe('idle old worse model');
    expect(machine.host.answered.map(nameOf)).toEqual(answered);
    await machine.stop();
  });

  it('watches the former base until the order changes', async () => {
    const machine = new Machine(installs(NEW, true), NEW);
    await machine.start();
    await machine.live(60);
    expect(machine.end).toBe('probation new');
    machine.obey(installs(NEW, false));
    await machine.live(0.01);
    expect(machine.end).toBe('idle new');
    await machine.stop();
  });

  it('tries what the controller had stopped when the controller orders that', async () => {
    const machine = new Machine(tries(NEW), NEW);
    await machine.start();
    await machine.live(1);
    for (const [order, end] of [
      [leaves(NEW), 'idle old new controller'],
      [ORDERS.keep, 'idle old new controller'],
      [tries(NEW), 'shadow old new controller'],
      [installs(NEW, false), 'idle new'],
    ] as const) {
      machine.obey(order);
      await machine.live(0.5);
      expect(machine.end).toBe(end);
    }
    await machine.stop();
  });

  it('goes on in another way when another way is ordered', async () => {
    const machine = new Machine(tries(NEW), NEW);
    await machine.start();
    await machine.live(1);
    machine.obey({ ...tries(NEW), carrying: 'reset' } as MachineOrder);
    await machine.live(1);
    expect(statusOf(machine.updater).trial.map(({ carrying }) => carrying)).toEqual(['reset']);
    machine.obey({ kind: 'install', sha256: hashOf(NEW), carrying: 'rebase', watch: true }); // impossible here
    await machine.live(0.1);
    expect(machine.updater.entry.current).toMatchObject({ sha256: hashOf(NEW), carrying: 'carry' });
    await machine.stop();
  });

  it('does first what a person wants', async () => {
    const machine = new Machine(tries(NEW), NEW);
    await machine.start();
    await machine.live(1);
    await expect(machine.updater.approve()).rejects.toThrow('the controller of this device decides');
    await machine.updater.pin(true);
    await machine.live(0.01);
    expect(machine.end).toBe('idle old');
    machine.obey(installs(NEW, true));
    await machine.live(2);
    expect(machine.end).toBe('idle old');
    await machine.updater.pin(false);
    await machine.live(0.01);
    expect(machine.end).toBe('probation new');
    await machine.updater.pin(true);
    machine.obey(leaves(NEW));
    await machine.live(2);
    expect(machine.end).toBe('idle new'); // it was pinned: it has passed
    await machine.updater.rollback();
    await machine.live(0.01);
    machine.obey(installs(NEW, false));
    await machine.live(2);
    expect(machine.end).toBe('idle old new model');
    await machine.stop();
  });

  it('that cannot go back says so, and tries it again as often as it looks', async () => {
    const machine = new Machine(installs(NEW, true), NEW);
    await machine.start();
    await machine.live(1);
    machine.host.replace = async () => {
      throw new SpikewireError('file', 'pump.spike', 'is no model');
    };
    machine.obey(leaves(NEW));
    await machine.live(1);
    expect(machine.updater.entry.state).toBe('idle');
    const tries = machine.lines.filter((line) => line.includes('cannot go back')).length;
    expect(tries).toBeGreaterThan(20);
    expect(tries).toBeLessThan(40);
    await machine.stop();
  });
});

describe('a machine under orders whose power is cut', () => {
  it.each([
    ['from try to install and watch', tries(NEW), installs(NEW, true), 'probation new'],
    ['from install to leave', installs(NEW, true), leaves(NEW), 'idle old'],
    ['from try to keep', tries(NEW), ORDERS.keep, 'idle old'],
  ])(
    '%s ends as ordered, at every operation of the disk',
    async (_, first, second, end) => {
      let cuts = 0;
      for (let operation = 0; ; operation += 3) {
        const machine = new Machine(first, NEW);
        await machine.start();
        await machine.live(1);
        const from = machine.disk.operations + operation;
        let isOff = false;
        machine.disk.fate = (each) => {
          isOff ||= each >= from;
          return isOff ? 'cut' : 'proceed';
        };
        machine.obey(second);
        await machine.live(0.1);
        if (!isOff) break;
        cuts++;
        await Promise.race([machine.stop(), new Promise((resolve) => setTimeout(resolve, 5))]);
        for (const disk of machine.disk.survivors()) {
          const next = new Machine(second, NEW, disk, 2);
          await next.start();
          await next.live(1);
          expect(next.end).toMatch(end);
          await next.stop();
        }
      }
      expect(cuts).toBeGreaterThan(3);
    },
    60_000,
  );
});

describe('a machine without a base', () => {
  const FIRST: Partial<Record<OrderName, string>> = {
    ...{ nothing: 'new', keep: 'new', 'install new and watch': 'new', 'install new': 'new' },
  };

  it.each(Object.keys(ORDERS) as OrderName[])('gets one or waits for one: %s', async (name) => {
    const [time, disk] = [new VirtualTime(), new MemoryDisk()];
    const journal = await Journal.open(`${FOLDER}/journal`, { fileSystem: disk, processes: processesOf(1) });
    const updater = new Updater({
      ...{ journal, bases: new Bases(`${FOLDER}/bases`, disk), source: new FakeRepository(() => disk, NEW) },
      ...{ host: new FakeHost(OLD), now: time.clock, clock: time.clock, pause: time.pause },
      ...{ random: new RandomGenerator(1, 'update'), orders: () => ORDERS[name], rules: RULES },
    });
    updater.begin();
    updater.lookNow();
    await time.passUntil(() => time.now > DAY);
    const { current } = updater.entry;
    expect(current && nameOf(current.sha256)).toBe(FIRST[name] ?? null);
    await updater.stop();
  });
});
