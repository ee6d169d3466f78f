import { setImmediate } from 'node:timers/promises';
import { SpikewireError } from '@spikewire/models';
import { type FileSystem, type ProcessTable, Store, StoreRoot } from 'spikewire/store';
import { describe, expect, it } from 'vitest';
import { Cut, DiskFailure, type Fate, MemoryDisk } from './store-memory-disk.ts';

/*
 * Every operation of a store's life is, in turn, the moment of a power failure or the one that fails. Whatever disk may
 * be found afterwards, the store opens and gives the last acknowledged state, or a newer one that was being saved.
 */
const FOLDER = '/var/store';
const OURS = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const STATE_BYTES = 1500;
const FEWEST_RECOVERIES = 100;
const VIOLATIONS_SHOWN = 5;

interface Keeper {
  save(state: Uint8Array): Promise<unknown>;
  load(): Promise<{ state: Uint8Array } | undefined>;
  close(): Promise<void>;
}
type Opening = (disk: FileSystem, boot: number) => Promise<Keeper>;

/** Which states were handed to the keeper and which of them it acknowledged, as counts. */
interface Journal {
  attempted: number;
  acknowledged: number;
}

const openStore: Opening = (disk, boot) =>
  Store.open(FOLDER, { baseDigest: OURS, fileSystem: disk, processes: processesOf(boot) });

/**
 * The same below a folder that several nets share: its lock, its quota and its note of the day come before each save.
 */
const openInRoot: Opening = async (disk, boot) => {
  const clocks = { now: () => 1.8e12 + boot, monotonic: () => 0 };
  const root = new StoreRoot('/var', { fileSystem: disk, processes: processesOf(boot), ...clocks });
  try {
    const store = await root.openStore('store', OURS);
    return {
      save: (state) => store.save(state),
      load: () => store.load(),
      close: async () => {
        await store.close();
        await root.close();
      },
    };
  } catch (failure) {
    await root.close().catch(() => undefined); // the first failure is the one to report
    throw failure;
  }
};

describe('a store that loses power', () => {
  it('keeps what it acknowledged below a folder that nets share', { timeout: 120_000 }, async () => {
    const found = await cutEverywhere(openInRoot, () => emptyDisk());
    expect(found.violations).toEqual([]);
    expect(found.recoveries).toBeGreaterThan(FEWEST_RECOVERIES);
  });

  it('keeps what it acknowledged, at every operation and on every disk that may be found', async () => {
    const found = await cutEverywhere(openStore, () => emptyDisk());
    expect(found.violations).toEqual([]);
    expect(found.recoveries).toBeGreaterThan(FEWEST_RECOVERIES);
  });

  it('keeps it, and the states of another base model, in a folder with a history', async () => {
    const found = await cutEverywhere(openStore, diskWithHistory, { acknowledged: 2, alsoCheck: foreignSlotViolation });
    expect(found.violations).toEqual([]);
    expect(found.recoveries).toBeGreaterThan(FEWEST_RECOVERIES);
  });

  it('keeps it through a second power failure during the recovery', { timeout: 120_000 }, async () => {
    const trial = { acknowledged: 2, boots: 1, alsoCheck: foreignSlotViolation, cutRecoveryToo: true };
    const found = await cutEverywhere(openStore, diskWithHistory, trial);

    expect(found.violations).toEqual([]);
    expect(found.recoveries).toBeGreaterThan(10 * FEWEST_RECOVERIES);
  });
});

describe('a store whose process is killed', () => {
  it('keeps what the next process loads, should the power fail then', async () => {
    expect(await killEverywhere()).toEqual([]);
  });
});

