import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BLANK_DIGEST,
  modelDigest,
  nextReadingModel,
  readSafetensors,
  seal,
  tensor,
  writeModel,
  writeSafetensors,
} from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { inProcess } from 'spikewire/executor';
import { NetPool } from 'spikewire/session';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';

const model = writeModel(
  nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 20, rangeWarmUp: 10, monitor: { warmUp: 10 } }),
);
interface LeftOut {
  readonly name: string;
  readonly because: string;
}
const KEYS = ['kitchen', 'Bad/Süd'];

let folder: string;
let pools: NetPool[];
beforeEach(async () => {
  pools = [];
  folder = await mkdtemp(join(tmpdir(), 'spikewire-backup-'));
  await writeFile(join(folder, 'level.spike'), model);
});
afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  await rm(folder, { recursive: true });
});

function open(store: string): NetPool {
  const pool = new NetPool(model, inProcess(engineNamed('clocked')), { directory: join(folder, store) });
  pools.push(pool);
  return pool;
}

/** What the nets answer to readings k, k + 1, …, as text. */
async function feed(pool: NetPool, from: number, count: number) {
  const answers: unknown[] = [];
  for (let k = from; k < from + count; k++) {
    for (const [n, key] of KEYS.entries()) {
      const reading = { time: k, values: Float64Array.of(Math.sin(k / 5) + n) };
      const { sequence, result, error } = await pool.use(key, (kept) => kept.feed(reading));
      answers.push({ sequence, result, error });
    }
  }
  return answers;
}

/** A store in which two nets have had fifty readings. */
async function learn(store: string): Promise<void> {
  const pool = open(store);
  await feed(pool, 0, 50);
  await pool.close();
}

const spikewire = (...words: string[]) => runCommand(words, folder);
const backup = (...more: string[]) => spikewire('backup', 'all.backup', '--store', 'learned', ...more);

