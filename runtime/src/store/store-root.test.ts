import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderInUseError } from './lock.ts';
import { Store } from './store.ts';
import { HeldBackError, StoreRoot, type StoreRootOptions } from './store-root.ts';

const BASE = 'a'.repeat(64);
const DAY = 24 * 3600e3;
const KIB = 1024;

let folder: string;
const roots: StoreRoot[] = [];

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'spikewire-root-')), 'stores');
});

afterEach(async () => {
  await Promise.all(roots.splice(0).map((root) => root.close().catch(() => undefined)));
  await rm(join(folder, '..'), { recursive: true });
});

function rootOf(options: StoreRootOptions = {}): StoreRoot {
  const root = new StoreRoot(folder, options);
  roots.push(root);
  return root;
}

/** What the folder takes, told by the file system: blocks, and names with the folder itself. */
async function taken(path: string): Promise<{ bytes: number; files: number }> {
  const found = await stat(path);
  if (!found.isDirectory()) return { bytes: Math.ceil(found.size / 4096) * 4096, files: 1 };
  const inside = await Promise.all((await readdir(path)).map((name) => taken(join(path, name))));
  return inside.reduce((sum, { bytes, files }) => ({ bytes: sum.bytes + bytes, files: sum.files + files }), {
    bytes: 4096,
    files: 1,
  });
}

describe('the folder of all stores', () => {
  it.runIf(process.platform === 'linux')('says of a place without room for folders that it is none', async () => {
    await expect(new StoreRoot('/proc/spikewire').open()).rejects.toThrow(
      'store /proc/spikewire: cannot be created; expected a folder on a writable disk',
    );
  });

  it('is held once, whatever nets are in it, and names the process that has it', async () => {
    const root = rootOf();
    await root.open();
    const second = rootOf();
    await expect(second.open()).rejects.toThrow(FolderInUseError);
    await expect(second.openStore('pump', BASE)).rejects.toThrow(`in use by this process, pid ${process.pid}`);
    await root.close();
    await (await second.openStore('pump', BASE)).save(Uint8Array.of(1));
  });

  it('does not open a store that somebody has on its own', async () => {
    const alone = await Store.open(join(folder, 'pump'), { baseDigest: BASE });
    await expect(rootOf().openStore('pump', BASE)).rejects.toThrow('in use by this process');
    await alone.close();
  });

  it('keeps stores apart, and leaves no lock in them', async () => {
    const root = rootOf();
    const [pump, fan] = [await root.openStore('pump', BASE), await root.openStore('fan', BASE)];
    await Promise.all([pump.save(Uint8Array.of(1)), fan.save(Uint8Array.of(2)), pump.save(Uint8Array.of(3))]);
    await Promise.all([pump.close(), fan.close()]);
    await root.close();
    expect((await readdir(join(folder, 'pump'))).sort()).toEqual(['a.slot', 'b.slot']);
    const again = rootOf();
    expect([...(await (await again.openStore('fan', BASE)).load())!.state]).toEqual([2]);
    expect([...(await (await again.openStore('pump', BASE)).load())!.state]).toEqual([3]);
  });

  it('stops saving when another process took it over', async () => {
    const root = rootOf();
    const store = await root.openStore('pump', BASE);
    await store.save(Uint8Array.of(1));
    await writeFile(join(folder, 'lock.1'), JSON.stringify({ pid: 1, token: 'of another' }));
    await expect(store.save(Uint8Array.of(2))).rejects.toThrow('the lock is lost');
  });

  it('can be read where it cannot be opened', async () => {
    const root = rootOf();
    const store = await root.openStore('pump', BASE);
    for (const byte of [1, 2, 3]) await store.save(Uint8Array.of(byte));
    const before = await readdir(join(folder, 'pump'));
    expect([...(await rootOf().peek('pump', BASE))!.state]).toEqual([3]);
    expect(await rootOf().peek('pump', 'b'.repeat(64))).toBeUndefined();
    expect(await rootOf().peek('fan', BASE)).toBeUndefined();
    expect(await readdir(join(folder, 'pump'))).toEqual(before);
  });
});

