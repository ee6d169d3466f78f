import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRecorded } from './recorded-file.ts';
import { Recording } from './recording.ts';

const bytes = (message: unknown) => new TextEncoder().encode(JSON.stringify(message));
const GOOD = { x: 1, y: -1 };
const FOREIGN = { rssi: -60 };

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-recording-'));
  path = join(folder, 'r.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

/** What a recording of these messages says of itself, and what is in its file. */
async function record(messages: readonly unknown[], retained: readonly boolean[] = []) {
  const recording = new Recording({ path, label: 'idle', limit: 1e6 });
  for (const [k, message] of messages.entries()) {
    await recording.add(bytes(message), retained[k]).catch((problem: { code: string }) => {
      expect(problem.code).toBe('input');
    });
  }
  await recording.close();
  const { readings, bad } = recording;
  const { shape, readings: written } = await readRecorded(path);
  return { readings, bad, channels: shape.channels, values: written.map(({ values }) => values[0]), written };
}

describe('a recording', () => {
  it('holds what most of its first messages hold, and not what came first', async () => {
    expect(await record([FOREIGN, GOOD, { x: 2, y: 0 }, { x: 3, y: 0 }])).toMatchObject({
      ...{ channels: ['x', 'y'], values: [1, 2, 3], readings: 3, bad: 1 },
    });
  });

  it('takes a retained first message for less than one that comes now', async () => {
    expect(await record([FOREIGN, GOOD], [true, false])).toMatchObject({ channels: ['x', 'y'], values: [1], bad: 1 });
  });

  it('stays with what it holds once three messages have agreed, and with what a file held before it', async () => {
    const three = [1, 2, 3].map((x) => ({ x, y: 0 }));
    const others = Array(20).fill(FOREIGN);
    expect(await record([...three, ...others])).toMatchObject({ values: [1, 2, 3], bad: 20 });
    const added = await record([...others, GOOD]);
    expect(added).toMatchObject({ channels: ['x', 'y'], values: [1, 2, 3, 1], readings: 1, bad: 20 });
  });

  it('takes a message with more channels for one of its own', async () => {
    const more = { x: 2, y: 0, battery: 90 };
    expect(await record([GOOD, more, more])).toMatchObject({ channels: ['x', 'y'], values: [1, 2, 2], bad: 0 });
    await rm(path);
    expect(await record([more, GOOD, GOOD])).toMatchObject({ channels: ['x', 'y'], values: [2, 1, 1], bad: 0 });
  });

  it('marks retained readings', async () => {
    const { written } = await record([GOOD, GOOD, GOOD], [true, false, true]);
    expect(written.map(({ retained = false }) => retained)).toEqual([true, false, true]);
    expect((await readFile(path, 'utf8')).split('\n')[2]).not.toContain('retained');
  });

  it.skipIf(process.platform === 'win32')(
    'is for its owner only, and leaves the rights of a file that was there',
    async () => {
      await record([GOOD]);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      await rm(path);
      await writeFile(path, '', { mode: 0o640 });
      await record([GOOD]);
      expect((await stat(path)).mode & 0o777).toBe(0o640);
    },
  );

  it('counts each message once, as a reading of its file or as bad, whatever comes in which order', async () => {
    const kinds = [GOOD, FOREIGN, [1, 2, 3], 'nothing', { x: 2, y: 0, battery: 1 }];
    const any = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.boolean()), { minLength: 1, maxLength: 40 });
    const random = fc.asyncProperty(any, async (heard) => {
      await rm(path, { force: true });
      const retained = heard.map(([, isRetained]) => isRetained);
      if (heard.every(([message]) => message === 'nothing')) return;
      const done = await record(
        heard.map(([message]) => message),
        retained,
      );
      expect(done.readings + done.bad).toBe(heard.length);
      expect(done.values).toHaveLength(done.readings);
      expect(done.readings).toBeGreaterThan(0);
    });
    await fc.assert(random, { numRuns: 100, seed: 1 });
  });
});
