import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextReadingModel, quantize, writeModel } from '@spikewire/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, startCommand } from './command.ts';
import { irisClassifier, readIris } from './iris-classifier.ts';

const IRIS = new URL('../data/iris/iris.csv', import.meta.url);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-eval-'));
  const [header, ...rows] = (await readFile(IRIS, 'utf8')).trim().split(/\r?\n/);
  const half = (parity: number) => rows.filter((_, index) => index % 2 === parity);
  const model = irisClassifier(readIris(half(0)));
  await writeFile(join(folder, 'iris.spike'), writeModel(model));
  await writeFile(join(folder, 'iris-int8.spike'), writeModel(quantize(model, { bits: 8 })));
  await writeFile(join(folder, 'unseen.csv'), [header, ...half(1)].join('\n'));
  await writeFile(join(folder, 'damaged.csv'), [header, ...half(1).slice(0, 3), '5.1,3.5,wide,0.2,setosa'].join('\n'));
  await writeFile(
    join(folder, 'long.csv'),
    Array.from({ length: 400 }, () => half(1))
      .flat()
      .join('\n'),
  );
  const predictor = nextReadingModel({
    channels: ['a', 'b', 'c', 'd'].map((name) => ({ name, unit: '' })),
    rangeWarmUp: 2,
  });
  await writeFile(join(folder, 'predictor.spike'), writeModel(predictor));
});
afterAll(() => rm(folder, { recursive: true }));

async function evaluate(model: string, ...more: string[]) {
  const { code, stdout, stderr } = await runCommand(
    ['eval', model, '--data', 'csv:unseen.csv', '--json', ...more],
    folder,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return JSON.parse(stdout);
}

describe('spikewire eval on iris, with an ensemble whose decoders know the other half of the rows', () => {
  it('names at least 85 % of the unseen rows right, where guessing gives a third', async () => {
    const document = await evaluate('iris.spike');
    expect(document.accuracy).toBeGreaterThanOrEqual(0.85);
    expect(document.accuracy).toBeLessThanOrEqual(1);
    expect(document).toMatchObject({
      samples: 75,
      majority: 25 / 75,
      unanswered: 0,
      engine: 'clocked',
      because: expect.stringContaining('% active'),
      data: 'unseen.csv',
    });
    expect(document.spikesPerSample).toBeGreaterThan(0);
    expect(document.synapticOpsPerSample).toBeGreaterThan(document.spikesPerSample);
  });

  it('gives the same figures in its integer form on both engines that run it', async () => {
    const [clocked, integer] = [
      await evaluate('iris-int8.spike'),
      await evaluate('iris-int8.spike', '--device', 'integer'),
    ];
    expect(clocked.accuracy).toBeGreaterThanOrEqual(0.85);
    for (const key of ['accuracy', 'samples', 'spikesPerSample', 'synapticOpsPerSample'])
      expect(clocked[key]).toBe(integer[key]);
  });

  it('evaluates the first rows only', async () => {
    expect(await evaluate('iris.spike', '--limit', '25')).toMatchObject({ samples: 25, majority: 1 });
  });

  it('prints three lines for people', async () => {
    const { stdout } = await runCommand(['eval', 'iris.spike', '--data', 'csv:unseen.csv'], folder);
    expect(stdout).toMatch(/^accuracy \d\d\.\d\d % of 75 samples \(always the most frequent class: 33\.33 %\)\n/);
    expect(stdout).toMatch(
      /\n[\d.]+ spikes and \d+ synaptic operations per sample\n\d+ µs per sample on \w+ \(.+\)\n$/,
    );
  });

  it('stopped in the middle, gives the figures so far', async () => {
    const command = startCommand(
      ['eval', 'iris.spike', '--data', 'csv:long.csv', '--device', 'reference', '--json'],
      folder,
    );
    await command.says(/of 30000 samples/);
    command.process.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect(JSON.parse(command.stdout()).samples).toBeLessThan(30_000);
  });

  it('does what inspect then compares with a dense net', async () => {
    const { spikesPerSample, synapticOpsPerSample } = await evaluate('iris-int8.spike', '--limit', '20');
    const words = ['inspect', 'iris-int8.spike', '--data', 'csv:unseen.csv', '--limit', '20'];
    const { stdout } = await runCommand([...words, '--json'], folder);
    expect(JSON.parse(stdout).cost.measured).toMatchObject({ spikesPerSample, synapticOpsPerSample });
    const { stdout: table } = await runCommand(words, folder);
    expect(table).toMatch(
      /\n {10}(this|the dense) net needs [\d.]+ times as much; (the dense net needs less|both need the same at \d+ )/,
    );
    const { stdout: unmeasured } = await runCommand(['inspect', 'iris-int8.spike'], folder);
    expect(unmeasured).toMatch(/\nenergy +not measured \(/);
  });
});

describe('spikewire eval', () => {
  it.each([
    [
      ['iris.spike', '--data', 'csv:damaged.csv'],
      1,
      /damaged\.csv, line 5, column 3 \(Petal\.Length\): is "wide"; expected a finite number/,
    ],
    [['iris.spike', '--data', 'csv:none.csv'], 1, /none\.csv: does not exist; expected a CSV file/],
    [['iris.spike', '--data', 'tulips'], 2, /--data tulips: is not a known data set; expected csv:FILE/],
    [['iris.spike', '--data', 'csv:unseen.csv', '--limit', '0'], 2, /--limit: is "0"; expected a whole number from 1/],
    [['none.spike', '--data', 'csv:unseen.csv'], 1, /none\.spike: does not exist/],
    [
      ['predictor.spike', '--data', 'csv:unseen.csv'],
      1,
      /this model flags unusual readings, and has no classes to compare with labels; expected a classifier/,
    ],
  ])('%j ends with one line and exit code %i', async (words, code, line) => {
    const ended = await runCommand(['eval', ...words, '--json'], folder);
    expect(ended.stderr).toMatch(line);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended).toMatchObject({ code, stdout: '' });
  });
});