describe('the quota of the folder', () => {
  const quotaBytes = 1024 * KIB;
  const state = new Uint8Array(30 * KIB);

  it('is never exceeded, lets those in that come first, and these go on saving for ever', async () => {
    const root = rootOf({ quotaBytes });
    const inside: Store[] = [];
    let refused = 0;
    for (let k = 0; k < 40; k++) {
      try {
        const store = await root.openStore(`net${k}`, BASE);
        await store.save(state);
        inside.push(store);
      } catch (failure) {
        expect((failure as Error).message).toMatch(
          /no room: \d+ of 1048576 bytes.*expected fewer nets, or a larger quotaBytes$/,
        );
        refused++;
      }
      expect((await taken(folder)).bytes).toBeLessThanOrEqual(quotaBytes);
    }
    expect(inside.length).toBeGreaterThan(8);
    expect(refused).toBe(40 - inside.length);
    expect(root.use!.refused).toBe(refused);
    for (let round = 0; round < 3; round++) await Promise.all(inside.map((store) => store.save(state)));
    const { bytes, files } = await taken(folder);
    expect(bytes).toBeLessThanOrEqual(quotaBytes);
    expect(root.use!.bytes).toBeLessThan(bytes + 3 * 4096); // but for the lock and the note of the day
    expect(root.use!.files).toBeLessThanOrEqual(files);
  });

  it('bounds files and empty folders too', async () => {
    const root = rootOf({ quotaBytes });
    const results = await Promise.allSettled(Array.from({ length: 100 }, (_, k) => root.openStore(`net${k}`, BASE)));
    expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(30);
    expect((await taken(folder)).files).toBeLessThanOrEqual(64 + 2);
  });

  it('counts what an earlier process left, and takes nothing from the nets that have their place', async () => {
    const former = rootOf();
    for (const name of ['pump', 'fan']) await (await former.openStore(name, BASE)).save(state);
    await former.close();
    const root = rootOf({ quotaBytes: 64 * KIB });
    const pump = await root.openStore('pump', BASE);
    for (let k = 0; k < 3; k++) await pump.save(state);
    await expect(root.openStore('boiler', BASE)).rejects.toThrow('no room');
    expect((await readdir(folder)).filter((name) => !name.includes('.')).sort()).toEqual(['fan', 'pump']);
  });

  it('lets in again when somebody makes room', async () => {
    const root = rootOf({ quotaBytes: 256 * KIB });
    const pump = await root.openStore('pump', BASE);
    await pump.save(new Uint8Array(60 * KIB));
    const fan = await root.openStore('fan', BASE);
    await expect(fan.save(new Uint8Array(60 * KIB))).rejects.toThrow('no room');
    await pump.close();
    await rm(join(folder, 'pump'), { recursive: true });
    await root.close();
    await (await rootOf({ quotaBytes: 256 * KIB }).openStore('fan', BASE)).save(new Uint8Array(60 * KIB));
  });
});

