import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { overlapOf, RandomGenerator } from '@spikewire/models';
import { loadDataSet } from 'spikewire/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersOfRuntime } from '../golden/onnx-answers.ts';
import { answersOf } from './answers.ts';
import { runCommand } from './command.ts';

const FILE = new URL('../golden/data/onnx/digits-opset17.onnx', import.meta.url);
const MASKS = new URL('../golden/data/onnx/shapes-opset18.onnx', import.meta.url);
/** What the net was trained on, which its file does not say. */
const UNITS = ['--input-scale', '1/16', '--input-mean', '0.3', '--input-std', '0.4'];
const normalised = (pixels: ArrayLike<number>) => Float64Array.from(pixels, (pixel) => (pixel / 16 - 0.3) / 0.4);

const largest = (values: readonly number[]) => values.indexOf(Math.max(...values));

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-onnx-'));
  await copyFile(FILE, join(folder, 'net.onnx'));
});
afterAll(() => rm(folder, { recursive: true }));

const convert = (...words: string[]) =>
  runCommand(['convert', 'net.onnx', '--method', 'deng', '--data', 'digits', ...words, '--json'], folder);

describe('a net that PyTorch trained on digits', () => {
  it('is as right as in ONNX Runtime, nearly so as a spiking one, and answers over MQTT with names', async () => {
    const { code, stdout, stderr } = await convert(...UNITS, '--steps', '32', '--candidates', '32', '--out', 'x.spike');
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const found = JSON.parse(stdout);
    const { samples, labels } = await loadDataSet('digits');
    const theirs = await answersOfRuntime(new Uint8Array(await readFile(FILE)), [1, 8, 8], samples.map(normalised));
    const right = theirs.filter((answer, k) => largest(answer) === labels[k]).length;
    expect(found.analogueAccuracy).toBe(right / samples.length);
    expect(found.analogueAccuracy).toBeGreaterThan(0.985);
    expect(found.accuracy).toBeGreaterThan(found.analogueAccuracy - 0.015);

    const count = 60;
    const readings = samples.slice(0, count).map((sample) => Array.from(sample));
    const answers = await answersOf('x.spike', folder, readings, new RandomGenerator(1, 'test'));
    const asTheirs = answers.filter((answer, k) => answer === String(largest(theirs[k]!)));
    expect(asTheirs.length).toBeGreaterThanOrEqual(count - 2);
  });

  it('sees nothing in numbers of other units', async () => {
    const { code, stdout } = await convert('--steps', '4', '--candidates', '4', '--limit', '100', '--out', 'w.spike');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).analogueAccuracy).toBeLessThan(0.9);
  });

  it.each([
    [['--input-scale', '0'], 2, /--input-scale: is "0"; expected such as 1\/255/],
    [['--input-scale', '1/2/3'], 2, /--input-scale: is "1\/2\/3"/],
    [['--input-std', '0.2,x'], 2, /--input-std: is "0.2,x"; expected such as/],
    [['--input-std', '0.2,0'], 2, /--input-std: is "0.2,0"; expected such as/],
    [['--input-mean', '1,2'], 2, /--input-mean: has 2 numbers; expected 1 or 1, one per channel/],
    [['--to', 'nothing'], 2, /net.onnx: output "nothing": is not in the file; expected "logits"/],
  ])('%j is refused', async (words, code, message) => {
    const found = await convert(...words, '--out', 'no.spike');
    expect({ code: found.code, stderr: found.stderr }).toEqual({ code, stderr: expect.stringMatching(message) });
  });
});

it('a U-Net has the overlap that its masks have in ONNX Runtime, and nearly so in spikes of 8 bits', async () => {
  await copyFile(MASKS, join(folder, 'masks.onnx'));
  const words = ['convert', 'masks.onnx', '--method', 'deng', '--data', 'shapes', '--limit', '40', '--bits', '8'];
  const ends = ['--steps', '16', '--candidates', '16', '--out', 'masks.spike', '--json'];
  const { code, stdout, stderr } = await runCommand([...words, ...ends], folder);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const found = JSON.parse(stdout);
  const { samples, targets } = await loadDataSet('shapes');
  const bytes = new Uint8Array(await readFile(MASKS));
  const theirs = await answersOfRuntime(
    bytes,
    [1, 16, 16],
    samples.slice(0, 40).map((image) => Float64Array.from(image)),
  );
  const overlap = theirs.reduce((sum, answer, k) => sum + overlapOf(answer, targets![k]!), 0) / 40;
  expect(found.analogueOverlap).toBeCloseTo(overlap, 3);
  expect(found.analogueOverlap).toBeGreaterThan(found.baseline.overlap + 0.1);
  expect(found.overlap).toBeGreaterThan(found.analogueOverlap - 0.03);
});

describe('a net of others that is quantised as it is', () => {
  const RECORDS = ['--data', 'csv:rows.csv', '--json'];
  const UNITS = ['--input-scale', '1/4', '--input-mean', '0.5'];
  const result = async (...words: string[]) => {
    const { code, stdout, stderr } = await runCommand([...words, ...RECORDS], folder);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    await copyFile(new URL('../golden/data/onnx/sklearn-mlp-opset21.onnx', import.meta.url), join(folder, 'mlp.onnx'));
    const random = new RandomGenerator(1, 'rows');
    const row = (k: number) => [...Array.from({ length: 6 }, () => 8 * random.nextUniform() - 4), 'abcd'[k % 4]];
    await writeFile(join(folder, 'rows.csv'), Array.from({ length: 400 }, (_, k) => `${row(k).join(',')}\n`).join(''));
  });

  it('is judged in the units that are given, on the samples that convert takes', async () => {
    const words = ['--method', 'deng', '--steps', '8', '--candidates', '8', '--out', 'units.spike'];
    const found = await result('convert', 'mlp.onnx', ...UNITS, ...words);
    const { accuracy } = await result('quantize', 'mlp.onnx', ...UNITS, '--out', 'whole.spike');
    expect(accuracy).toMatchObject({ float: found.analogueAccuracy, samples: found.samples });
    const others = await result('quantize', 'mlp.onnx', '--out', 'others.spike');
    expect(others.accuracy.float).not.toBe(accuracy.float);
    // The converted net has its units, and keeps them.
    const again = await result('quantize', 'units.spike', '--out', 'again.spike');
    expect(again.accuracy.float).toBe(found.accuracy);
  });

  it('is refused units without samples', async () => {
    const { code, stderr } = await runCommand(['quantize', 'mlp.onnx', ...UNITS, '--out', 'no.spike'], folder);
    expect(code).toBe(2);
    expect(stderr).toContain('have no effect without samples; expected --data <name[:path]>');
  });
});