describe('a store on a disk that fails', () => {
  it.each(['EIO', 'ENOSPC', 'EROFS'] as const)('survives %s at any one operation', async (code) => {
    expect(await failEverywhere(code, 1)).toEqual([]);
  });

  it.each(['ENOSPC', 'EROFS'] as const)('survives %s at any four operations in a row', async (code) => {
    expect(await failEverywhere(code, 4)).toEqual([]);
  });

  it.each(['EIO', 'ENOSPC', 'EROFS'] as const)('survives %s from any operation on', async (code) => {
    expect(await failEverywhere(code, Number.POSITIVE_INFINITY)).toEqual([]);
  });

  it.each([
    ['EIO', 1],
    ['ENOSPC', 1],
    ['EROFS', 4],
    ['ENOSPC', Number.POSITIVE_INFINITY],
  ] as const)('survives %s at %d operations in a row below a folder that nets share', async (code, count) => {
    expect(await failEverywhere(code, count, openInRoot)).toEqual([]);
  });

  it('survives a failure at any operation with a power failure at any later one', async () => {
    expect(await failAndCutEverywhere('EIO')).toEqual([]);
  });
});

describe('the test itself', () => {
  it.each(['syncData', 'syncFolder'] as const)('notices a store whose %s does nothing', async (lie) => {
    const lying = () => Object.assign(emptyDisk(), { lies: lie });
    expect((await cutEverywhere(openStore, lying)).violations).not.toEqual([]);
  });

  it('notices a writer in place', async () => {
    expect((await cutEverywhere(openWriterInPlace, () => emptyDisk())).violations).not.toEqual([]);
  });
});

interface Trial {
  acknowledged?: number;
  boots?: number;
  cutRecoveryToo?: boolean;
  alsoCheck?: (disk: MemoryDisk) => Promise<string | undefined>;
}

async function cutEverywhere(open: Opening, start: () => MemoryDisk | Promise<MemoryDisk>, trial: Trial = {}) {
  const violations: string[] = [];
  const checked = new Set<string>();
  const check = async (disk: MemoryDisk, journal: Journal, moment: string) => {
    const situation = situationOf(disk, journal);
    if (checked.has(situation)) return;
    checked.add(situation);
    const violation = (await recoveryViolation(open, disk, journal)) ?? (await trial.alsoCheck?.(disk));
    if (violation !== undefined) violations.push(`${moment}: ${violation}`);
  };
  const recovered = new Set<string>();
  for (let cut = 0; ; cut++) {
    const disk = await start();
    const journal = { attempted: trial.acknowledged ?? 0, acknowledged: trial.acknowledged ?? 0 };
    const isOver = !(await isCutOff(disk, cut, () => live(open, disk, journal, trial.boots)));
    for (const survivor of disk.survivors()) {
      const isNew = recovered.size < recovered.add(situationOf(survivor, journal)).size;
      if (!isNew) continue;
      if (trial.cutRecoveryToo) {
        await cutRecovery(open, survivor, (second) => check(second, journal, `cut at ${cut} and in recovery`));
      } else {
        await check(survivor, journal, `cut at ${cut}`);
      }
    }
    if (isOver || violations.length >= VIOLATIONS_SHOWN) return { violations, recoveries: checked.size };
  }
}

function situationOf(disk: MemoryDisk, journal: Journal): string {
  return `${disk.fingerprint()} ${journal.acknowledged} ${journal.attempted}`;
}

/** Opens a disk, cut off at every operation of that in turn, and hands on every disk that may be found then. */
async function cutRecovery(open: Opening, disk: MemoryDisk, check: (disk: MemoryDisk) => Promise<void>) {
  for (let cut = 0; ; cut++) {
    const [copy] = disk.survivors();
    const isOver = !(await isCutOff(copy!, cut, () => open(copy!, 2)));
    for (const survivor of copy!.survivors()) await check(survivor);
    if (isOver) return;
  }
}

/**
 * Ends the process at every operation in turn; the next process opens the folder as it is, and then the power fails.
 */
async function killEverywhere(): Promise<string[]> {
  const violations: string[] = [];
  for (let kill = 0; ; kill++) {
    const disk = emptyDisk();
    const journal = { attempted: 0, acknowledged: 0 };
    const isOver = !(await isCutOff(disk, kill, () => live(openStore, disk, journal)));
    disk.restart();
    const loaded = await (await openStore(disk, 2)).load();
    if (loaded !== undefined) {
      const violation = stateViolation(loaded.state, journal);
      if (violation !== undefined) violations.push(`killed at ${kill}: ${violation}`);
      journal.acknowledged = numberOf(loaded.state);
    }
    for (const survivor of disk.survivors()) {
      const violation = await recoveryViolation(openStore, survivor, journal);
      if (violation !== undefined) violations.push(`killed at ${kill}, then cut: ${violation}`);
    }
    if (isOver) return violations;
  }
}

