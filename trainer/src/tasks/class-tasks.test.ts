import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { wavOf16 } from '../recordings/wav.test-data.ts';
import type { StreamSample } from '../stream-eval/class-stream.ts';
import { cwru, cwruLoad } from './cwru.ts';
import { elec2 } from './elec2.ts';
import {
  cwruFolder,
  emptyFolder,
  fsddFolder,
  gasDriftFolder,
  haptFolder,
  longFolder,
  mitdbFolder,
  recordingFile,
} from './folders.test-data.ts';
import { fsdd, fsddTrained } from './fsdd.ts';
import { gasDrift } from './gas-drift.ts';
import { hapt, haptTurned } from './hapt.ts';
import { mitdb } from './mitdb.ts';
import { recording } from './recording.ts';
import { sea } from './sea.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});
const kept = (folder: string) => {
  folders.push(folder);
  return folder;
};
const countsOf = (samples: readonly StreamSample[], classes: readonly string[]) =>
  classes.map((_, k) => samples.filter(({ label }) => label === k).length);
const keysOf = (samples: readonly StreamSample[]) => samples.map(({ values }) => values.join());

describe('every task of classes', () => {
  const uses = [
    [gasDrift, gasDriftFolder],
    [hapt, haptFolder],
    [haptTurned, haptFolder],
    [fsdd, fsddFolder],
    [fsddTrained, fsddFolder],
    [mitdb, mitdbFolder],
    [cwru, cwruFolder],
    [cwruLoad, cwruFolder],
    [elec2, longFolder],
    [sea, longFolder],
    [recording, recordingFile],
  ] as const;

  it.each(uses)(
    '$name keeps base and streams apart, has finite numbers of one width, and is the same each time',
    async (task, make) => {
      const folder = kept(make());
      const { classes, trials } = await task.load(folder, 5);
      expect(trials.length).toBeGreaterThan(0);
      for (const { base, streams } of trials) {
        const samples = [...base, ...streams.flatMap((stream) => stream.samples)];
        expect(new Set(samples.map(({ values }) => values.length)).size).toBe(1);
        expect(
          samples.every(({ values, label }) => values.every(Number.isFinite) && classes[label] !== undefined),
        ).toBe(true);
        const known = new Set(keysOf(base));
        for (const stream of streams) {
          expect(stream.samples.length).toBeGreaterThan(0);
          // Tones of the same length are equal words; everything else is drawn.
          if (task !== fsdd) expect(keysOf(stream.samples).filter((key) => known.has(key))).toEqual([]);
        }
      }
      expect(await task.load(folder, 5)).toEqual({ classes, trials });
    },
  );

  it.each(uses)('$name says in a typed line that its files are missing', async (task) => {
    const folder = kept(emptyFolder());
    await expect(task.load(folder, 1)).rejects.toMatchObject({
      code: 'file',
      message: expect.not.stringMatching(/\n/),
    });
    await expect(task.load(`${folder}/absent`, 1)).rejects.toMatchObject({ code: 'file' });
  });
});

describe('gas-drift', () => {
  it('takes the first batch for the base, the others in their order, each shuffled', async () => {
    const { trials } = await gasDrift.load(kept(gasDriftFolder(11, 10)), 1);
    const [{ base, streams }] = trials as [(typeof trials)[number]];
    expect(new Set(base.map(({ segment }) => segment))).toEqual(new Set(['batch 1']));
    expect([...new Set(streams[0]!.samples.map(({ segment }) => segment))]).toEqual(
      Array.from({ length: 10 }, (_, k) => `batch ${k + 2}`),
    );
    const second = streams[0]!.samples.slice(0, 30);
    expect(countsOf(second, ['', '', ''])).toEqual([10, 10, 10]);
    const repeats = second.filter(({ label }, n) => n > 0 && label === second[n - 1]!.label).length;
    expect(repeats).toBeLessThan(20);
    // ln(1 + x) of 30, and of 10, give or take what was added.
    for (const { label, values } of base)
      expect(values[label]! > Math.log(25) && values[(label + 1) % 3]! < Math.log(20)).toBe(true);
  });

  it.each([
    ['1 1:2.5', /batch2.dat, line 1: is damaged/],
    [
      `7 ${Array.from({ length: 128 }, (_, k) => `${k + 1}:1`).join(' ')}`,
      /line 1: is damaged; expected a class of 1 to 6/,
    ],
    [`1 ${Array.from({ length: 128 }, (_, k) => `${k + 2}:1`).join(' ')}`, /line 1: is damaged/],
    [`1 ${Array.from({ length: 128 }, (_, k) => `${k + 1}:nan`).join(' ')}`, /line 1: is damaged/],
  ])('refuses a damaged line %#', async (line, message) => {
    const folder = kept(gasDriftFolder(1, 2));
    writeFileSync(join(folder, 'batch2.dat'), line);
    await expect(gasDrift.load(folder, 1)).rejects.toThrow(message);
  });

  it('refuses half a gzip file, and a folder of one batch', async () => {
    const folder = kept(gasDriftFolder(2, 5));
    await expect(gasDrift.load(kept(gasDriftFolder(1, 5)), 1)).rejects.toThrow(/has one batch/);
    const path = join(folder, 'batch2.dat.gz');
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length / 2));
    await expect(gasDrift.load(folder, 1)).rejects.toMatchObject({ code: 'file' });
  });
});