describe('the budget of the day', () => {
  const bytesPerDay = 4096 * KIB;
  const state = new Uint8Array(28 * KIB - 100);
  /** Seven pages, and four for the file system's note of them. */
  const cost = 44 * KIB;
  let time: number;
  const clocks = { now: () => 1.8e12 + time, monotonic: () => time };

  beforeEach(() => {
    time = 0;
  });

  /** Leaves the folder as a process does that is killed. */
  async function kill(): Promise<void> {
    for (const name of await readdir(folder)) if (name.startsWith('lock')) await rm(join(folder, name));
    roots.splice(0);
  }

  /** Saves whenever it may, as a net that learns does, until the time has come. */
  async function saveUntil(end: number, options: StoreRootOptions): Promise<number> {
    const root = rootOf(options);
    const store = await root.openStore('pump', BASE);
    let saves = 0;
    while (time < end) {
      const wait = await store.save(state, { urgency: 'routine' }).then(
        () => 1,
        (failure) => {
          if (failure instanceof HeldBackError) return failure.milliseconds;
          throw failure;
        },
      );
      if (wait === 1) saves++;
      time += wait;
    }
    await store.close();
    await root.close();
    return saves;
  }

  it('holds for a net that would save all the time', async () => {
    const saves = await saveUntil(DAY, { bytesPerDay, ...clocks });
    expect(saves * cost).toBeLessThanOrEqual(bytesPerDay);
    expect(saves * cost).toBeGreaterThan(0.75 * bytesPerDay);
  });

  it('holds over a restart loop that ends well, and one that is killed', async () => {
    for (const isKilled of [false, true]) {
      await rm(folder, { recursive: true, force: true });
      const begin = time;
      let saves = 0;
      let starts = 0;
      while (time < begin + DAY) {
        starts++;
        // A process that saves once, as fast as it can, and starts anew.
        const root = rootOf({ bytesPerDay, ...clocks });
        const store = await root.openStore('pump', BASE);
        await store.save(state).then(
          () => saves++,
          (failure) => expect(failure).toBeInstanceOf(HeldBackError),
        );
        if (isKilled) {
          await kill();
        } else {
          await store.close();
          await root.close();
        }
        time += 5 * 60e3;
      }
      expect(starts).toBe(288);
      expect(saves * cost).toBeLessThanOrEqual(bytesPerDay);
      expect(saves).toBeGreaterThan(40);
    }
  }, 60_000);

  const NOTE = 16 * KIB;

  it('counts what a killed process has written, and nothing that it has not, 300 times', async () => {
    let saves = 0;
    for (let start = 0; start < 300; start++) {
      const root = rootOf({ bytesPerDay: 256 * 1024 * KIB, ...clocks });
      const store = await root.openStore('pump', BASE);
      expect(root.use!.day.written).toBe(saves * cost + start * NOTE);
      await store.save(state, { urgency: 'routine' });
      saves++;
      await kill();
      time += 1000;
    }
    expect((await rootOf().peek('pump', BASE))?.sequence).toBe(300n);
  }, 60_000);

  it.each([1, 5, 20, 100])(
    'forfeits with a killed process no more than a quarter of what it wrote: %i saves',
    async (saves) => {
      const budget = 512 * 1024 * KIB;
      const root = rootOf({ bytesPerDay: budget, ...clocks });
      const store = await root.openStore('pump', BASE);
      for (let k = 0; k < saves; k++) await store.save(state);
      const { written } = root.use!.day;
      await kill();
      const next = rootOf({ bytesPerDay: budget, ...clocks });
      await next.open();
      const forfeited = next.use!.day.written - written;
      expect(forfeited).toBeGreaterThanOrEqual(0);
      expect(forfeited).toBeLessThanOrEqual((saves * cost) / 4);
      // Notes are few where a process lives long.
      if (saves === 100) expect(written).toBeLessThan(1.1 * saves * cost);
    },
  );

  it('gives back what nets of a killed process were waiting to write', async () => {
    const budget = 8 * 1024 * KIB;
    const root = rootOf({ bytesPerDay: budget, ...clocks });
    const stores = await Promise.all(Array.from({ length: 100 }, (_, k) => root.openStore(`net${k}`, BASE)));
    const saved = await Promise.allSettled(stores.map((store) => store.save(state, { urgency: 'routine' })));
    expect(saved.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(50);
    await stores[0]!.save(state, { urgency: 'command' }); // notes where it stands
    await kill();
    const again = await rootOf({ bytesPerDay: budget, ...clocks }).openStore('net0', BASE);
    await again.save(state);
  });

  it('lets commands of a person through when it is spent, 300 of them', async () => {
    const options = { bytesPerDay: 64 * KIB, ...clocks };
    const root = rootOf(options);
    const store = await root.openStore('pump', BASE);
    await store.save(state); // all of it, and more
    await expect(store.save(state)).rejects.toThrow(HeldBackError);
    await expect(store.save(state, { urgency: 'lesson' })).rejects.toThrow(HeldBackError);
    for (let k = 0; k < 150; k++) await store.save(state, { urgency: 'command' });
    await kill();
    const again = await rootOf(options).openStore('pump', BASE);
    for (let k = 0; k < 150; k++) await again.save(state, { urgency: 'command' });
    await expect(again.save(state, { urgency: 'command' })).rejects.toThrow(HeldBackError);
    expect((await again.load())!.sequence).toBe(301n);
  }, 60_000);

  it('leaves enough for a shutdown when it is used up by learning', async () => {
    const root = rootOf({ bytesPerDay, ...clocks });
    const store = await root.openStore('pump', BASE);
    for (;;) {
      const failure = await store.save(state, { urgency: 'routine' }).catch((failure: Error) => failure);
      if (failure instanceof Error) break;
    }
    expect(root.use!.heldBack).toBe(1);
    expect(await store.save(state)).toBeGreaterThan(1n);
  });

  it('is one for all nets, first come, first served', async () => {
    const root = rootOf({ bytesPerDay, ...clocks });
    const stores = await Promise.all(Array.from({ length: 8 }, (_, k) => root.openStore(`net${k}`, BASE)));
    const saves = new Array(8).fill(0);
    for (let minute = 0; minute < 24 * 60; minute++) {
      time += 60e3;
      await Promise.all(
        stores.map((store, k) =>
          store.save(state, { urgency: 'routine' }).then(
            () => saves[k]++,
            () => undefined,
          ),
        ),
      );
    }
    const total = saves.reduce((sum, count) => sum + count, 0);
    expect(total * cost).toBeLessThanOrEqual(bytesPerDay);
    expect(total * cost).toBeGreaterThan(0.7 * bytesPerDay);
    expect(Math.max(...saves) - Math.min(...saves)).toBeLessThanOrEqual(2);
  }, 60_000);

  it('is told with what was written in the last day, and remembers it', async () => {
    const root = rootOf({ bytesPerDay, ...clocks });
    const store = await root.openStore('pump', BASE);
    for (let k = 0; k < 3; k++) await store.save(state);
    const { day } = root.use!;
    expect(day.budget).toBe(bytesPerDay);
    expect(day.written).toBeGreaterThanOrEqual(3 * cost);
    expect(day.written).toBeLessThanOrEqual(3 * cost + 3 * 16 * KIB);
    await store.close();
    await root.close();
    const again = rootOf({ bytesPerDay, ...clocks });
    await again.open();
    expect(again.use!.day.written - day.written).toBeLessThanOrEqual(16 * KIB);
    expect(again.use!.day.written).toBeGreaterThanOrEqual(day.written);
  });

  it.each(['', '{"level":1e9}', 'x'.repeat(10_000)])('is not reset by a damaged note: %j', async (note) => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'written.json'), note);
    const root = rootOf({ bytesPerDay, ...clocks });
    const store = await root.openStore('pump', BASE);
    await expect(store.save(state, { urgency: 'routine' })).rejects.toThrow(HeldBackError);
    await store.save(state);
    expect(JSON.parse(await readFile(join(folder, 'written.json'), 'utf8')).hours).toHaveLength(24);
  });

  it('is neither reset nor stuck by a clock that jumps', async () => {
    await saveUntil(DAY / 4, { bytesPerDay, ...clocks });
    for (const now of [() => 0, () => 4e12, () => 1.8e12]) {
      const begin = time;
      const saves = await saveUntil(begin + DAY / 24, { bytesPerDay, ...clocks, now });
      expect(saves * cost).toBeLessThanOrEqual(bytesPerDay / 4 + bytesPerDay / 32);
      expect(saves).toBeGreaterThan(1);
    }
  });
});