/** Fails a number of operations in a row, beginning with every one in turn. */
async function failEverywhere(code: Fate, count: number, open = openStore): Promise<string[]> {
  const violations: string[] = [];
  for (let failing = 0; ; failing++) {
    const disk = emptyDisk();
    disk.fate = (operation) => (operation >= failing && operation < failing + count ? code : 'proceed');
    violations.push(...(await violationsOfLife(disk, `${code} at ${failing}`, open)));
    if (disk.operations <= failing) return violations;
  }
}

/** Fails every operation in turn and loses power at every later one. */
async function failAndCutEverywhere(code: Fate): Promise<string[]> {
  const violations: string[] = [];
  let operations = Number.POSITIVE_INFINITY;
  for (let failing = 0; failing < operations; failing++) {
    for (let cut = failing + 1, isOver = false; !isOver; cut++) {
      const disk = emptyDisk();
      disk.fate = (operation) => (operation === cut ? 'cut' : operation === failing ? code : 'proceed');
      violations.push(...(await violationsOfLife(disk, `${code} at ${failing}, cut at ${cut}`, openStore, 1)));
      isOver = disk.operations <= cut;
      if (isOver) operations = disk.operations;
    }
  }
  return violations;
}

/** What goes wrong in a life on a failing disk, and after a power failure at its end. */
async function violationsOfLife(disk: MemoryDisk, moment: string, open = openStore, boots = 2): Promise<string[]> {
  const journal = { attempted: 0, acknowledged: 0 };
  const violation = await live(open, disk, journal, boots, isTolerable).catch((failure) =>
    isCut(failure) ? undefined : `intolerable: ${failure}`,
  );
  const violations = violation === undefined ? [] : [violation];
  for (const survivor of disk.survivors()) {
    const violation = await recoveryViolation(open, survivor, journal);
    if (violation !== undefined) violations.push(violation);
  }
  return violations.map((violation) => `${moment}: ${violation}`);
}

/**
 * Tolerates typed failures for which the disk is to blame: a store must not stay broken when the disk works again. But
 * one that could neither open its folder nor give it back holds it until its process ends.
 */
function isTolerable(failure: unknown): boolean {
  if (!(failure instanceof SpikewireError) || failure.code !== 'store' || failure.message.includes('\n')) return false;
  return failure.cause instanceof DiskFailure || failure.message.includes('in use by this process');
}

/**
 * The life that is disturbed: two openings with saves, one after another and, between two of them, coalescing.
 * Returns what is wrong with a state loaded on the way.
 */
async function live(
  open: Opening,
  disk: MemoryDisk,
  journal: Journal,
  boots = 2,
  tolerates: (failure: unknown) => boolean = () => false,
): Promise<string | undefined> {
  const tolerate = (failure: unknown) => {
    if (!tolerates(failure)) throw failure;
    return undefined;
  };
  for (let boot = 0; boot < boots; boot++) {
    const keeper = (await open(disk, boot).catch(tolerate)) ?? (await open(disk, boot).catch(tolerate));
    if (keeper === undefined) continue;
    for (let save = 0; save < 3; save++) await acknowledge(keeper, journal).catch(tolerate);
    await Promise.all([acknowledge(keeper, journal).catch(tolerate), acknowledge(keeper, journal).catch(tolerate)]);
    const loaded = await keeper.load().catch(tolerate);
    const violation = loaded && stateViolation(loaded.state, journal);
    if (violation !== undefined) return violation;
    await keeper.close().catch(tolerate);
  }
  return undefined;
}

async function acknowledge(keeper: Keeper, journal: Journal): Promise<void> {
  const number = ++journal.attempted;
  await keeper.save(stateOf(number));
  journal.acknowledged = Math.max(journal.acknowledged, number);
}

/** True if the power went before the work was done. */
async function isCutOff(disk: MemoryDisk, cut: number, work: () => Promise<unknown>): Promise<boolean> {
  disk.fate = (operation) => (operation === cut ? 'cut' : 'proceed');
  try {
    await work();
    return false;
  } catch (failure) {
    if (!isCut(failure)) throw failure;
    await setImmediate(); // lets what else was under way meet its end, too
    return true;
  }
}

