import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import { afterEach, describe, expect, it } from 'vitest';
import type { TaskOptions } from '../stream-eval/task.ts';
import { nab } from './nab.ts';
import { skab } from './skab.ts';
import { wsn } from './wsn.ts';

const options: TaskOptions = {
  learn: false,
  seed: 1,
  fronts: 1,
  draws: 1,
  wrong: 0,
  shuffle: false,
  signal: new AbortController().signal,
  progress: () => {},
};

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function folderWith(files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-anomalies-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

const timeOf = (at: number) =>
  new Date(Date.UTC(2020, 0, 1) + at * 300_000).toISOString().slice(0, 19).replace('T', ' ');

/** Four series of a slow wave with noise, each with a jump in a labelled window. */
function nabFiles() {
  const files: Record<string, string> = {};
  const windows: Record<string, unknown> = { 'group/unknown.csv': [] };
  for (let file = 0; file < 4; file++) {
    const random = new RandomGenerator(file, 'series');
    const values = Array.from({ length: 1200 }, (_, at) => {
      const jump = at >= 800 + 20 * file && at < 820 + 20 * file ? 8 : 0;
      return Math.sin(at / 20) + 0.1 * random.nextNormal() + jump;
    });
    files[`data/group/f${file}.csv`] = `timestamp,value\n${values.map((x, at) => `${timeOf(at)},${x}`).join('\n')}\n`;
    windows[`group/f${file}.csv`] = [[`${timeOf(790 + 20 * file)}.000000`, `${timeOf(850 + 20 * file)}.000000`]];
  }
  files['labels/combined_windows.json'] = JSON.stringify(windows);
  return files;
}

/** Four series of eight sensors, of which two move to another level when something is wrong. */
function skabFiles() {
  const head =
    'datetime;Accelerometer1RMS;Accelerometer2RMS;Current;Pressure;Temperature;Thermocouple;Voltage;Volume Flow RateRMS;anomaly;changepoint';
  const files: Record<string, string> = { 'anomaly-free/anomaly-free.csv': 'no table' };
  for (let file = 0; file < 4; file++) {
    const random = new RandomGenerator(file, 'series');
    const lines = Array.from({ length: 800 }, (_, at) => {
      const isWrong = at >= 550 && at < 700;
      const values = Array.from({ length: 8 }, (_, k) => 10 + random.nextNormal() + (isWrong && k < 2 ? 12 : 0));
      return [timeOf(at), ...values, isWrong ? '1.0' : '0.0', '0.0'].join(';');
    });
    files[`valve/${file}.csv`] = [head, ...lines].join('\n');
  }
  return files;
}

interface Figures {
  readonly detectors: Readonly<Record<string, Readonly<Record<string, { readonly mean: number }>>>>;
}

describe('nab', () => {
  it('finds jumps early, and gives the same again', async () => {
    const folder = await folderWith(nabFiles());
    const { document, tables } = await nab.evaluate(folder, options);
    const { detectors } = document as unknown as Figures;
    expect(document).toMatchObject({ files: 4, windows: 4 });
    for (const name of ['sequence + extremum', 'novel extremum', 'z-score']) {
      expect([name, detectors[name]!['standard, probation / 5']!.mean]).toEqual([
        name,
        expect.toSatisfy((x: number) => x > 60),
      ]);
    }
    expect(tables[0]!.rows.every(({ length }) => length === tables[0]!.head.length)).toBe(true);
    expect((await nab.evaluate(folder, options)).document).toEqual(document);
  });

  it.each([
    ['labels/combined_windows.json', '{', /combined_windows\.json: is damaged/],
    ['data/group/f1.csv', 'timestamp,value\n2020-01-01 00:00:00,high\n', /f1\.csv, line 2: is damaged/],
    ['data/group/f1.csv', 'timestamp,value\n2020-01-01 00:00:00,1\n', /f1\.csv: has no readings at/],
    ['data/group/f1.csv', 'timestamp,price\n2020-01-01 00:00:00,1\n', /f1\.csv: has no column "value"/],
  ])('refuses a damaged %s in one line', async (name, text, expected) => {
    const folder = await folderWith({ ...nabFiles(), [name]: text });
    await expect(nab.evaluate(folder, options)).rejects.toThrow(expected);
  });
});

describe('skab', () => {
  it('finds moved levels, beside an alarm that is always on', async () => {
    const { document } = await skab.evaluate(await folderWith(skabFiles()), options);
    const { detectors, alarmAlways } = document as unknown as Figures & {
      readonly alarmAlways: { readonly all: number };
    };
    expect(alarmAlways.all).toBeCloseTo((2 * 150) / (800 + 150), 2);
    for (const name of ['sequence of each sensor, mean', 'z² by the first readings']) {
      expect([name, detectors[name]!.F1!.mean]).toEqual([name, expect.toSatisfy((x: number) => x > 0.7)]);
    }
  });

  it('refuses a folder without series', async () => {
    await expect(skab.evaluate(await folderWith({ 'a.txt': '' }), options)).rejects.toThrow(
      'has 0 series; expected at least four',
    );
  });
});

describe('wsn', () => {
  it('finds events of motes, an event being a run of labels', async () => {
    const random = new RandomGenerator(1, 'motes');
    const lines = Array.from({ length: 6000 }, (_, at) => {
      const [mote, place] = [at % 6, Math.floor(at / 6)];
      const isEvent = place >= 700 + 20 * mote && place < 710 + 20 * mote;
      const [humidity, temperature] = [40 + random.nextNormal() + (isEvent ? 20 : 0), 20 + 0.1 * random.nextNormal()];
      return [at, mote, 1, humidity, temperature, isEvent ? 1 : 0].join(',');
    });
    const head = 'reading,mote_id,indoor,humidity,temperature,label';
    const { document } = await wsn.evaluate(await folderWith({ 'motes.csv': [head, ...lines].join('\n') }), options);
    expect(document).toMatchObject({ motes: 6, events: 6 });
    expect((document as unknown as Figures).detectors['z-score']!.F1!.mean).toBeGreaterThan(0.8);
  });
});
