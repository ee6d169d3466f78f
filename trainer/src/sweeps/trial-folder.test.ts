import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TrialFolder } from './trial-folder.ts';

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-trial-'));
  out = join(folder, 'grid-1.spike');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const trialOf = (number: number) => new TrialFolder(out, { name: 'grid', number });
const begin = ({ path }: TrialFolder) => writeFile(join(path, 'config.json'), '{}');

it('goes on with a run of the same trial, and with no other', async () => {
  expect(await trialOf(1).prepare(false)).toBe(false);
  expect(await trialOf(1).prepare(false)).toBe(false);
  await begin(trialOf(1));
  expect(await trialOf(1).prepare(false)).toBe(true);
  await expect(trialOf(2).prepare(false)).rejects.toThrow(
    /grid-1\.run: already exists; expected another --out, or --overwrite/,
  );
  expect(await trialOf(2).prepare(true)).toBe(false);
  await begin(trialOf(2));
  expect(await trialOf(2).prepare(true)).toBe(true);
});

it('begins anew after a failure', async () => {
  await trialOf(1).prepare(false);
  await begin(trialOf(1));
  await trialOf(2).forget();
  expect(await trialOf(1).prepare(false)).toBe(true);
  await trialOf(1).forget();
  expect(await trialOf(1).prepare(false)).toBe(false);
});

it('takes no place of a model that is there, unless told to', async () => {
  await writeFile(out, 'a model');
  await expect(trialOf(1).prepare(false)).rejects.toThrow(/grid-1\.spike: already exists/);
  expect(await trialOf(1).prepare(true)).toBe(false);
  expect(await readFile(out, 'utf8')).toBe('a model');
});