function isCut(failure: unknown): boolean {
  return failure instanceof Cut || (failure instanceof Error && failure.cause instanceof Cut);
}

/** What is wrong after a disk is opened again: the state it gives, or that it does not take the next one. */
async function recoveryViolation(open: Opening, disk: MemoryDisk, journal: Journal): Promise<string | undefined> {
  try {
    const keeper = await open(disk, 3);
    const loaded = await keeper.load();
    if (loaded === undefined && journal.acknowledged > 0) return `nothing; ${journal.acknowledged} was acknowledged`;
    const violation = loaded && stateViolation(loaded.state, journal);
    if (violation !== undefined) return violation;
    const next = journal.attempted + 1;
    await keeper.save(stateOf(next));
    const reloaded = await keeper.load();
    await keeper.close();
    return reloaded && stateViolation(reloaded.state, { attempted: next, acknowledged: next });
  } catch (failure) {
    return String(failure);
  }
}

function stateViolation(state: Uint8Array, { acknowledged, attempted }: Journal): string | undefined {
  const number = numberOf(state);
  if (Buffer.compare(state, stateOf(number)) !== 0) return `a state that was never saved, marked ${number}`;
  if (number < acknowledged || number > attempted) return `state ${number} of ${acknowledged} to ${attempted}`;
  return undefined;
}

function numberOf(state: Uint8Array): number {
  return new DataView(state.buffer, state.byteOffset).getUint32(0, true);
}

/** A state that shows its number in every sector. */
function stateOf(number: number): Uint8Array {
  const state = new Uint8Array(STATE_BYTES).map((_, index) => number * 31 + index);
  new DataView(state.buffer).setUint32(0, number, true);
  return state;
}

/** One process per boot: a holder from an earlier boot is gone. */
function processesOf(boot: number): ProcessTable {
  let openings = 0;
  return {
    identify: async () => ({ pid: 100 + boot, bootId: `boot ${boot}`, token: `${boot}.${openings++}` }),
    isRunning: async (identity) => identity.bootId === `boot ${boot}`,
  };
}

function emptyDisk(): MemoryDisk {
  return new MemoryDisk([
    ['/', 'folder'],
    ['/var', 'folder'],
  ]);
}

/** Ours saved states 1 and 2; then the other model took over, saved twice and its older slot decayed. */
async function diskWithHistory(): Promise<MemoryDisk> {
  const disk = emptyDisk();
  const ours = await openStore(disk, -3);
  for (const number of [1, 2]) await ours.save(stateOf(number));
  await ours.close();
  const other = await openOther(disk, -2);
  for (const number of [71, 72]) await other.save(stateOf(number));
  disk.damage(`${FOLDER}/a.slot`, 700);
  await disk.create(`${FOLDER}/b.slot.new`);
  await disk.syncFolder(FOLDER);
  disk.operations = 0;
  return disk;
}

function openOther(disk: FileSystem, boot: number): Promise<Store> {
  return Store.open(FOLDER, { baseDigest: OTHER, fileSystem: disk, processes: processesOf(boot) });
}

async function foreignSlotViolation(disk: MemoryDisk): Promise<string | undefined> {
  const other = await openOther(disk, 4);
  const loaded = await other.load();
  await other.close();
  return loaded === undefined
    ? "the other model's state is gone"
    : stateViolation(loaded.state, { acknowledged: 72, attempted: 72 });
}

/** What must not be done: one file, written anew in its place. */
const openWriterInPlace: Opening = async (disk) => {
  const path = '/var/state';
  let last = Promise.resolve();
  const write = async (state: Uint8Array) => {
    await disk.remove(path).catch(() => undefined);
    const file = await disk.create(path);
    await file.write(state);
    await file.syncData();
    await file.close();
    await disk.syncFolder('/var');
  };
  return {
    save(state) {
      last = last.then(() => write(state));
      return last;
    },
    load: async () =>
      disk.read(path, STATE_BYTES).then(
        (state) => ({ state }),
        () => undefined,
      ),
    close: async () => undefined,
  };
};
