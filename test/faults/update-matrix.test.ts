import { setTimeout as pause } from 'node:timers/promises';
import { RandomGenerator } from '@spikewire/models';
import { Bases, Journal, startingBase, UPDATE_STATES, Updater, type UpdateState } from 'spikewire/agent';
import { describe, expect, it } from 'vitest';
import { FakeHost, FakeRepository, FOLDER, hashOf, NEW, OLD, processesOf, WORSE } from './device-parts.ts';
import { type Fate, MemoryDisk } from './store-memory-disk.ts';
import { VirtualTime } from './virtual-time.ts';

const RULES = { lookEverySeconds: 0.002, decideEverySeconds: 0.001, probationReadings: 500, probationSeconds: 0.002 };
const HOUR = 3_600_000;

/** A device that can be switched off and on; somebody approves what is worse. */
class Device {
  readonly disk: MemoryDisk;
  readonly repository: FakeRepository;
  host: FakeHost | undefined;
  updater: Updater | undefined;
  /** All states that were entered. */
  readonly states: UpdateState[] = [];
  entered: (state: UpdateState) => void = () => {};
  /** Whether power is off. */
  isOff = false;
  /** Ways that there is memory for at a time. */
  mostWays = 2;
  readonly #boot: number;
  now = Date.parse('2026-12-01T00:00:00Z');

  constructor(offered: Uint8Array | undefined, disk = new MemoryDisk(), boot = 1) {
    this.disk = disk;
    this.#boot = boot;
    this.repository = new FakeRepository(() => this.disk, offered);
  }

  async start(): Promise<void> {
    const journal = await Journal.open(`${FOLDER}/journal`, {
      fileSystem: this.disk,
      processes: processesOf(this.#boot),
    });
    const bases = new Bases(`${FOLDER}/bases`, this.disk);
    const given = { bytes: OLD, name: 'pump.spike' };
    const base = await startingBase({ journal, bases, given, digestOf: hashOf, now: () => this.now });
    this.host = new FakeHost(base!.bytes);
    this.host.mostWays = this.mostWays;
    const random = new RandomGenerator(1, 'update');
    const now = () => this.now;
    const entered = (state: UpdateState) => this.#enter(state);
    const parts = { journal, bases, source: this.repository, host: this.host, random, now, entered };
    this.updater = new Updater({ ...parts, rules: RULES });
    this.updater.begin();
  }

  #enter(state: UpdateState): void {
    this.states.push(state);
    this.entered(state);
    if (state === 'shadow' && this.repository.offered === WORSE && this.#isApproved) {
      // Where the medium fails, nobody has approved it.
      this.updater!.approve().catch(() => {});
    }
  }

  #isApproved = false;

  /** Somebody installs whatever is on trial, also what is worse. */
  approveAll(): void {
    this.#isApproved = true;
  }

  /** From now on nothing reaches the medium; some operations later, where so many are given. */
  cut(later = 0): void {
    const from = this.disk.operations + later;
    this.isOff = later === 0;
    this.disk.fate = (operation) => {
      if (operation < from) return 'proceed';
      this.isOff = true;
      return 'cut';
    };
  }

  /** Until it has nothing to do, or its power is off. Rejects where it is stuck. */
  async live(): Promise<void> {
    for (const end = Date.now() + 5000; Date.now() < end && !this.isOff; await pause(1)) if (this.#isDone) return;
    if (this.isOff) return;
    const { entry, problem } = this.updater!;
    throw new Error(`stuck in ${entry.state} (${problem}) after ${this.states.slice(-20)}`);
  }

  get #isDone(): boolean {
    const { entry } = this.updater!;
    const isOffered = hashOf(this.repository.offered ?? OLD);
    const isKnown = entry.current?.sha256 === isOffered || entry.refused.some(({ sha256 }) => sha256 === isOffered);
    return entry.state === 'idle' && isKnown;
  }

  /** A device that hangs does not end by itself. */
  async end(): Promise<void> {
    const closed = this.updater!.stop();
    await Promise.race([closed, pause(20)]);
    await this.host!.unwatch();
  }

