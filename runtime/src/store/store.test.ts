import { mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { MAXIMUM_SLOT_BYTES } from './slot.ts';
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

  it('says what is wrong with a path that is no folder', async () => {
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

  it('that the medium cannot read is put away, after a second try', async () => {
    await saved(PUMP, 1, 2);
    let reads = 0;
    const store = await openStore(PUMP, {
      ...nodeFileSystem,
      read: (path, maximum) => {
        if (!path.endsWith('b.slot')) return nodeFileSystem.read(path, maximum);
        reads++;
        return Promise.reject(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' }));
      },
    });
    expect(reads).toBe(2);
    expect(await loaded(store)).toEqual([1]);
    expect(store.quarantined).toMatchObject([{ damage: 'unreadable' }]);
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
    expect(fan.strangers().map(({ baseDigest, sequence }) => [baseDigest, sequence])).toEqual([
      [PUMP, 2n],
      [PUMP, 1n],
    ]);
    expect([...(await fan.loadStranger(fan.strangers()[0]!))]).toEqual([2]);
    expect(await fan.settleStrangers('keep')).toBeUndefined();
    expect(await fan.save(Uint8Array.of(70))).toBe(3n);
    await fan.close();
    const pump = await openStore(PUMP);
    expect(await pump.load()).toEqual({ state: Uint8Array.of(2), sequence: 2n });
    expect(pump.strangers()).toMatchObject([{ baseDigest: FAN, sequence: 3n }]);
  });

  it('are carried over by rebase, once, and stay aside', async () => {
    await saved(PUMP, 1, 2);
    const policy = { rebase: (state: Uint8Array) => state.map((byte) => byte + 100) };
    const fan = await openStore(FAN);
    expect(await fan.settleStrangers(policy)).toBe(3n);
    expect(await loaded(fan)).toEqual([102]);
    await fan.save(Uint8Array.of(103));
    expect(await fan.settleStrangers(policy)).toBeUndefined();
    expect(await loaded(fan)).toEqual([103]);
    expect(fan.strangers()).toHaveLength(2);
  });

  it('are deleted by reset only', async () => {
    await saved(PUMP, 1, 2);
    const fan = await openStore(FAN);
    await fan.settleStrangers('reset');
    expect(fan.strangers()).toEqual([]);
    expect(await readdir(folder)).toEqual(['lock.2']);
  });

  it('are put away, and say so, if they turn out damaged', async () => {
    await saved(PUMP, 1);
    const fan = await openStore(FAN);
    const stranger = fan.strangers()[0]!;
    await flipByte(stranger.name, 56);
    await expect(fan.loadStranger(stranger)).rejects.toThrow('is damaged or gone');
    expect(fan.strangers()).toEqual([]);
    expect(fan.quarantined).toHaveLength(1);
  });
});

it('the file system reads no more than asked for', async () => {
  const store = await openStore();
  await store.save(new Uint8Array(1000));
  const path = join(folder, 'a.slot');
  const { size } = await stat(path);
  expect((await nodeFileSystem.read(path, size)).byteLength).toBe(size);
  await expect(nodeFileSystem.read(path, size - 1)).rejects.toMatchObject({ code: 'EFBIG' });
});
