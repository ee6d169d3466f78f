import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { modelBytes } from './model-bytes.ts';
import { keepModel } from './uploaded-models.ts';

it('models of one name that come at once are kept whole, one after the other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-uploads-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const names = ['a', 'b', 'c'];
  const models = await Promise.all(
    names.map((name) => modelBytes({ kind: 'next-reading', channels: [{ name, unit: '' }], rangeWarmUp: 2 })),
  );
  async function* body(bytes: Uint8Array) {
    yield bytes;
  }
  const kept = await Promise.all(models.map((bytes) => keepModel('net.spike', body(bytes), folder)));
  expect(kept.map(({ channels }) => channels)).toEqual(names.map((name) => [name]));
  const place = join(folder, 'spikewire', 'models');
  expect(await readdir(place)).toEqual(['net.spike']);
  expect(Buffer.compare(await readFile(join(place, 'net.spike')), models[2]!)).toBe(0);
});
