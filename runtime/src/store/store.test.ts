import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { MAXIMUM_SLOT_BYTES, parseSlot, sealSlot, slotImage } from './slot.ts';
import { Store } from './store.ts';

const PUMP = 'a'.repeat(64);
const FAN = 'b'.repeat(64);

let folder: string;
const openStores: Store[] = [];

async function openStore(baseDigest = PUMP, fileSystem: FileSystem = nodeFileSystem): Promise<Store> {
  const store = await Store.open(folder, { baseDigest, fileSystem });
  openStores.push(store);
  return store;
}

/** Saves states in a store of its own, each of one byte. */
async function saved(baseDigest: string, ...bytes: number[]): Promise<void> {
  const store = await openStore(baseDigest);
  for (const byte of bytes) await store.save(Uint8Array.of(byte));
  await store.close();
}

async function loaded(store: Store): Promise<number[] | undefined> {
  const found = await store.load();
  return found && [...found.state];
}

async function flipByte(name: string, offset: number): Promise<void> {
  const file = await open(join(folder, name), 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offset);
  byte[0]! ^= 0x10;
  await file.write(byte, 0, 1, offset);
  await file.close();
}

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'spikewire-store-')), 'made', 'by', 'the store');
});

afterEach(async () => {
  await Promise.all(openStores.splice(0).map((store) => store.close().catch(() => undefined)));
  await rm(join(folder, '../../..'), { recursive: true });
});

describe('a store', () => {
  it('loads nothing when new, then the last state saved, across openings', async () => {
    const store = await openStore();
    expect(await store.load()).toBeUndefined();
    for (const byte of [1, 2, 3]) expect(await store.save(Uint8Array.of(byte, 0))).toBe(BigInt(byte));
    expect(await loaded(store)).toEqual([3, 0]);
    await store.close();
    const again = await openStore();
    expect(await again.load()).toEqual({ state: Uint8Array.of(3, 0), sequence: 3n });
    expect(await again.save(Uint8Array.of())).toBe(4n);
    expect(await loaded(again)).toEqual([]);
    expect((await readdir(folder)).sort()).toEqual(['a.slot', 'b.slot', 'lock.2']);
  });

  it('is open once, and names the process that has it', async () => {
    const store = await openStore();
    await expect(openStore()).rejects.toThrow(`store ${folder}: in use by this process, pid ${process.pid}`);
    await store.close();
    await openStore();
  });

  it('refuses work after it was closed, and closes twice', async () => {
    const store = await openStore();
    const last = store.save(Uint8Array.of(1));
    const closing = store.close();
    await expect(store.save(Uint8Array.of(2))).rejects.toThrow('is closed');
    await expect(store.load()).rejects.toThrow('is closed');
    await Promise.all([closing, store.close()]);
    expect(await last).toBe(1n);
  });

  it.each(['', 'A'.repeat(64), 'a'.repeat(63), undefined])('refuses the base digest %j', async (baseDigest) => {
    await expect(Store.open(folder, { baseDigest: baseDigest as string })).rejects.toMatchObject({ code: 'parameter' });
  });

  it('says what is wrong with a path that is not a folder', async () => {
    folder = join(folder, '../../..', 'file');
    await writeFile(folder, '');
    const failure = await Store.open(folder, { baseDigest: PUMP }).catch((failure) => failure);
    expect(failure).toBeInstanceOf(SpikewireError);
    expect(failure.message).toMatch(/^store .*file: cannot open: ENOTDIR.*; expected a folder$/);
    folder = join(folder, '../made/by/the store');
  });
});

