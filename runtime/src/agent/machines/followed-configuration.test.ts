import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator, SpikewireError } from '@spikewire/models';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeFolder, nodeFileSystem, Store } from '../../store/index.ts';
import type { Target } from '../repository/metadata.ts';
import { Bases } from '../update/bases.ts';
import { FollowedConfiguration } from './followed-configuration.ts';
import { configurationFor } from './published-configuration.ts';

const documentOf = (...names: string[]) =>
  JSON.stringify({ machines: Object.fromEntries(names.map((name) => [name, { sensor: { address: 'load:1' } }])) });
const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');

let folder: string;
let followed: FollowedConfiguration;
let published: string | undefined;
let looks: number;
let lines: string[];
let ends: AbortController;

const source = {
  async look(): Promise<Target | undefined> {
    looks++;
    if (published === undefined) return undefined;
    return { name: 'config/mill.json', length: published.length, sha256: sha256Of(published), custom: undefined };
  },
  async fetch({ sha256 }: Target, into: string): Promise<void> {
    await makeFolder(into, nodeFileSystem);
    await writeFile(join(into, sha256), published!);
  },
};

async function open(healthyAfterSeconds = 600): Promise<void> {
  const random = new RandomGenerator(1, 'configuration');
  const say = (line: string) => void lines.push(line);
  followed = await FollowedConfiguration.open({
    ...{ folder, source, every: 3600, random, say, warn: say, healthyAfterSeconds },
  });
}

/** The next process: the one before was killed. */
async function restart(healthyAfterSeconds?: number): Promise<readonly string[]> {
  await followed.close();
  await open(healthyAfterSeconds);
  return namesNow();
}

const namesNow = async () => Object.keys((await followed.start())?.machines ?? {});

/** Takes what is published, and says whether it is to run. */
async function look(text: string): Promise<boolean> {
  published = text;
  const before = looks;
  const following = followed.follow(() => true, ends.signal).then(() => true);
  await vi.waitFor(() => expect(looks).toBeGreaterThan(before));
  const isNew = await Promise.race([following, new Promise<boolean>((end) => setTimeout(end, 700, false))]);
  ends.abort();
  await following;
  ends = new AbortController();
  return isNew;
}

/** Runs until the start counts as healthy. */
async function becomeGood(isRunning = true): Promise<void> {
  const following = followed.follow(() => isRunning, ends.signal);
  await Promise.race([following, new Promise((end) => setTimeout(end, 300))]);
  ends.abort();
  await following;
  ends = new AbortController();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-configuration-'));
  [published, looks, lines, ends] = [undefined, 0, [], new AbortController()];
  await open();
});
afterEach(async () => {
  ends.abort();
  await followed.close();
  await rm(folder, { recursive: true, force: true });
});

it('waits for the first one, and goes on with it without a repository', async () => {
  expect(await namesNow()).toEqual([]);
  expect(await look(documentOf('pump'))).toBe(true);
  expect(await namesNow()).toEqual(['pump']);
  published = undefined;
  expect(await restart()).toEqual(['pump']);
});

it('goes back to the last good one after three starts that never ran for long, and stays there', async () => {
  await look(documentOf('pump'));
  expect(await restart(0)).toEqual(['pump']);
  await becomeGood();
  expect(await look(documentOf('fan'))).toBe(true);
  expect([await restart(), await restart(), await restart()]).toEqual([['fan'], ['fan'], ['fan']]);
  expect(await restart()).toEqual(['pump']);
  expect(lines.at(-1)).toMatch(/^configuration [0-9a-f]{8}: was started 3 times .*; the last good one is used again$/);
  expect(await look(documentOf('fan'))).toBe(false);
  expect(await restart()).toEqual(['pump']);
  expect(await look(documentOf('fan', 'pump'))).toBe(true);
});

