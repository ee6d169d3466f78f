import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accuracyAfter } from './accuracy-after.test-data.ts';
import { events } from './events.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-events-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** x, y, polarity, and milliseconds. */
type Event = readonly [number, number, 0 | 1, number];

/** As the paper of N-MNIST says: 8 bits of x, 8 of y, one of polarity, 23 of microseconds. */
function nMnist(list: readonly Event[]): Uint8Array {
  return Uint8Array.from(
    list.flatMap(([x, y, polarity, ms]) => {
      const time = Math.round(1000 * ms);
      return [x, y, (polarity << 7) | (time >> 16), (time >> 8) & 0xff, time & 0xff];
    }),
  );
}

async function write(files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
}

const one = nMnist([[1, 2, 0, 5]]);
const small = { 'Train/0/1.bin': one, 'Train/1/1.bin': one, 'Test/0/1.bin': one, 'Test/1/1.bin': one };

/** Where a sample is not 0, as [frame, polarity, row, column]. */
function placesOf(sample: ArrayLike<number>): number[][] {
  return Array.from(sample).flatMap((value, k) => {
    if (value === 0) return [];
    expect(value).toBe(1);
    return [[Math.floor(k / 2312), Math.floor(k / 1156) % 2, Math.floor(k / 34) % 34, k % 34]];
  });
}

describe('event sets', () => {
  it('are folders for each class; events are in their frame, once however many there were, and none after the end', async () => {
    const moving = nMnist([
      [33, 0, 1, 0],
      [33, 0, 1, 29.999],
      [0, 33, 0, 30],
      [7, 9, 1, 299.999],
      [8, 9, 1, 300],
    ]);
    await write({ ...small, 'Train/10/2.bin': moving, 'Train/10/readme.txt': one, 'Test/10/3.BIN': one });
    const set = await events.load(folder);
    expect([set.classes, set.shape, set.frames]).toEqual([['0', '1', '10'], [2, 34, 34], 10]);
    expect([Array.from(set.training!.labels), Array.from(set.labels)]).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(set.training!.samples[2]).toHaveLength(10 * 2 * 34 * 34);
    expect(placesOf(set.training!.samples[2]!)).toEqual([
      [0, 1, 0, 33],
      [1, 0, 33, 0],
      [9, 1, 9, 7],
    ]);
    expect(placesOf(set.samples[1]!)).toEqual([[0, 0, 2, 1]]);
  });

  it('have the frames and the length that are asked for', async () => {
    await write({
      ...small,
      'Train/0/1.bin': nMnist([
        [1, 2, 0, 5],
        [1, 2, 0, 19],
        [1, 2, 0, 21],
      ]),
    });
    const { frames, training } = await events.load(`${folder},frames=4,ms=20`);
    expect(frames).toBe(4);
    expect(placesOf(training!.samples[0]!)).toEqual([
      [1, 0, 2, 1],
      [3, 0, 2, 1],
    ]);
  });

  it.each<[string, Record<string, Uint8Array>, RegExp]>([
    ['with half an event', { 'Train/1/1.bin': one.subarray(1) }, /1\.bin: .*has 4 bytes; expected a multiple of 5/],
    [
      'that goes back in time',
      {
        'Test/0/1.bin': nMnist([
          [1, 1, 1, 9],
          [1, 1, 1, 8],
        ]),
      },
      /0.1\.bin: .*is at 0\.008 s/,
    ],
    [
      'beyond the sensor',
      { 'Test/0/1.bin': nMnist([[34, 1, 1, 9]]) },
      /has an event at x 34, y 1; expected both below 34/,
    ],
    ['of a class that nobody teaches', { 'Test/2/1.bin': one }, /Test.2: is a class without training; expected 0, 1/],
  ])('name the file %s', async (_, changes, line) => {
    await write({ ...small, ...changes });
    await expect(events.load(folder)).rejects.toMatchObject({ code: 'file', message: expect.stringMatching(line) });
  });

  it('say what is missing, and what was asked for that there is not', async () => {
    await expect(events.load(undefined)).rejects.toThrow('--data events: names no folder; expected events:FOLDER');
    await expect(events.load(folder)).rejects.toThrow(/Train: does not exist; expected a folder of recordings$/);
    await mkdir(join(folder, 'Train', '0'), { recursive: true });
    await expect(events.load(folder)).rejects.toThrow(/Train: has no recordings; expected Train\/CLASS\/\*\.bin/);
    await write(small);
    await expect(events.load(`${folder},frames=0`)).rejects.toThrow(/frames/);
    await expect(events.load(`${folder},parts=3`)).rejects.toThrow(/parts/);
  });

  it('are learned by what comes last, varied in all frames: bars that stay, then go to the left or to the right', async () => {
    const random = new RandomGenerator(1, 'bars');
    const bar = (direction: 1 | -1) => {
      const top = random.nextInteger(26);
      return nMnist(
        Array.from({ length: 34 * 8 }, (_, k): Event => {
          const step = Math.floor(k / 8);
          return [17 + direction * Math.max(0, step - 17), top + (k % 8), (k % 2) as 0 | 1, 8.8 * step];
        }),
      );
    };
    for (let k = 0; k < 36; k++) await write({ [`Train/left/${k}.bin`]: bar(-1), [`Train/right/${k}.bin`]: bar(1) });
    await write({ 'Test/left/1.bin': bar(-1), 'Test/right/1.bin': bar(1) });
    const data = await events.load(folder);
    const choices = {
      arch: '2312-20-2',
      encoder: 'sequence:gain=4',
      epochs: 8,
      learningRate: 0.01,
      batch: 11,
      augment: 'shift:most=2',
    };
    expect(await accuracyAfter(data, choices)).toBeGreaterThan(0.8);
    await expect(accuracyAfter(data, { arch: '2312-2' })).rejects.toThrow(
      /--encoder direct: takes samples at once, and events:.* has 10 frames; expected sequence/,
    );
  });
});