describe('saves', () => {
  it('take the bytes as they are at the call', async () => {
    const store = await openStore();
    const state = Uint8Array.of(1, 2, 3);
    const durable = store.save(state);
    state.fill(9);
    await durable;
    expect(await loaded(store)).toEqual([1, 2, 3]);
  });

  it('coalesce while one is being written: all callers wait for the latest, and two writes suffice', async () => {
    const store = await openStore();
    const saves = Array.from({ length: 1000 }, (_, index) => store.save(new Uint8Array(100).fill(index)));
    const sequences = await Promise.all(saves);
    expect(sequences).toEqual([1n, ...Array.from({ length: 999 }, () => 2n)]);
    expect(await loaded(store)).toEqual([...new Uint8Array(100).fill(999)]);
    expect(store.bytesWritten).toBe(2 * (100 + 88));
  });

  it('are refused if too large, and leave what waits alone', async () => {
    const store = await openStore();
    const saves = [store.save(Uint8Array.of(1)), store.save(Uint8Array.of(2))];
    await expect(store.save({ byteLength: 2 ** 40 } as Uint8Array)).rejects.toMatchObject({ code: 'store' });
    expect(await Promise.all(saves)).toEqual([1n, 2n]);
  });

  it('fail with one clear line while the disk is full, and go on when it is not', async () => {
    let isFull = false;
    const store = await openStore(PUMP, {
      ...nodeFileSystem,
      async create(path) {
        const file = await nodeFileSystem.create(path);
        const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        return { ...file, write: (bytes) => (isFull ? Promise.reject(full) : file.write(bytes)) };
      },
    });
    await store.save(Uint8Array.of(1));
    isFull = true;
    await expect(store.save(Uint8Array.of(2))).rejects.toMatchObject({
      code: 'store',
      message: `store ${folder}: cannot save the state: ENOSPC: no space left on device, write; expected free space on the disk`,
    });
    expect(await loaded(store)).toEqual([1]);
    expect((await readdir(folder)).filter((name) => name.endsWith('.new'))).toEqual([]);
    isFull = false;
    await store.save(Uint8Array.of(3));
    expect(await loaded(store)).toEqual([3]);
  });

  it('stop when another process took the folder over', async () => {
    const store = await openStore();
    await store.save(Uint8Array.of(1));
    await writeFile(join(folder, 'lock.1'), JSON.stringify({ pid: 1, token: 'of another' }));
    await expect(store.save(Uint8Array.of(2))).rejects.toThrow('the lock is lost');
    expect(await loaded(store)).toEqual([1]);
  });
});

describe('a damaged slot', () => {
  it('gives way to the other one and is kept under its fault', async () => {
    await saved(PUMP, 1, 2, 3); // 3 is in slot a
    await flipByte('a.slot', 56);
    const store = await openStore();
    expect(await store.load()).toEqual({ state: Uint8Array.of(2), sequence: 2n });
    expect(store.quarantined).toMatchObject([{ name: 'damaged.1.checksum.slot', damage: 'checksum' }]);
    expect(await readdir(folder)).toContain('damaged.1.checksum.slot');
    await store.save(Uint8Array.of(4));
    await flipByte('a.slot', 56); // the save went there, not over the last good state
    expect(await loaded(store)).toEqual([2]);
  });

  it('is not read into memory if it is larger than any slot', async () => {
    await saved(PUMP, 1, 2);
    const file = await open(join(folder, 'b.slot'), 'r+');
    await file.truncate(MAXIMUM_SLOT_BYTES + 1); // sparse: it takes no space
    await file.close();
    const store = await openStore();
    expect(await loaded(store)).toEqual([1]);
    expect(store.quarantined).toMatchObject([{ damage: 'too-large' }]);
  });

  it('is kept with a bounded number of others, the latest', async () => {
    for (let round = 1; round <= 12; round++) {
      await saved(PUMP, round);
      await rm(join(folder, 'b.slot'), { force: true });
      await flipByte('a.slot', 56).catch(() => undefined);
    }
    await saved(PUMP);
    const damaged = (await readdir(folder)).filter((name) => name.startsWith('damaged.'));
    expect(damaged).toHaveLength(8);
    expect(damaged).toContain('damaged.12.checksum.slot');
  });

  it('may be both: then there is nothing, and saving works', async () => {
    await saved(PUMP, 1, 2);
    await writeFile(join(folder, 'a.slot'), '');
    await writeFile(join(folder, 'b.slot'), 'x'.repeat(200));
    const store = await openStore();
    expect(await store.load()).toBeUndefined();
    expect(store.quarantined.map((file) => file.damage).sort()).toEqual(['magic', 'truncated']);
    await store.save(Uint8Array.of(5));
    expect(await loaded(store)).toEqual([5]);
  });
});