it('goes back where no machine of the new one runs, and keeps one of which some do', async () => {
  await look(documentOf('pump'));
  await restart(0);
  await becomeGood();
  await look(documentOf('fan'));
  await restart(0);
  await becomeGood(false);
  expect(await namesNow()).toEqual(['pump']);
  await look(documentOf('boiler'));
  await restart(0);
  await becomeGood(true);
  for (let k = 0; k < 5; k++) expect(await restart()).toEqual(['boiler']);
});

it('counts as good as soon as machines run for long, however late that is', async () => {
  await look(documentOf('pump'));
  await restart(0.05);
  await becomeGood(false); // nothing to go back to
  await becomeGood(true);
  expect(await look(documentOf('fan'))).toBe(true);
  for (let k = 0; k < 3; k++) await restart();
  expect(await restart()).toEqual(['pump']);
});

it('goes on where its journal cannot be written', async () => {
  await look(documentOf('pump'));
  lines.length = 0;
  await restart(0);
  const failing = vi.spyOn(Store.prototype, 'save').mockRejectedValue(new SpikewireError('store', 'disk', 'is full'));
  expect(await namesNow()).toEqual(['pump']);
  await becomeGood();
  failing.mockRestore();
  expect(lines).toEqual(['disk: is full; the present configuration goes on']);
  await becomeGood();
  expect(await look(documentOf('fan'))).toBe(true);
  for (let k = 0; k < 3; k++) await restart();
  expect(await restart()).toEqual(['pump']);
});

it('reads a file again that a worn medium does not give, and does not refuse it', async () => {
  await look(documentOf('pump'));
  await restart(0);
  await becomeGood();
  const failing = vi.spyOn(Bases.prototype, 'read');
  const worn = new SpikewireError('store', 'disk', 'cannot read it: EIO');
  failing.mockRejectedValueOnce(worn).mockRejectedValueOnce(worn);
  expect(await restart()).toEqual(['pump']);
  await look(documentOf('fan'));
  failing.mockRejectedValueOnce(worn).mockRejectedValueOnce(worn).mockRejectedValueOnce(worn);
  expect(await restart()).toEqual(['pump']);
  failing.mockRestore();
  expect(await look(documentOf('fan'))).toBe(true);
});

it('refuses a wrong one with one line, once', async () => {
  await look(documentOf('pump'));
  lines.length = 0;
  const wrong = JSON.stringify({ machines: { pump: { threds: 1 }, fan: 3 } });
  expect([await look(wrong), await look(wrong), await look('{')]).toEqual([false, false, false]);
  expect(lines).toEqual([
    expect.stringMatching(/^config\/mill\.json: machines\.pump\.threds: .*; the present configuration goes on$/),
    expect.stringMatching(/^config\/mill\.json: is not JSON .*; the present configuration goes on$/),
  ]);
  expect(await restart()).toEqual(['pump']);
});

it('goes on while the repository cannot be read, and says so once', async () => {
  await look(documentOf('pump'));
  lines.length = 0;
  const failing = vi.spyOn(source, 'look').mockImplementation(async () => {
    looks++;
    throw new SpikewireError('link', 'site', 'does not answer');
  });
  expect([await look(documentOf('fan')), await look(documentOf('fan'))]).toEqual([false, false]);
  failing.mockRestore();
  expect(lines).toEqual(['site: does not answer; the present configuration goes on']);
  expect(await look(documentOf('fan'))).toBe(true);
});

it('is that of one group of the device', () => {
  const targets = new Map(
    ['config/mill.json', 'config/north.json', 'stable/pump.spike'].map((name) => [
      name,
      { name, length: 1, sha256: '', custom: undefined },
    ]),
  );
  expect(configurationFor(['south', 'mill'], { targets })?.name).toBe('config/mill.json');
  expect(configurationFor(['south'], { targets })).toBeUndefined();
  expect(() => configurationFor(['north', 'mill'], { targets })).toThrow(/two configurations for this device/);
});