describe('a backup', () => {
  it('has all that nets learned and their model: restored elsewhere they go on bit for bit', async () => {
    await learn('learned');
    expect(await backup('--model', 'level.spike')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^all\.backup: 2 nets and their model, \d+ bytes\n$/),
    });
    const restored = await spikewire('restore', 'all.backup', '--store', 'elsewhere', '--model', 'again.spike');
    expect(restored).toMatchObject({ code: 0, stderr: '' });
    expect(new Uint8Array(await readFile(join(folder, 'again.spike')))).toEqual(model);
    const [there, here] = [await feed(open('elsewhere'), 50, 20), await feed(open('learned'), 50, 20)];
    expect(here[0]).toMatchObject({ sequence: 51 });
    expect(there).toEqual(here);
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('is refused of a store in use, of one without states, and over a file that is there', async () => {
    const pool = open('learned');
    await feed(pool, 0, 2);
    const inUse = `in use by a running process, pid ${process.pid}; expected that process stopped first\n`;
    expect((await backup()).stderr).toContain(inUse);
    await pool.close();
    expect(await spikewire('backup', 'b', '--store', 'none')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^spikewire: store .*none: does not exist; expected a folder that run --store has written/,
      ),
    });
    expect(await spikewire('inspect', 'learned')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/learned: is a folder; expected a saved net in it, such as learned\/.*\/a\.slot/),
    });
    expect((await backup()).code).toBe(0);
    const before = await readFile(join(folder, 'all.backup'));
    expect(await backup()).toMatchObject({ code: 1, stderr: expect.stringContaining('already exists') });
    expect(await readFile(join(folder, 'all.backup'))).toEqual(before);
    expect((await readdir(folder)).sort()).toEqual(['all.backup', 'learned', 'level.spike']);
  });

  it('says where no state is of the model that is put beside them', async () => {
    await learn('learned');
    const other = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 21 });
    await writeFile(join(folder, 'other.spike'), writeModel(other));
    expect(await backup('--model', 'other.spike')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ and a model of other nets, /),
      stderr: 'warning: other.spike is not the model of any net in learned; the backup contains both anyway\n',
    });
  });

  it('is not restored over a store or a model, nor where a byte differs, and leaves nothing then', async () => {
    await learn('learned');
    await backup('--model', 'level.spike');
    const restore = (...more: string[]) => spikewire('restore', 'all.backup', '--store', ...more);
    const names = (await readdir(folder)).sort();
    for (const words of [['learned'], ['learned', '--model', 'm.spike'], ['other', '--model', 'level.spike']])
      expect(await restore(...words)).toMatchObject({ code: 1, stderr: expect.stringContaining('already exists') });
    const bytes = await readFile(join(folder, 'all.backup'));
    for (const at of [20, bytes.length >> 1, bytes.length - 1]) {
      const damaged = Uint8Array.from(bytes);
      damaged[at]! ^= 1;
      await writeFile(join(folder, 'all.backup'), damaged);
      const { code, stderr } = await restore('other');
      expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
    }
    await writeFile(join(folder, 'all.backup'), bytes.subarray(0, 1000));
    expect((await restore('other')).code).toBe(1);
    expect((await readdir(folder)).sort()).toEqual(names);
  });

  it.each(['../a.slot', 'kitchen/../../a.slot', 'kitchen/lock.1', '/a.slot', 'a.slot', 'kitchen/a.slot'])(
    'that names %s, without a sound slot in it, is refused',
    async (name) => {
      const metadata = { format: 'spikewire-backup', version: '1', digest: BLANK_DIGEST };
      const bytes = writeSafetensors(new Map([[name, tensor(new Uint8Array(200))]]), metadata);
      seal(bytes);
      await writeFile(join(folder, 'bad.backup'), bytes);
      const { code, stderr } = await spikewire('restore', 'bad.backup', '--store', 'other');
      expect([code, stderr.startsWith('spikewire: bad.backup: ')]).toEqual([1, true]);
      expect((await readdir(folder)).sort()).toEqual(['bad.backup', 'level.spike']);
    },
  );

  it('is not a pipe that nobody writes to, no larger file than a backup, and has no model but bytes', async () => {
    const restore = () => spikewire('restore', 'bad.backup', '--store', 'other');
    const path = join(folder, 'bad.backup');
    await writeFile(path, '');
    await truncate(path, 2 ** 30);
    const large = 'spikewire: bad.backup: cannot be used (EFBIG: 1073741824 bytes, at most 536870912';
    expect((await restore()).stderr).toContain(large);
    const metadata = { format: 'spikewire-backup', version: '1', digest: BLANK_DIGEST };
    const bytes = writeSafetensors(new Map([['model', tensor(new Float32Array(4))]]), metadata);
    seal(bytes);
    await writeFile(path, bytes);
    expect((await restore()).stderr).toContain('spikewire: bad.backup: "model": is not a file');
    await rm(path);
    if (spawnSync('mkfifo', [path]).status === 0) expect((await restore()).stderr).toContain('not a file, read');
    expect((await readdir(folder)).filter((name) => name === 'other')).toEqual([]);
  });

  it('leaves out what is not a state, and says so', async () => {
    await learn('learned');
    const net = (await readdir(join(folder, 'learned'), { withFileTypes: true })).find((entry) => entry.isDirectory())!;
    const inNet = (name: string) => join(folder, 'learned', net.name, name);
    const { states } = JSON.parse((await spikewire('backup', 'first', '--store', 'learned', '--json')).stdout);
    await writeFile(join(folder, 'learned', 'notes'), 'mine');
    await mkdir(join(folder, 'learned', 'UPPER'));
    await writeFile(inNet('shopping list\u001b[31m.txt'), 'milk');
    await writeFile(inNet(`aside.7.${'0'.repeat(64)}.slot`), 'milk');
    await mkdir(inNet(`aside.8.${'0'.repeat(64)}.slot`));
    await writeFile(inNet('a.slot.new'), 'a save that was cut off');
    const said = await spikewire('backup', 'second', '--store', 'learned', '--json');
    expect(said).toMatchObject({ code: 0, stderr: '' });
    const document = JSON.parse(said.stdout);
    expect(document.states).toBe(states);
    expect(new Map(document.leftOut.map(({ name, because }: LeftOut) => [name, because]))).toEqual(
      new Map([
        ['UPPER', 'not of a store'],
        ['notes', 'not of a store'],
        [`${net.name}/aside.7.${'0'.repeat(64)}.slot`, expect.stringContaining('at least')],
        [`${net.name}/aside.8.${'0'.repeat(64)}.slot`, expect.stringContaining('not a file')],
        [`${net.name}/shopping list\u001b[31m.txt`, 'no state'],
      ]),
    );
    const lines = (await spikewire('backup', 'third', '--store', 'learned')).stdout.trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('left out: '))).toHaveLength(5);
    expect(lines.join()).not.toContain('\u001b');
    await spikewire('restore', 'second', '--store', 'elsewhere');
    expect(await readdir(join(folder, 'elsewhere'))).not.toContain('notes');
  });

  it('says the digest of its model: other bytes in its place are refused before anything is written', async () => {
    await learn('learned');
    await backup('--model', 'level.spike');
    const { tensors, metadata } = readSafetensors(await readFile(join(folder, 'all.backup')));
    expect(metadata.modelDigest).toBe(modelDigest(model));
    const other = writeModel(nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 21 }));
    const names = (await readdir(folder)).sort();
    const restoreWith = async (bytes: Uint8Array, said: Record<string, string> = metadata) => {
      const forged = writeSafetensors(new Map([...tensors, ['model', tensor(bytes)]]), {
        ...said,
        digest: BLANK_DIGEST,
      });
      seal(forged);
      await writeFile(join(folder, 'all.backup'), forged);
      return spikewire('restore', 'all.backup', '--store', 'new', '--model', 'new.spike');
    };
    expect(await restoreWith(other)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^spikewire: all\.backup: "model": has the digest [0-9a-f]{64}; expected [0-9a-f]{64}/,
      ),
    });
    expect((await restoreWith(Uint8Array.of(1, 2, 3))).code).toBe(1);
    expect((await readdir(folder)).sort()).toEqual(names);
    // Backups of earlier versions say no digest.
    const { modelDigest: _, ...earlier } = metadata;
    expect(await restoreWith(model, earlier)).toMatchObject({ code: 0 });
  });

  it('without a model is restored for one that is there, if that is the model of its states', async () => {
    await learn('learned');
    await backup();
    const other = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 21 });
    await writeFile(join(folder, 'other.spike'), writeModel(other));
    const restore = (name: string) => spikewire('restore', 'all.backup', '--store', 'new', '--model', name);
    const names = (await readdir(folder)).sort();
    expect(await restore('other.spike')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^spikewire: other\.spike: is the model [0-9a-f]{64}; expected [0-9a-f]{64}, of/),
    });
    expect(await restore('absent.spike')).toMatchObject({ code: 1 });
    expect((await readdir(folder)).sort()).toEqual(names);
    expect(await restore('level.spike')).toMatchObject({ code: 0, stderr: '' });
    expect(new Uint8Array(await readFile(join(folder, 'level.spike')))).toEqual(model);
  });

  it('leaves no model behind where the store cannot be made', async () => {
    await learn('learned');
    await backup('--model', 'level.spike');
    const names = (await readdir(folder)).sort();
    const failed = await spikewire('restore', 'all.backup', '--store', join('absent', 'new'), '--model', 'new.spike');
    expect(failed.code).toBe(1);
    expect((await readdir(folder)).sort()).toEqual(names);
  });
});