describe('hapt', () => {
  it('labels windows that are of one activity, of people who are not in the base', async () => {
    const { trials } = await hapt.load(kept(haptFolder(4)), 1);
    expect(trials.map(({ streams }) => streams.map(({ name }) => name))).toEqual([
      ['user 1', 'user 4'],
      ['user 2'],
      ['user 3'],
    ]);
    for (const { base, streams } of trials) {
      const names = new Set(streams.map(({ name }) => name));
      expect(base.some(({ segment }) => names.has(segment))).toBe(false);
      // 3000 samples are 45 windows; two of them cross from one activity to the next.
      for (const { samples } of streams) expect(samples.length).toBeGreaterThanOrEqual(43);
    }
    for (const { label, values } of trials[0]!.base) {
      const isLaying = Math.abs(values[0]!) > 0.5 && Math.abs(values[2]!) < 0.5;
      expect(isLaying).toBe(label === 5);
    }
  });

  it.each([
    [1, 205, 3],
    [1, 204, 2],
    [52, 192, 2],
    [53, 192, 1],
  ])(
    'takes samples %d to %d, both of them, as the activity, and windows with 77 of it',
    async (first, last, windows) => {
      const folder = kept(haptFolder(3));
      const labels = `1 1 6 ${first} ${last}\n2 2 6 1 1000\n3 3 6 1 1000\n`;
      writeFileSync(join(folder, 'labels.txt'), labels);
      const streams = (await hapt.load(folder, 1)).trials.flatMap((trial) => trial.streams);
      expect(streams.find(({ name }) => name === 'user 1')!.samples).toHaveLength(windows);
    },
  );

  it('turns the phone of the new user only', async () => {
    const folder = kept(haptFolder(3));
    const [as, turned] = [await hapt.load(folder, 1), await haptTurned.load(folder, 1)];
    expect(turned.trials[0]!.base).toEqual(as.trials[0]!.base);
    const [x, y] = [as, turned].map(({ trials }) =>
      trials[0]!.streams[0]!.samples.map(({ values }) => values.slice(0, 12)),
    );
    // Mean and slope of each channel.
    for (const [n, values] of y!.entries()) {
      for (const [k, value] of values.entries()) expect(value).toBeCloseTo(x![n]![k]! * (k % 6 < 4 ? -1 : 1), 12);
    }
  });

  it('refuses half a reading, and recordings without labels', async () => {
    const folder = kept(haptFolder(2));
    writeFileSync(join(folder, 'exp09_user09.i16'), Buffer.alloc(18));
    await expect(hapt.load(folder, 1)).rejects.toThrow(/has 18 bytes; expected a multiple of 12/);
    writeFileSync(join(folder, 'exp09_user09.i16'), Buffer.alloc(24));
    await expect(hapt.load(folder, 1)).rejects.toThrow(/labels.txt: has no entry for/);
  });
});