describe('states of another base model', () => {
  it('are kept aside, and are back when their model is', async () => {
    await saved(PUMP, 1, 2);
    const fan = await openStore(FAN);
    expect(await fan.load()).toBeUndefined();
    expect(fan.foreignSlots().map(({ baseDigest, sequence }) => [baseDigest, sequence])).toEqual([
      [PUMP, 2n],
      [PUMP, 1n],
    ]);
    expect([...(await fan.loadForeignSlot(fan.foreignSlots()[0]!))]).toEqual([2]);
    expect(await fan.settleForeignSlots('keep')).toBeUndefined();
    expect(await fan.save(Uint8Array.of(70))).toBe(3n);
    await fan.close();
    const pump = await openStore(PUMP);
    expect(await pump.load()).toEqual({ state: Uint8Array.of(2), sequence: 2n });
    expect(pump.foreignSlots()).toMatchObject([{ baseDigest: FAN, sequence: 3n }]);
  });

  it('are carried over by rebase, once, and stay aside', async () => {
    await saved(PUMP, 1, 2);
    const policy = { rebase: (state: Uint8Array) => state.map((byte) => byte + 100) };
    const fan = await openStore(FAN);
    expect(await fan.settleForeignSlots(policy)).toBe(3n);
    expect(await loaded(fan)).toEqual([102]);
    await fan.save(Uint8Array.of(103));
    expect(await fan.settleForeignSlots(policy)).toBeUndefined();
    expect(await loaded(fan)).toEqual([103]);
    expect(fan.foreignSlots()).toHaveLength(2);
  });

  it('stay aside after a rebase only so many, the newest', async () => {
    for (const [k, digest] of ['c', 'd', 'e'].entries()) await saved(digest.repeat(64), k, k);
    const store = await openStore();
    const before = store.foreignSlots();
    expect(before).toHaveLength(6);
    await store.settleForeignSlots({ rebase: () => Uint8Array.of(9), most: 4 });
    expect(store.foreignSlots()).toEqual(before.slice(0, 4));
    expect((await readdir(folder)).filter((name) => name.startsWith('aside.'))).toHaveLength(4);
    expect(await loaded(store)).toEqual([9]);
  });

  it('are carried over from the newest model whose state gives something, which stays aside', async () => {
    const other = (digit: string) => digit.repeat(64);
    await saved(PUMP, 1, 2);
    for (const digit of ['c', 'd', 'e']) await saved(other(digit), 7, 8);
    const asked: string[] = [];
    const rebase = (state: Uint8Array, { baseDigest }: { baseDigest: string }) => {
      asked.push(baseDigest);
      return baseDigest === PUMP ? state.map((byte) => byte + 100) : undefined;
    };
    const fan = await openStore(FAN);
    await fan.settleForeignSlots({ rebase, most: 4 });
    expect(asked).toEqual([other('e'), other('d'), other('c'), PUMP]);
    expect(await loaded(fan)).toEqual([102]);
    const aside = [other('e'), other('e'), PUMP, PUMP];
    expect(fan.foreignSlots().map(({ baseDigest }) => baseDigest)).toEqual(aside);
  });

  it('are carried over by a rebase that takes its time, or not where it gives nothing', async () => {
    await saved(PUMP, 1, 2);
    const fan = await openStore(FAN);
    expect(await fan.settleForeignSlots({ rebase: async () => undefined })).toBeUndefined();
    expect(await fan.load()).toBeUndefined();
    await expect(fan.settleForeignSlots({ rebase: () => Promise.reject(new Error('no')) })).rejects.toThrow('no');
    const rebase = async (state: Uint8Array, { baseDigest }: { baseDigest: string }) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(baseDigest).toBe(PUMP);
      return state.map((byte) => byte + 100);
    };
    expect(await fan.settleForeignSlots({ rebase })).toBe(3n);
    expect(await loaded(fan)).toEqual([102]);
    expect(fan.foreignSlots()).toHaveLength(2);
  });

  it('are deleted by reset only', async () => {
    await saved(PUMP, 1, 2);
    const fan = await openStore(FAN);
    await fan.settleForeignSlots('reset');
    expect(fan.foreignSlots()).toEqual([]);
    expect(await readdir(folder)).toEqual(['lock.2']);
  });

  it('are put away, and say so, if they turn out damaged', async () => {
    await saved(PUMP, 1);
    const fan = await openStore(FAN);
    const foreign = fan.foreignSlots()[0]!;
    await flipByte(foreign.name, 56);
    await expect(fan.loadForeignSlot(foreign)).rejects.toThrow('is damaged or gone');
    expect(fan.foreignSlots()).toEqual([]);
    expect(fan.quarantined).toHaveLength(1);
  });
});

