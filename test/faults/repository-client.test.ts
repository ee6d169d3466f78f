import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { download, RepositoryClient, type RepositorySource, TrustFolder } from 'spikewire/agent';
import { describe, expect, it } from 'vitest';
import { type Files, newKey, release, rootPart, sha256, signedFile } from '../repository/forge.mjs';
import { Cut, DiskFailure, type Fate, MemoryDisk } from './store-memory-disk.ts';

/*
 * Every file operation of a device that follows a repository is, in turn, the moment of a power failure or the one that
 * fails. Whatever disk may be found afterwards, the device goes on, and takes nothing older than what it has
 * acknowledged: a refresh that resolved.
 */
const FOLDER = '/var/trust';
const DAY_MS = 86_400_000;

const keys = { root: [newKey(), newKey()], targets: [newKey()], snapshot: [newKey()], timestamp: [newKey()] };
const laterKeys = { ...keys, timestamp: [newKey()], root: [keys.root[0]!, newKey()] };
const model = (version: number) => Buffer.alloc(2000, `model ${version} `);
const files = (version: number, own = keys) => {
  return release(own, { targets: version, snapshot: version, timestamp: version }, { 'a.spike': model(version) });
};
const root = signedFile(rootPart(1, keys), keys.root);
const secondRoot = signedFile(rootPart(2, laterKeys), [...keys.root, ...laterKeys.root]);
/** What the server has from time to time: in the third state with a new root and new keys of the timestamp. */
const STATES: readonly Files[] = [
  files(1),
  files(2),
  { 'metadata/2.root.json': secondRoot, ...files(3, laterKeys) },
  { 'metadata/2.root.json': secondRoot, ...files(4, laterKeys) },
];

function sourceOf(state: Files, cutAfter = Number.POSITIVE_INFINITY): RepositorySource {
  return {
    where: 'memory',
    read: async (path) => state[path],
    async *stream(path, from) {
      const bytes = state[path]!.subarray(from);
      for (let k = 0; k < Math.min(cutAfter, bytes.length); k += 700) yield bytes.subarray(k, k + 700);
    },
  };
}

function emptyDisk(): MemoryDisk {
  const disk = new MemoryDisk([
    ['/', 'folder'],
    ['/var', 'folder'],
  ]);
  return disk;
}

function refresh(disk: MemoryDisk, state: Files, clock = Date.now) {
  const folder = new TrustFolder(FOLDER, disk);
  return new RepositoryClient({ source: sourceOf(state), folder, root, clock }).refresh();
}

/** Follows the server through its states; the count of those that were acknowledged. */
async function life(disk: MemoryDisk): Promise<number> {
  let acknowledged = 0;
  for (const state of STATES) {
    try {
      expect((await refresh(disk, state)).version).toBe(acknowledged + 1);
    } catch (failure) {
      if (failure instanceof Cut) return acknowledged;
      if (isCut(failure)) return acknowledged;
      if (!isFated(failure)) throw failure;
      // A failure of the disk: the next look is at the same state.
      expect((await refresh(disk, state)).version).toBe(acknowledged + 1);
    }
    acknowledged++;
  }
  return acknowledged;
}

const isCut = (failure: unknown) => failure instanceof Cut || (failure as Error).cause instanceof Cut;
const isFated = (failure: unknown) => (failure as Error & { code: string }).code === 'store' && hasCause(failure);
const hasCause = (failure: unknown) => (failure as Error).cause instanceof DiskFailure;

/** Expects that a device goes on from a disk, and refuses what is older than what it acknowledged. */
async function expectSafe(disk: MemoryDisk, acknowledged: number): Promise<void> {
  const images = [...disk.survivors()];
  for (let older = 0; older < acknowledged - 1; older++) {
    // Each trial on a disk of its own.
    for (const image of [...disk.survivors()]) {
      await expect(refresh(image, STATES[older]!)).rejects.toMatchObject({ code: 'access' });
    }
  }
  for (const image of images) {
    const last = STATES.at(-1)!;
    expect((await refresh(image, last)).version).toBe(STATES.length);
    await expect(refresh(image, STATES[0]!)).rejects.toMatchObject({ code: 'access' });
  }
}

async function operationsOf(run: (disk: MemoryDisk) => Promise<unknown>): Promise<number> {
  const disk = emptyDisk();
  await run(disk);
  return disk.operations;
}

const at = (moment: number, fate: Fate) => (operation: number) => (operation === moment ? fate : 'proceed');