describe('fsdd', () => {
  it('hears the loudest filter of a tone in every slice, and cuts silence off', async () => {
    const { trials } = await fsdd.load(kept(fsddFolder()), 1);
    expect(trials.map(({ name }) => name)).toEqual(['ann', 'bob']);
    const loudest = trials[0]!.base.map(({ label, values }) => {
      const slices = Array.from({ length: 10 }, (_, s) => Array.from(values.subarray(20 * s, 20 * s + 20)));
      expect(Math.max(...values.subarray(0, 200))).toBeCloseTo(0, 1);
      const filters = slices.slice(1, 9).map((slice) => slice.indexOf(Math.max(...slice)));
      expect(new Set(filters).size).toBe(1);
      return [label, filters[0]!] as const;
    });
    const byDigit = new Map(loudest);
    for (let digit = 1; digit < 10; digit++) expect(byDigit.get(digit)!).toBeGreaterThan(byDigit.get(digit - 1)!);
    // 1,600 samples of tone are 20 frames, and those that overlap its ends.
    for (const { values } of trials[0]!.base) expect(Math.abs(Math.exp(values[200]!) - 20)).toBeLessThan(5);
  });

  it.each([
    ['no WAV at all', Buffer.alloc(60), /is not a WAV file/],
    ['another rate', wavOf16([0, 0], 44_100), /has 1 channels at 44100 Hz; expected one at 8000 Hz/],
  ])('refuses %s', async (_, bytes, message) => {
    const folder = kept(fsddFolder(['ann']));
    writeFileSync(join(folder, '1_bob_0.wav'), bytes);
    await expect(fsdd.load(folder, 1)).rejects.toThrow(message);
  });
});

describe('mitdb', () => {
  it('finds beats where they are annotated, of every amplitude alike', async () => {
    const { classes, trials } = await mitdb.load(kept(mitdbFolder()), 1);
    expect(trials.map(({ name }) => name)).toEqual(['100', '101']);
    for (const { streams } of trials) {
      const { samples } = streams[0]!;
      // The first two beats have no intervals before them, the last none behind it.
      expect(samples.length).toBe(117);
      expect(countsOf(samples, classes)).toEqual([94, 0, 23, 0, 0]);
      for (const { label, values } of samples.slice(20)) {
        // The peak is at the beat, at point 15 of 40; normal ones point up, to about 1.
        const points = Array.from(values.subarray(0, 40));
        const peak = points.reduce((best, point, k) => (Math.abs(point) > Math.abs(points[best]!) ? k : best), 0);
        expect(Math.abs(peak - 15)).toBeLessThanOrEqual(1);
        expect(Math.sign(points[peak]!)).toBe(label === 0 ? 1 : -1);
        if (label === 2) expect(values[40]).toBeLessThan(-0.2);
      }
    }
    const [low, high] = trials.map(({ streams }) => streams[0]!.samples.at(-1)!.values.subarray(0, 40));
    for (const [k, point] of low!.entries()) expect(Math.abs(point - high![k]!)).toBeLessThan(0.12);
  });

  it('limits what a patient gives of one class to the base, refuses annotations that end in the middle', async () => {
    const folder = kept(mitdbFolder(2, 500));
    const { classes, trials } = await mitdb.load(folder, 1);
    expect(countsOf(trials[0]!.base, classes)).toEqual([250, 0, 99, 0, 0]);
    writeFileSync(join(folder, '100.atr'), Buffer.alloc(0));
    await expect(mitdb.load(folder, 1)).rejects.toThrow(/100.atr: ends within an annotation/);
  });
});