describe('a slot that the medium does not give back', () => {
  const names = async () => (await readdir(folder)).filter((name) => !name.startsWith('lock')).sort();

  /** Reads fail for slots of these names, as often as the count says. */
  function failing(slots: readonly string[], times = Number.POSITIVE_INFINITY): FileSystem {
    const counts = new Map<string, number>();
    return {
      ...nodeFileSystem,
      read: (path, maximum) => {
        const name = basename(path);
        const count = counts.get(name) ?? 0;
        if (!slots.includes(name) || count >= times) return nodeFileSystem.read(path, maximum);
        counts.set(name, count + 1);
        return Promise.reject(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' }));
      },
    };
  }

  it('is asked for again', async () => {
    await saved(PUMP, 1, 2);
    const store = await openStore(PUMP, failing(['b.slot'], 2));
    expect(await loaded(store)).toEqual([2]);
    expect(store.hasUnreadable).toBe(false);
  });

  it('stays where it is, and loads when the medium is well again', async () => {
    await saved(PUMP, 1, 2);
    const store = await openStore(PUMP, failing(['b.slot']));
    expect(await loaded(store)).toEqual([1]);
    expect(store.hasUnreadable).toBe(true);
    expect(store.quarantined).toEqual([]);
    await store.close();
    expect(await names()).toEqual(['a.slot', 'b.slot']);
    expect(await loaded(await openStore())).toEqual([2]);
  });

  it('is put away, not written over, when its place is needed', async () => {
    await saved(PUMP, 1, 2);
    const store = await openStore(PUMP, failing(['b.slot']));
    expect(await store.save(Uint8Array.of(3))).toBeGreaterThan(2n);
    expect(store.quarantined).toMatchObject([{ name: 'damaged.1.unreadable.slot', damage: 'unreadable' }]);
    await store.close();
    expect(await names()).toEqual(['a.slot', 'b.slot', 'damaged.1.unreadable.slot']);
    expect(await loaded(await openStore())).toEqual([3]);
  });

  it('makes way for the older one when it fails after opening', async () => {
    await saved(PUMP, 1, 2);
    let failures = 0;
    const store = await openStore(PUMP, {
      ...nodeFileSystem,
      read: (path, maximum) =>
        basename(path) === 'b.slot' && failures-- > 0
          ? Promise.reject(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' }))
          : nodeFileSystem.read(path, maximum),
    });
    failures = 3;
    expect(await loaded(store)).toEqual([1]);
    await store.close();
    expect(await loaded(await openStore())).toEqual([2]);
  });

  it('keeps the store shut, with nothing put away, where no other is readable', async () => {
    await saved(PUMP, 1, 2);
    for (const fileSystem of [failing(['a.slot', 'b.slot']), failing(['a.slot', 'b.slot'], 5)]) {
      await expect(openStore(PUMP, fileSystem)).rejects.toMatchObject({
        code: 'store',
        message: expect.stringMatching(/EIO.*expected a sound medium/),
      });
      expect(await names()).toEqual(['a.slot', 'b.slot']);
    }
    expect(await loaded(await openStore())).toEqual([2]);
  });

  it('keeps the store shut also where another model left a state aside at an earlier start', async () => {
    await saved(FAN, 7);
    await saved(PUMP, 1, 2);
    await expect(openStore(PUMP, failing(['a.slot', 'b.slot']))).rejects.toMatchObject({ code: 'store' });
    expect(await loaded(await openStore())).toEqual([2]);
  });

  it('keeps the store shut where it lies aside, and no other of its model is readable', async () => {
    await saved(PUMP, 1);
    await saved(FAN, 7);
    const aside = (await names()).filter((name) => name.startsWith('aside.'));
    await expect(openStore(PUMP, failing(aside))).rejects.toMatchObject({ code: 'store' });
    expect(await loaded(await openStore())).toEqual([1]);
  });

  it('does not hinder a new model whose start moves the other slot aside', async () => {
    await saved(PUMP, 1, 2);
    const fan = await openStore(FAN, failing(['a.slot']));
    expect(await fan.load()).toBeUndefined();
    await fan.save(Uint8Array.of(70));
    await fan.close();
    expect(await loaded(await openStore(FAN))).toEqual([70]);
  });
});

describe('what somebody else put into the folder', () => {
  const others = {
    'a pipe': (path: string) => execFileSync('mkfifo', [path]),
    'a folder': (path: string) => mkdirSync(path),
    'a folder with files': (path: string) => {
      mkdirSync(path);
      writeFileSync(join(path, 'file'), '');
    },
    'a link to itself': (path: string) => symlinkSync(path, path),
    'a device without end': (path: string) => symlinkSync('/dev/zero', path),
  };
  const kinds = Object.keys(others) as (keyof typeof others)[];

  describe.skipIf(process.platform === 'win32')('not a file', () => {
    it.each(kinds)('in place of a slot is put away: %s', async (kind) => {
      await saved(PUMP, 1, 2);
      await rm(join(folder, 'b.slot'));
      others[kind](join(folder, 'b.slot'));
      const store = await openStore();
      expect(await loaded(store)).toEqual([1]);
      expect(store.quarantined).toMatchObject([{ damage: 'not-a-file' }]);
      await store.save(Uint8Array.of(3));
      await store.close();
      expect(await loaded(await openStore())).toEqual([3]);
    });

    it.each(kinds)('in place of an unfinished save, a lock or a claim is in nobody’s way: %s', async (kind) => {
      await saved(PUMP, 1, 2);
      for (const name of ['a.slot.new', 'b.slot.new', 'lock.7', 'lock.3', 'lock.claim.x']) {
        others[kind](join(folder, name));
      }
      const store = await openStore();
      for (const byte of [3, 4]) await store.save(Uint8Array.of(byte));
      await expect(openStore()).rejects.toThrow('in use by this process');
      await store.close();
      expect(await loaded(await openStore())).toEqual([4]);
    });

    it('in place of many slots leaves no more than other damage does', async () => {
      for (let round = 1; round <= 12; round++) {
        await saved(PUMP, round);
        await rm(join(folder, 'a.slot'), { force: true });
        execFileSync('mkfifo', [join(folder, 'a.slot')]);
      }
      await saved(PUMP);
      await saved(PUMP, 1);
      expect((await readdir(folder)).filter((name) => name.startsWith('damaged.'))).toHaveLength(8);
    });
  });

  it.each(['lock.999999999999999', 'lock.1000000000000', `lock.${'9'.repeat(200)}`])(
    'a lock of number %s neither holds nor frees the folder',
    async (name) => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, name), '');
      const store = await openStore();
      await expect(openStore()).rejects.toThrow('in use by this process');
      await store.save(Uint8Array.of(1));
      await store.close();
      expect(await loaded(await openStore())).toEqual([1]);
    },
  );

  it('a lock of the very last number is named, with what to do', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'lock.999999999999'), '');
    await expect(openStore()).rejects.toThrow(
      'has a lock.999999999999, the highest number; expected this file to be deleted',
    );
  });

  it.each([2n ** 61n, 2n ** 61n + 1n, 2n ** 63n - 1n, 10n ** 19n - 1n])(
    'a state aside of sequence %s leaves room to save, before and after a restart',
    async (sequence) => {
      await saved(PUMP, 1);
      await writeFile(join(folder, `aside.${sequence}.${FAN}.slot`), '');
      for (const byte of [2, 3]) {
        const store = await openStore();
        await store.save(Uint8Array.of(byte));
        expect(await loaded(store)).toEqual([byte]);
        await store.close();
      }
    },
  );

  it('a slot of the last sequence is put away, and saving goes on', async () => {
    await saved(PUMP, 1, 2);
    const image = slotImage(Uint8Array.of(9));
    sealSlot(image, PUMP, 2n ** 63n - 1n);
    await writeFile(join(folder, 'b.slot'), image);
    const store = await openStore();
    expect(store.quarantined).toMatchObject([{ damage: 'sequence' }]);
    await store.save(Uint8Array.of(3));
    expect(await loaded(store)).toEqual([3]);
  });

  it('a damaged file of a huge number is not written over by the next one', async () => {
    await saved(PUMP, 1, 2);
    await writeFile(join(folder, 'damaged.999999999999999.magic.slot'), 'of somebody');
    for (let round = 0; round < 2; round++) {
      await writeFile(join(folder, 'a.slot'), `not a slot, ${round}`);
      await saved(PUMP);
    }
    const damaged = (await readdir(folder)).filter((name) => name.startsWith('damaged.'));
    expect(damaged.sort()).toEqual([
      'damaged.1.truncated.slot',
      'damaged.2.truncated.slot',
      'damaged.999999999999999.magic.slot',
    ]);
  });
});