  /** The same device after its next start, with what a disk has kept. */
  next(disk: MemoryDisk): Device {
    disk.restart();
    const device = new Device(this.repository.offered, disk, this.#boot + 1);
    device.now = this.now;
    device.mostWays = this.mostWays;
    device.#isApproved = this.#isApproved;
    return device;
  }
}

/** What happens to a device when it enters a state. */
const FAULTS: Record<string, (device: Device) => void> = {
  throw: (device) => meetFor(device, 'throw', 20),
  SIGKILL: (device) => device.cut(),
  hang: (device) => {
    meetFor(device, 'hang', 20);
    setTimeout(() => device.cut(), 20); // as the watchdog of systemd does
  },
  ENOSPC: (device) => failFor(device, 'ENOSPC'),
  EIO: (device) => failFor(device, 'EIO'),
  'read-only': (device) => failFor(device, 'EROFS'),
  'torn write': (device) => device.cut(2),
  'clock forward': (device) => {
    device.now += 10 * 365 * 86_400_000;
  },
  'clock back': (device) => {
    device.now = 0;
  },
  'repository gone': (device) => {
    device.repository.fault = 'throw';
    setTimeout(() => {
      device.repository.fault = 'none';
    }, 50);
  },
  'repository changed meanwhile': ({ repository }) => {
    repository.offered = repository.offered === WORSE ? NEW : WORSE;
  },
};

function meetFor({ repository, host }: Device, fault: 'throw' | 'hang', milliseconds: number): void {
  for (const part of [repository, host!]) part.fault = fault;
  setTimeout(() => {
    for (const part of [repository, host!]) part.fault = 'none';
  }, milliseconds);
}

/** The next operations of the disk fail, and later ones do not. */
function failFor({ disk }: Device, fate: Fate): void {
  const from = disk.operations;
  disk.fate = (operation) => (operation < from + 6 ? fate : 'proceed');
}

/** A base that is worse is installed because somebody approves it, so that the device has to go back. */
function deviceThatEnters(state: UpdateState): Device {
  const device = new Device(state === 'rollback' ? WORSE : NEW);
  if (state === 'rollback') device.approveAll();
  return device;
}

/** Only the old base or a better one ever answers, and at the end what answers is what the journal says. */
function expectWhole(device: Device, allowed: readonly Uint8Array[]): void {
  const { host, updater } = device;
  for (const each of host!.answered) expect(allowed.map(hashOf)).toContain(each);
  expect(hashOf(host!.answering)).toBe(updater!.entry.current!.sha256);
  expect([OLD, NEW].map(hashOf), device.states.join()).toContain(updater!.entry.current!.sha256);
}

describe.each(UPDATE_STATES)('an update in the state %s', (state) => {
  const ways = state === 'shadow' ? [2, 1] : [2];
  const cases = ways.flatMap((most) => Object.entries(FAULTS).map(([name, strike]) => [name, most, strike] as const));
  it.each(cases)('survives: %s, with memory for %i ways', async (_, most, strike) => {
    const device = deviceThatEnters(state);
    device.mostWays = most;
    const allowed = state === 'rollback' ? [OLD, NEW, WORSE] : [OLD, NEW];
    let isStruck = false;
    device.entered = (entered) => {
      if (entered !== state || isStruck) return;
      isStruck = true;
      strike(device);
    };
    await device.start();
    await device.live();
    await device.end();
    expect(isStruck, `${state} is entered: ${device.states}`).toBe(true);
    if (!device.isOff) expectWhole(device, allowed);
    await expectNextWhole(device, allowed);
  });
});

describe('an update whose power is cut', () => {
  it.each([
    ['to a better base', NEW, [OLD, NEW], 1],
    ['to a worse one that was approved, and back', WORSE, [OLD, WORSE], 2],
  ])(
    '%s ends whole, at every operation of the disk and on every disk that may be found',
    async (...row) => {
      const [, offered, allowed, every] = row;
      let recoveries = 0;
      for (let operation = 0; ; operation += every) {
        const device = new Device(offered);
        if (offered === WORSE) device.approveAll();
        device.cut(operation + 1);
        await device.start().catch(() => {}); // cut at its first start
        if (device.updater !== undefined) await device.live();
        if (!device.isOff) break;
        if (device.updater !== undefined) await device.end();
        recoveries += await expectNextWhole(device, allowed);
      }
      expect(recoveries).toBeGreaterThan(100);
    },
    120_000,
  );
});

it('an update of days passes in virtual time, with its journal on a disk in memory', async () => {
  const [time, disk] = [new VirtualTime(), new MemoryDisk()];
  const journal = await Journal.open(`${FOLDER}/journal`, { fileSystem: disk, processes: processesOf(1) });
  const bases = new Bases(`${FOLDER}/bases`, disk);
  const given = { bytes: OLD, name: 'pump.spike' };
  const base = await startingBase({ journal, bases, given, digestOf: hashOf, now: time.clock });
  const host = new FakeHost(base!.bytes, (feed) => time.each(HOUR, feed));
  const entered: [UpdateState, number][] = [];
  const updater = new Updater({
    ...{ journal, bases, host, now: time.clock, clock: time.clock, pause: time.pause },
    source: new FakeRepository(() => disk, NEW),
    random: new RandomGenerator(1, 'update'),
    entered: (state) => entered.push([state, time.now]),
  });
  updater.begin();
  await time.passUntil(() => entered.at(-1)?.[0] === 'idle');
  await updater.stop();
  const at = Object.fromEntries(entered);
  expect(entered.map(([state]) => state)).toEqual([
    'check',
    'download',
    'verify',
    'shadow',
    'install',
    'probation',
    'commit',
    'idle',
  ]);
  expect(at.check).toBeLessThanOrEqual(1.25 * HOUR);
  // 1000 readings take ten hours, and a probation a day.
  expect(at.commit! - at.probation!).toBeGreaterThanOrEqual(24 * HOUR);
  expect(at.commit! - at.probation!).toBeLessThan(24.1 * HOUR);
  expect((await Journal.peek(`${FOLDER}/journal`, disk))?.current).toMatchObject({ sha256: hashOf(NEW) });
});

/** Whichever disk is found after the end, the next start is whole, and the update ends. Returns how many were found. */
async function expectNextWhole(device: Device, allowed: readonly Uint8Array[]): Promise<number> {
  const disks = device.isOff ? [...device.disk.survivors()] : [device.disk];
  for (const disk of disks) {
    const next = device.next(disk);
    await next.start();
    await next.live();
    expectWhole(next, allowed);
    await next.end();
  }
  return disks.length;
}
