import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator, readModel } from '@spikewire/models';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { wavOf16 } from '../../trainer/src/recordings/wav.test-data.ts';
import { answersOf } from './answers.ts';
import { resultOf, runCommand } from './command.ts';

const [LENGTH, RATE] = [512, 4000];
/** What sounds: a tone of a frequency, or noise; each person's tones are a little higher than the one's before. */
const CLASSES: Readonly<Record<string, number | undefined>> = { hum: 300, whistle: 1100, hiss: undefined };
const PEOPLE: Readonly<Record<string, number>> = { anna: 1, ben: 1.06 };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-train-recordings-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Of any strength and phase. */
function sound(label: string, pitch: number, random: RandomGenerator, length: number, rate = RATE): number[] {
  const [frequency, phase, strength] = [CLASSES[label], random.nextUniform(), 0.2 + 0.4 * random.nextUniform()];
  return Array.from({ length }, (_, k) => {
    const noise = random.nextNormal();
    if (frequency === undefined) return 0.3 * strength * noise;
    return strength * (Math.sin(2 * Math.PI * ((pitch * frequency * k) / rate + phase)) + 0.1 * noise);
  });
}

/** For each class, twelve recordings of three windows of each person; those of ben at twice the rate. */
async function writeRecordings(random: RandomGenerator): Promise<void> {
  for (const label of Object.keys(CLASSES)) {
    for (const [person, pitch] of Object.entries(PEOPLE)) {
      await mkdir(join(folder, 'sounds', label, person), { recursive: true });
      const rate = person === 'ben' ? 2 * RATE : RATE;
      for (let k = 0; k < 12; k++) {
        const samples = sound(label, pitch, random, (3.5 * LENGTH * rate) / RATE, rate);
        await writeFile(join(folder, 'sounds', label, person, `${k}.wav`), wavOf16(samples, rate));
      }
    }
  }
}

it('trains on a folder for each class, tests with a person it has not heard, and the model takes raw samples', async () => {
  const random = new RandomGenerator(1, 'test');
  await writeRecordings(random);
  const result = (...words: string[]) => resultOf(words, folder);
  const words = [
    'train',
    '--data',
    'recordings:sounds',
    '--group',
    'folder',
    '--length',
    `${LENGTH}`,
    '--epochs',
    '20',
  ];
  const refused = await runCommand([...words, '--out', 'm.spike'], folder);
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/0\.wav: has 8000 samples per second; .* or --rate/),
  });

  const trained = await result(...words, '--rate', `${RATE}`, '--batch', '8', '--out', 'm.spike');
  // Of three classes a person has twelve recordings of three windows; ben comes last and is what tests.
  expect(trained).toMatchObject({
    samples: 108,
    evalData: 'run:m.run',
    report: {
      split: 'group',
      tested: 108,
      testRecordings: 36,
      majority: 1 / 3,
      classes: ['hiss', 'hum', 'whistle'].map((name) => ({
        name,
        recordings: 24,
        learned: 33,
        validation: 3,
        tested: 36,
      })),
    },
  });
  expect(trained.accuracy).toBeGreaterThan(0.9);
  const { confusion } = trained.report;
  const right = [0, 1, 2].reduce((sum, c) => sum + confusion[c][c], 0);
  expect(right / 108).toBe(trained.accuracy);
  expect((await result('eval', 'm.spike', '--data', trained.evalData)).accuracy).toBe(trained.accuracy);
  expect(await readFile(join(folder, trained.page), 'utf8')).toMatch(/<h1>m\.run<.*<h2>Confusion<.*whistle/s);
  const model = readModel(await readFile(join(folder, 'm.spike')));
  expect(model).toMatchObject({ channels: [{ name: 'ch1' }], labels: ['hiss', 'hum', 'whistle'] });
  expect([...model.decoder.values()][0]!.type).toBe('teachable');

  const shown = Array.from({ length: 18 }, (_, k) => Object.keys(CLASSES)[k % 3]!);
  const heard = shown.map((label) => ({ ch1: sound(label, 1.03, random, LENGTH) }));
  const answers = await answersOf('m.spike', folder, heard, random);
  expect(shown.filter((label, k) => label === answers[k]).length).toBeGreaterThanOrEqual(16);
});

