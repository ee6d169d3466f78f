import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lock, machineProcessTable, nodeFileSystem } from '../../store/index.ts';
import { Journal } from '../update/journal.ts';
import { type DeviceArchive, readDeviceArchive, writeDeviceArchive } from './device-archive.ts';
import { readMachine, restoreMachines } from './machine-folders.ts';
import { feed, foldersOf, MODEL, taughtMachine } from './taught-machine.test-data.ts';

const DEVICE = '0123456789abcdef'.repeat(2);
const TIME = new Date('2026-12-02T10:00:00.000Z');
const MOST = 2 ** 22;

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-machines-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a device uploads of its machines. */
async function archiveOf(...names: string[]): Promise<Uint8Array> {
  const machines = names.map(async (name) => [name, (await readMachine(foldersOf(at('old'), name), MOST))!] as const);
  return writeDeviceArchive({
    device: DEVICE,
    made: TIME.toISOString(),
    machines: new Map(await Promise.all(machines)),
  });
}

const restore = (archive: DeviceArchive, putsAside = false) =>
  restoreMachines({ folder: at('new'), archive, putsAside, time: TIME });

describe('the backup of machines', () => {
  it('lets another device continue as the first one would have, with the same base', async () => {
    for (const name of ['pump', 'fan']) await taughtMachine(at('old'), name);
    const archive = readDeviceArchive(await archiveOf('pump', 'fan'));
    expect(archive).toMatchObject({ device: DEVICE, made: TIME.toISOString() });
    expect(await restore(archive)).toEqual({ machines: ['fan', 'pump'], aside: [] });
    expect((await readdir(at('new'))).filter((name) => !name.startsWith('lock.')).sort()).toEqual(['fan', 'pump']);
    const { current } = (await Journal.peek(at('new', 'pump', 'update', 'journal')))!;
    const before = (await Journal.peek(at('old', 'pump', 'update', 'journal')))!;
    expect(current).toEqual({ ...before.current, since: TIME.toISOString() });
    expect(new Uint8Array(await readFile(at('new', 'pump', 'update', 'bases', current!.sha256)))).toEqual(MODEL);
    const [there, here] = [
      await feed(foldersOf(at('new'), 'pump'), 50, 20),
      await feed(foldersOf(at('old'), 'pump'), 50, 20),
    ];
    expect(there).toBe(here);
    expect(there).not.toBe(await feed(foldersOf(at('empty'), 'pump'), 50, 20));
  });

  it('is nothing where nothing was learned yet, and is refused where it is too large', async () => {
    expect(await readMachine(foldersOf(at('old'), 'pump'), MOST)).toBeUndefined();
    const pump = await taughtMachine(at('old'), 'pump');
    await expect(readMachine(pump, 1000)).rejects.toMatchObject({
      code: 'store',
      message: expect.stringContaining('1000'),
    });
    await rm(pump.learned, { recursive: true });
    expect(await readMachine(pump, MOST)).toBeUndefined();
  });

  it('replaces no machine, unless that is asked for: then the machine is put aside', async () => {
    await taughtMachine(at('old'), 'pump');
    const archive = readDeviceArchive(await archiveOf('pump'));
    const other = await taughtMachine(at('new'), 'pump');
    await feed(other, 50, 30);
    const answers = async (parts: readonly string[]) => feed(foldersOf(at(...parts), 'pump'), 80, 5);
    const names = await readdir(at('new'));
    await expect(restore(archive)).rejects.toMatchObject({
      code: 'store',
      message: expect.stringContaining('--force'),
    });
    expect((await readdir(at('new'))).filter((name) => !name.startsWith('lock.'))).toEqual(names);
    const { aside } = await restore(archive, true);
    expect(aside).toEqual([at('new', '.replaced', '2026-12-02T100000.000Z', 'pump')]);
    const [own, restored] = [await answers(['new', '.replaced', '2026-12-02T100000.000Z']), await answers(['new'])];
    expect([own === restored, JSON.parse(own)[0].sequence, JSON.parse(restored)[0].sequence]).toEqual([false, 81, 51]);
  });

  it('is not restored into the folder of an agent that runs', async () => {
    await taughtMachine(at('old'), 'pump');
    const archive = readDeviceArchive(await archiveOf('pump'));
    await nodeFileSystem.makeFolder(at('new'));
    const lock = await Lock.take(at('new'), nodeFileSystem, machineProcessTable());
    await expect(restore(archive)).rejects.toMatchObject({ message: expect.stringContaining(`pid ${process.pid}`) });
    await lock.release();
    expect(await restore(archive)).toMatchObject({ machines: ['pump'] });
  });

  it('is refused where a byte differs', async () => {
    await taughtMachine(at('old'), 'pump');
    const bytes = await archiveOf('pump');
    for (let at = 0; at < bytes.length; at += 97) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 1;
      expect(() => readDeviceArchive(changed)).toThrow(expect.objectContaining({ code: 'file' }));
    }
  });
});
