import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { growthOf } from '../../../test/growth.ts';
import { loadRecorded } from './recorded.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-recorded-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** As many readings as classes. */
async function recording(count: number): Promise<string> {
  const path = join(folder, `${count}.jsonl`);
  const lines = Array.from({ length: count }, (_, k) => `{"t":${k},"label":"l${(7 * k) % count}","values":[${k}]}\n`);
  const header = '{"format":"spikewire-recorded","version":1,"channels":["x"],"numbers":1}\n';
  await writeFile(path, header + lines.join(''));
  return path;
}

it('readings have their class among all classes, in the order of their names', async () => {
  const { classes, labels, samples } = await loadRecorded(await recording(100));
  expect(classes).toEqual(Array.from({ length: 100 }, (_, k) => `l${k}`).sort());
  expect(samples.map((sample) => `l${(7 * sample[0]!) % 100}`)).toEqual(Array.from(labels, (label) => classes[label]));
});

it('as many classes as readings take time in proportion to them', { timeout: 60_000 }, async () => {
  const paths = new Map([4000, 32_000].map((count) => [count, recording(count)]));
  expect(await growthOf(async (count) => loadRecorded(await paths.get(count)), 4000)).toBeLessThan(24);
});