describe('a device that follows a repository', () => {
  it('looks twice at a time as if it looked twice', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'spikewire-trust-'));
    try {
      let state = STATES[0]!;
      const source = { ...sourceOf(state), read: async (path: string) => state[path] };
      const client = new RepositoryClient({ source, folder: new TrustFolder(folder), root });
      for (const [k, next] of STATES.entries()) {
        const before = client.refresh();
        state = next;
        const versions = (await Promise.all([before, ...Array.from({ length: 5 }, () => client.refresh())])).map(
          ({ version }) => version,
        );
        expect(versions).toEqual([...versions].sort());
        expect(versions.at(-1)).toBe(k + 1);
        expect(await readdir(folder)).not.toContainEqual(expect.stringContaining('.part'));
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('goes on after a power cut at any file operation, and never back', async () => {
    const count = await operationsOf(life);
    expect(count).toBeGreaterThan(100);
    for (let moment = 0; moment < count; moment++) {
      const disk = emptyDisk();
      disk.fate = at(moment, 'cut');
      const acknowledged = await life(disk);
      expect(acknowledged).toBeLessThan(STATES.length);
      await expectSafe(disk, acknowledged);
    }
  });

  it.each(['EIO', 'ENOSPC', 'EROFS'] as const)('goes on after %s at any file operation', async (code) => {
    const count = await operationsOf(life);
    for (let moment = 0; moment < count; moment++) {
      const disk = emptyDisk();
      disk.fate = at(moment, code);
      expect(await life(disk)).toBe(STATES.length);
      await expect(refresh(disk, STATES[1]!)).rejects.toMatchObject({ code: 'access' });
    }
  });

  it('shows this test if it does not sync what it acknowledges', async () => {
    const disk = emptyDisk();
    disk.lies = 'syncFolder';
    await life(disk);
    await expect(expectSafe(disk, STATES.length)).rejects.toThrow();
  });

  it.each(['root', 'timestamp', 'snapshot', 'targets'])('goes on where its kept %s is damaged', async (role) => {
    for (const offset of [0, 1, 40, 100, 300]) {
      const disk = emptyDisk();
      await life(disk);
      disk.damage(`${FOLDER}/${role}.json`, offset);
      expect((await refresh(disk, STATES.at(-1)!)).version).toBe(STATES.length);
      await expect(refresh(disk, STATES[1]!)).rejects.toMatchObject({ code: 'access' });
    }
  });
});

describe('the clock of a device', () => {
  const now = Date.now();
  const seenAt = async (times: readonly number[]) => {
    const disk = emptyDisk();
    const results: string[] = [];
    for (const time of times) {
      const result = refresh(disk, STATES[0]!, () => time);
      results.push(
        await result.then(
          () => 'read',
          (problem) => problem.message.replace(/ at .*/, ''),
        ),
      );
    }
    return results;
  };

  it('that goes forward by years and back again hinders it only meanwhile', async () => {
    const years = now + 10 * 365 * DAY_MS;
    expect(await seenAt([now, years, now])).toEqual(['read', 'root: expired', 'read']);
    expect(await seenAt([years, now])).toEqual(['root: expired', 'read']);
  });

  it('that starts in 1970 does not make it take what had expired before', async () => {
    expect(await seenAt([0, now, 0])).toEqual(['read', 'read', 'read']);
    const disk = emptyDisk();
    const early = {
      ...STATES[0]!,
      ...release(keys, { targets: 1, snapshot: 1, timestamp: 1 }, {}, { days: { timestamp: -1 } }),
    };
    await expect(refresh(disk, early)).rejects.toThrow('timestamp: expired');
    await refresh(disk, STATES[0]!);
    await expect(refresh(disk, { ...files(2), ...late() }, () => 0)).rejects.toThrow('timestamp: expired');
  });

  /** A right release that has expired an hour ago. */
  function late(): Files {
    const days = { timestamp: -1 / 24 };
    return release(keys, { targets: 2, snapshot: 2, timestamp: 2 }, {}, { days });
  }

  it.each([Number.NaN, -1, 8.64e15, Number.POSITIVE_INFINITY])('that says %s does no harm', async (time) => {
    const [first, second] = await seenAt([time, now]);
    expect(second).toBe('read');
    expect(['read', 'root: expired']).toContain(first);
  });
});

describe('a download of a device', () => {
  const target = { name: 'a.spike', length: 2000, sha256: sha256(model(1)), custom: undefined };
  const folder = '/var/models';
  const fetchTo = (disk: MemoryDisk, cutAfter?: number) => {
    const source = sourceOf(STATES[0]!, cutAfter);
    return download({ source, target, folder, fileSystem: disk, freeSpace: async () => 1e9 });
  };
  /** Cut by the server at first, then whole. */
  const life = async (disk: MemoryDisk) => {
    await fetchTo(disk, 700).catch((failure) => {
      if (failure.code !== 'link') throw failure;
    });
    return fetchTo(disk);
  };

  it('ends with the right bytes after a power cut at any file operation', async () => {
    const count = await operationsOf(life);
    expect(count).toBeGreaterThan(20);
    for (let moment = 0; moment < count; moment++) {
      const disk = emptyDisk();
      disk.fate = at(moment, 'cut');
      await expect(life(disk)).rejects.toSatisfy(isCut);
      for (const image of disk.survivors()) {
        const path = await fetchTo(image);
        expect(model(1).equals(await image.read(path, 2000))).toBe(true);
        for (const later of image.survivors()) expect(model(1).equals(await later.read(path, 2000))).toBe(true);
      }
    }
  });

  it.each(['EIO', 'ENOSPC', 'EROFS'] as const)('ends with them after %s at any file operation', async (code) => {
    const count = await operationsOf(life);
    for (let moment = 0; moment < count; moment++) {
      const disk = emptyDisk();
      disk.fate = at(moment, code);
      await life(disk).catch((failure) => expect(failure).toSatisfy(isFated));
      const path = await fetchTo(disk);
      expect(model(1).equals(await disk.read(path, 2000))).toBe(true);
    }
  });
});
