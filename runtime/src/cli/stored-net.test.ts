import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceEngine } from '@spikewire/engine';
import { inProcess } from '@spikewire/engine/executor';
import { modelDigest, nextReadingModel, writeModel } from '@spikewire/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NetPool } from '../session/pool/net-pool.ts';
import { expectStoredNet } from './stored-net.ts';

const model = writeModel(nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 10 }));
const digest = modelDigest(model);
const OTHER = 'a'.repeat(64);

let folder: string;
const open = () => new NetPool(model, inProcess(referenceEngine), { directory: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-stored-'));
  const pool = open();
  for (const key of ['kitchen', 'Süd/1']) {
    await pool.use(key, (kept) => kept.feed({ time: 1, values: Float64Array.of(1) }));
  }
  await pool.close();
});
afterAll(() => rm(folder, { recursive: true }));

it('takes a net with a state of the model', async () => {
  await expectStoredNet(folder, 'kitchen', digest);
  await expectStoredNet(folder, 'Süd/1', digest);
});

it.each([
  [undefined, digest, 'usage', 'spikewire teach --store: --net is missing; expected kitchen'],
  ['cellar', digest, 'input', /^net "cellar": does not exist in store .*; expected kitchen$/],
  ['kitchen', OTHER, 'file', `net "kitchen": was learned by another model; expected --model with the digest ${digest}`],
])('refuses net %s of model %s, and leaves the store as it is', async (net, model, code, message) => {
  await expect(expectStoredNet(folder, net, model)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
  expect(await readdir(join(folder, 'kitchen'))).toEqual(['a.slot']);
});

it('refuses a folder that does not exist, one without nets, and one in use', async () => {
  const written = 'expected a folder that run --store has written';
  await expect(expectStoredNet(join(folder, 'none'), 'a', digest)).rejects.toThrow(`none: does not exist; ${written}`);
  await expect(expectStoredNet(join(folder, 'kitchen'), 'a', digest)).rejects.toThrow(`has no nets; ${written}`);
  const pool = open();
  await pool.takeStores();
  const inUse = expectStoredNet(folder, 'kitchen', digest);
  await expect(inUse).rejects.toThrow(/in use by .*, pid \d+; expected that process stopped first$/);
  await pool.close();
});