it('trains a convolutional net on the samples themselves, which is converted and brought into whole numbers', async () => {
  await writeRecordings(new RandomGenerator(2, 'test'));
  const result = (...words: string[]) => resultOf(words, folder);
  const cut = ['--group', 'folder', '--rate', `${RATE}`, '--length', `${LENGTH}`, '--features', 'none'];
  const net = ['--arch', '8C9=-P8-8C5=-G-3', '--neuron', 'relu', '--loss', 'membrane', '--steps', '1'];
  const learn = ['--batch', '8', '--epochs', '12', '--learning-rate', '0.01', '--no-teachable'];
  const trained = await result('train', '--data', 'recordings:sounds', ...cut, ...net, ...learn, '--out', 'm.spike');
  expect(trained.accuracy).toBeGreaterThan(0.9);
  const refused = await runCommand(['convert', 'm.spike', '--data', 'recordings:sounds', '--out', 's.spike'], folder);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/expected run:FOLDER, the run folder/) });
  const { evalData } = trained;
  const steps = ['--steps', '16', '--candidates', '16'];
  const converted = await result(
    ...['convert', 'm.spike', '--method', 'deng', '--data', evalData, ...steps, '--out', 's.spike'],
  );
  expect(converted.analogueAccuracy).toBe(trained.accuracy);
  const { accuracy } = await result('quantize', 's.spike', '--data', evalData, '--out', 'q.spike');
  expect(accuracy).toMatchObject({ float: converted.accuracy, samples: 108 });
  expect(accuracy.integer).toBeGreaterThan(0.9);
});

it('says how to get more windows where there are too few to choose features by', async () => {
  for (const label of ['hum', 'hiss']) {
    await mkdir(join(folder, 'few', label), { recursive: true });
    for (let k = 0; k < 5; k++) {
      const samples = sound(label, 1, new RandomGenerator(k, label), 700);
      await writeFile(join(folder, 'few', label, `${k}.wav`), wavOf16(samples, RATE));
    }
  }
  const train = ['train', '--data', 'recordings:few', '--length', '600', '--out', 'm.spike'];
  expect(await runCommand(train, folder)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^spikewire: few: gives \d windows of "h\w+" to choose features by; expected 10: .*--length below 600, .*\n$/,
    ),
  });
});

it.each([
  [['--data', 'csv:a.csv', '--length', '64'], 2, /^spikewire train --length: has no effect with --data csv:a\.csv/],
  [['--data', 'recordings:none'], 1, /^spikewire: none: does not exist; expected a folder of recordings/],
  [
    ['--data', `recordings:${import.meta.filename}`],
    1,
    /is a file; expected a folder with one for each class, or --label/,
  ],
  [['--data', 'recordings:'], 2, /^spikewire: --data recordings:: names no folder/],
  [
    ['--data', 'recordings:.', '--split', 'person'],
    2,
    /^spikewire: --split: is "person"; expected recording, group, window/,
  ],
  [['--data', 'recordings:.', '--split', 'group'], 2, /^spikewire: --split group: has no groups; expected --group/],
  [['--data', 'recordings:.', '--test', 'anna'], 2, /^spikewire: --test: has no effect with --split recording/],
  [
    ['--data', 'recordings:.', '--model', 'a.spike'],
    2,
    /--model: cannot be combined with recordings; expected a new net/,
  ],
])('refuses %j in one line', async (words, code, line) => {
  const ended = await runCommand(['train', ...words, '--out', 'm.spike'], folder);
  expect(ended).toMatchObject({ code, stderr: expect.stringMatching(line) });
  expect(ended.stderr.trim().split('\n')).toHaveLength(1);
});