describe('a state that does not fit its net', () => {
  it('is kept beside the slots, durably, and the older one is loaded', async () => {
    await saved(PUMP, 1, 2);
    const synced: string[] = [];
    const store = await openStore(PUMP, {
      ...nodeFileSystem,
      rename: async (from, to) => {
        await nodeFileSystem.rename(from, to);
        synced.push(`renamed ${basename(to)}`);
      },
      syncFolder: async (path) => {
        await nodeFileSystem.syncFolder(path);
        synced.push('synced');
      },
    });
    synced.length = 0;
    expect(await store.refuse((await store.load())!)).toBe('refused.2.slot');
    expect(synced).toEqual(['renamed refused.2.slot', 'synced']);
    expect(await loaded(store)).toEqual([1]);
    await store.save(Uint8Array.of(3));
    await store.close();
    expect(await loaded(await openStore())).toEqual([3]);
    expect([...parseSlot(await nodeFileSystem.read(join(folder, 'refused.2.slot'), 1000), '').state]).toEqual([2]);
  });
});

it.skipIf(process.platform === 'win32')('nobody but the owner can read what was learned', async () => {
  const umask = process.umask(0);
  try {
    await saved(PUMP, 1, 2);
    await saved(FAN, 3);
  } finally {
    process.umask(umask);
  }
  const modes = await Promise.all(
    [folder, ...(await readdir(folder)).map((name) => join(folder, name))].map(async (path) => (await stat(path)).mode),
  );
  expect(modes.map((mode) => (mode & 0o777).toString(8))).toEqual(['700', ...modes.slice(1).map(() => '600')]);
});

it('the file system reads no more than asked for', async () => {
  const store = await openStore();
  await store.save(new Uint8Array(1000));
  const path = join(folder, 'a.slot');
  const { size } = await stat(path);
  expect((await nodeFileSystem.read(path, size)).byteLength).toBe(size);
  await expect(nodeFileSystem.read(path, size - 1)).rejects.toMatchObject({ code: 'EFBIG' });
});