describe('cwru', () => {
  it('has a new size under all loads in the stream, other sizes under the lowest in the base', async () => {
    const folder = kept(cwruFolder());
    const { trials } = await cwru.load(folder, 1);
    expect(trials.map(({ name }) => name)).toEqual(['size 7 mil', 'size 14 mil', 'size 21 mil']);
    for (const { name, base, streams } of trials) {
      expect([base.length, streams[0]!.samples.length]).toEqual([2 * 3 * 8, 2 * 3 * 8]);
      expect(base.some(({ segment }) => segment === name)).toBe(false);
      expect(countsOf(base, ['', '', ''])).toEqual([16, 16, 16]);
    }
    // A tone of 1000 Hz lies in band 10 of 64 of 93.75 Hz.
    const ball = trials[0]!.base.find(({ label }) => label === 0)!.values;
    expect(ball.indexOf(Math.max(...ball.subarray(0, 64)))).toBe(10);
  });

  it('under a new load keeps place and size as the class', async () => {
    const { classes, trials } = await cwruLoad.load(kept(cwruFolder()), 1);
    expect(classes.length).toBe(9);
    expect(new Set(trials[0]!.base.map(({ segment }) => segment))).toEqual(new Set(['load 0']));
    expect(new Set(trials[0]!.streams[0]!.samples.map(({ segment }) => segment))).toEqual(new Set(['load 1']));
  });

  it('refuses a recording that is shorter than its index says, and an index that is none', async () => {
    const folder = kept(cwruFolder());
    writeFileSync(join(folder, 'B007_0.f32.gz'), readFileSync(join(folder, 'B007_1.f32.gz')));
    const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
    writeFileSync(join(folder, 'index.json'), JSON.stringify([{ ...index[0], samples: 9 }, ...index.slice(1)]));
    await expect(cwru.load(folder, 1)).rejects.toThrow(/has 16384 samples; expected 9/);
    for (const text of ['{', '[{"file":"../../etc/passwd","fault":"B","loadHp":0,"samples":1}]', '[null]', '{}']) {
      writeFileSync(join(folder, 'index.json'), text);
      await expect(cwru.load(folder, 1)).rejects.toThrow(/index.json: is damaged/);
    }
  });
});

describe('elec2 and sea', () => {
  it('use neither date nor price, and know the label before', async () => {
    const { trials } = await elec2.load(kept(longFolder()), 1);
    const [{ base, streams }] = trials as [(typeof trials)[number]];
    const all = [...base, ...streams[0]!.samples];
    expect([base.length, streams[0]!.samples.length, all[0]!.values.length]).toEqual([1000, 1400, 7]);
    for (const [n, { values }] of all.entries()) {
      if (n > 0) expect(values[6]).toBe(all[n - 1]!.label);
    }
    expect(new Set(streams[0]!.samples.map(({ segment }) => segment)).size).toBe(10);
  });

  it('refuse labels that are too few, or none of the classes', async () => {
    const folder = kept(longFolder());
    writeFileSync(join(folder, 'SEA_training_class.csv'), '0\n1\n');
    await expect(sea.load(folder, 1)).rejects.toThrow(/has 2 labels; expected 2400, one per row/);
    writeFileSync(join(folder, 'SEA_training_class.csv'), '0\n2\n'.repeat(1200));
    await expect(sea.load(folder, 1)).rejects.toThrow(/label 2: is 2; expected 0 to 1/);
    writeFileSync(join(folder, 'SEA_training_class.csv'), 'x\n'.repeat(2400));
    await expect(sea.load(folder, 1)).rejects.toThrow(/line 1: is damaged/);
  });
});

describe('recording', () => {
  it('takes the first third of each class for the base, the rest in its order for the stream', async () => {
    const { classes, trials } = await recording.load(kept(recordingFile()), 1);
    expect(classes).toEqual(['idle', 'running']);
    const [{ base, streams }] = trials as [(typeof trials)[number]];
    expect(countsOf(base, classes)).toEqual([34, 34]);
    const labels = streams[0]!.samples.map(({ label }) => label);
    // Of 100 each, in turns of 20: the base ends within the second turn.
    expect(labels.join('')).toBe(
      `${'0'.repeat(6)}${'1'.repeat(6)}${['0', '1', '0', '1', '0', '1'].map((c) => c.repeat(20)).join('')}`,
    );
    expect(streams[0]!.samples.at(-1)!.segment).toBe('part 10 of 10');
  });

  it('chooses features that tell its classes apart: bands, where mean and deviation are the same', async () => {
    const { trials } = await recording.load(kept(recordingFile()), 1);
    const [idle, running] = [0, 1].map((own) => trials[0]!.base.filter(({ label }) => label === own));
    const apart = (k: number) => {
      const of = (samples: readonly StreamSample[] | undefined) => samples!.map(({ values }) => values[k]!);
      return Math.min(...of(idle)) > Math.max(...of(running)) || Math.max(...of(idle)) < Math.min(...of(running));
    };
    expect([...idle![0]!.values.keys()].some(apart)).toBe(true);
  });

  it('refuses what is too short to choose by', async () => {
    await expect(recording.load(kept(recordingFile(40)), 1)).rejects.toThrow(
      /too few for a choice of features; expected 10 samples/,
    );
  });
});
