import { access, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { coreMisfits, rooms } from '@spikewire/devices/accelerators';
import { RandomGenerator, readModel, writeModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { InProcessExecutor } from 'spikewire/executor';
import { ReadingReader, Session } from 'spikewire/session';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningCommand, runCommand, startCommand } from './command.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-train-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a command that must succeed and returns its one JSON document. */
async function result(...words: string[]) {
  const { code, stdout, stderr } = await runCommand([...words, '--json'], folder);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return JSON.parse(stdout);
}

/** Waits until a command has loaded what compiles; where no system says so, for long enough. */
async function compiles({ process: { pid } }: RunningCommand): Promise<void> {
  if (process.platform !== 'linux') return delay(1500);
  const hasLoaded = async () => (await readFile(`/proc/${pid}/maps`, 'utf8')).includes('onnxruntime');
  await vi.waitUntil(hasLoaded, { timeout: 60_000 });
}

const DIGITS = ['train', '--data', 'digits', '--arch', '64-96-10', '--steps', '8', '--batch', '16', '--epochs', '8'];

describe('a model for a board', () => {
  const BOARD = ['--for', 'fpga:up5k'];

  it('fits there, in whole numbers, and its accuracy is that of the arithmetic of the board', async () => {
    const trained = await result(...DIGITS, '--epochs', '2', ...BOARD, '--out', 'board.spike');
    const model = readModel(await readFile(join(folder, 'board.spike')));
    expect(model.quantization).toMatchObject({ bits: 8 });
    expect(coreMisfits(model, { room: rooms.up5k })).toMatchObject({ problems: [], ofNodes: new Map() });
    expect(model.provenance.board).toBe('fpga:up5k');
    const asked = ['eval', 'board.spike', '--data', 'digits', '--device', 'integer'];
    const { accuracy, spikesPerSample } = await result(...asked);
    expect(accuracy).toBeGreaterThan(0.9);
    expect(trained).toMatchObject({ board: 'fpga:up5k', accuracy, spikesPerSample });
  });

  it('is refused before it is trained where it has no room, with how much is missing, and leaves nothing', async () => {
    const { code, stderr } = await runCommand(
      ['train', '--data', 'digits', '--arch', '64-1100-10', ...BOARD, '--out', 'large.spike'],
      folder,
    );
    expect(code).toBe(1);
    // 550 pairs of hidden neurons; the read-outs use them again.
    expect(stderr.trim()).toMatch(
      /^spikewire: model on the core: needs 550 pairs of neurons, 38 more than the 512 of the board$/,
    );
    await expect(access(join(folder, 'large.spike'))).rejects.toThrow();
    await expect(access(join(folder, 'large.run'))).rejects.toThrow();
  });

  it('leaves without a read-out that can be taught where only the net itself has room', async () => {
    const words = ['train', '--data', 'digits', '--arch', '64-1000-10', '--steps', '2', '--epochs', '1', ...BOARD];
    const { code, stdout } = await runCommand([...words, '--out', 'tight.spike'], folder);
    const why = /leaves without a read-out that can be taught: .*has 1420 neurons; it has room for 1024/;
    expect([code, stdout]).toEqual([0, expect.stringMatching(why)]);
    const model = readModel(await readFile(join(folder, 'tight.spike')));
    expect([...model.decoder.values()].map(({ type }) => type)).not.toContain('teachable');
  });

  it('is made of a float model, or refused by what the core cannot compute', async () => {
    await result(...DIGITS, '--epochs', '1', '--out', 'float.spike');
    const quantised = ['quantize', 'float.spike', '--data', 'digits', ...BOARD, '--out', 'fits.spike'];
    const { board, accuracy } = await result(...quantised);
    const exact = await result('eval', 'fits.spike', '--data', 'digits', '--device', 'integer');
    expect({ board, accuracy: accuracy.integer }).toEqual({ board: 'fpga:up5k', accuracy: exact.accuracy });

    const adaptive = [...DIGITS, '--neuron', 'alif', ...BOARD, '--out', 'adaptive.spike'];
    const { code, stderr } = await runCommand(adaptive, folder);
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(
      /^spikewire: node "[^"]+" on the core: has an adaptive threshold; the core has fixed/,
    );
  });
});

describe('from samples to an integer model', () => {
  it('train, quantize and eval agree on every figure', async () => {
    const trained = await result(...DIGITS, '--out', 'digits.spike');
    expect(trained.accuracy).toBeGreaterThanOrEqual(0.95);
    const evaluated = await result('eval', 'digits.spike', '--data', trained.evalData);
    for (const key of ['accuracy', 'samples', 'spikesPerSample', 'synapticOpsPerSample']) {
      expect(trained[key]).toBe(evaluated[key]);
    }

    const quantised = await result(
      'quantize',
      'digits.spike',
      '--bits',
      '8',
      '--data',
      'digits',
      '--out',
      'int8.spike',
    );
    const integer = await result('eval', 'int8.spike', '--data', 'digits');
    expect(quantised.accuracy).toEqual({
      float: trained.accuracy,
      integer: integer.accuracy,
      samples: trained.samples,
    });
    expect(Math.abs(integer.accuracy - trained.accuracy)).toBeLessThan(0.01);
    const { size } = await stat(join(folder, 'int8.spike'));
    expect(size).toBe(quantised.fileBytes);
    // Three of four bytes of each weight; the read-out stays as it is.
    expect(size).toBeLessThan(trained.fileBytes - (64 * 96 + 96 * 10));
    const { provenance, selfTests } = readModel(await readFile(join(folder, 'int8.spike')));
    expect(provenance).toMatchObject({
      method: 'stbp',
      data: 'digits',
      arch: '64-96-10',
      seed: 1,
      accuracy: integer.accuracy,
      testSamples: integer.samples,
      spikesPerSample: integer.spikesPerSample,
      synapticOpsPerSample: integer.synapticOpsPerSample,
      multiplicationsPerSample: integer.multiplicationsPerSample,
      quantization: { bits: 8, data: 'digits', floatAccuracy: trained.accuracy },
    });
    expect(integer.spikesPerSample).not.toBe(trained.spikesPerSample);
    expect(selfTests).toHaveLength(3);
  });

  it('gives models self-tests, which eval, inspect and doctor run', async () => {
    for (const file of ['digits.spike', 'int8.spike']) {
      expect(await result('inspect', file)).toMatchObject({ selfTests: 3, selfTestsRun: 3 });
    }
    const model = readModel(await readFile(join(folder, 'int8.spike')));
    const [first, ...others] = model.selfTests;
    const rows = first!.output.get('out')!;
    const wrong = {
      ...first!,
      output: new Map([['out', { ...rows, data: Uint8Array.from(rows.data).fill(9, 1, 2) }]]),
    };
    await writeFile(join(folder, 'wrong.spike'), writeModel({ ...model, selfTests: [...others, wrong] }));
    const line = /selfTests\[2\] on \w+, output "out": gave \[\d+, \d+, 1\] as event 1 of \d+; expected \[\d+, 9, 1\]/;
    const evaluated = await runCommand(['eval', 'wrong.spike', '--data', 'digits', '--json'], folder);
    expect(evaluated).toMatchObject({ code: 1, stdout: '' });
    expect(evaluated.stderr).toMatch(line);
    expect((await result('inspect', 'wrong.spike')).selfTestFailure).toMatch(line);
    const examined = await runCommand(['doctor', 'wrong.spike', '--json'], folder);
    expect(examined.code).toBe(1);
    const { findings } = JSON.parse(examined.stdout);
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'model', state: 'bad', found: expect.stringMatching(line) }),
    );
    const right = await result('doctor', 'int8.spike');
    expect(right.findings).toContainEqual({
      check: 'model',
      state: 'ok',
      found: expect.stringMatching(/^int8\.spike: 3 self-test vectors passed on .*\bclocked\b/),
    });
  });

  it('takes data and choices from a preset, and what cannot be combined with it first', async () => {
    const words = ['--method', 'bp-stdp', '--preset', 'iris', '--epochs', '1', '--out', 'preset.spike'];
    expect((await result('train', ...words)).samples).toBe(30);
    expect(JSON.parse(await readFile(join(folder, 'preset.run', 'config.json'), 'utf8'))).toMatchObject({
      data: 'iris',
      method: 'bp-stdp',
      parameters: { arch: '48-30-3', epochs: 1 },
    });
  });

  it('ends at once while it compiles a long step, when there is nothing to save', async () => {
    const words = ['train', '--data', 'digits', '--arch', '64-32-10', '--steps', '4000', '--out', 'long.spike'];
    const command = startCommand(words, folder);
    await compiles(command);
    command.process.kill('SIGINT');
    expect(await command.ended).toBe(null);
    await expect(access(join(folder, 'long.run'))).rejects.toThrow('ENOENT');
  });

  it('ends at once while it compiles a later stage, and goes on from the one before', async () => {
    const choices = ['--method', 'diet', '--arch', '64-32-10', '--analogue-epochs', '1', '--steps', '2000'];
    const command = startCommand(['train', '--data', 'digits', ...choices, '--out', 'stages.spike'], folder);
    // Said once signals end it; what is made then takes many times as long as it takes to hear of that.
    await command.says(/^the next stage is prepared$/m);
    command.process.kill('SIGINT');
    expect(await command.ended).toBe(null);
    expect((await stat(join(folder, 'stages.run', 'last.safetensors'))).size).toBeGreaterThan(0);
  });

  it('leaves a run folder with configuration, metrics, curves, checkpoints and card', async () => {
    const run = join(folder, 'digits.run');
    const read = (name: string) => readFile(join(run, name), 'utf8');
    expect(JSON.parse(await read('config.json'))).toMatchObject({
      ...{ method: 'stbp', data: 'digits', seed: 1 },
      parameters: { epochs: 8, surrogate: 'arctan' },
    });
    const metrics = (await read('metrics.jsonl')).trim().split('\n');
    expect(metrics.map((line) => JSON.parse(line).epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    // Two panels with two curves each, and a dot for each epoch on each.
    const curves = await read('curves.svg');
    expect(curves.match(/<polyline /g)).toHaveLength(4);
    expect(curves.match(/<circle /g)).toHaveLength(4 * 8);
    expect(curves).not.toContain('NaN');
    expect(await read('card.md')).toMatch(/\| arch \| 64-96-10 \|/);
    for (const name of ['last.safetensors', 'best.safetensors'])
      expect((await stat(join(run, name))).size).toBeGreaterThan(0);
  });

  it('a table without a test part gets one, and eval finds it', async () => {
    const source = new URL('../data/iris/iris.csv', import.meta.url).pathname;
    const words = ['train', '--data', `csv:${source}`, '--arch', '4-24-3', '--epochs', '40', '--batch', '16'];
    const trained = await result(...words, '--out', 'iris.spike');
    expect(trained.samples).toBe(30);
    expect(trained.accuracy).toBeGreaterThanOrEqual(0.85);
    expect((await result('eval', 'iris.spike', '--data', trained.evalData)).accuracy).toBe(trained.accuracy);
  });
});

describe('a table with a header', () => {
  it('gives the channels of a model their names, which readings then have, and a net where none was asked for', async () => {
    const random = new RandomGenerator(1, 'rows');
    const rows = Array.from({ length: 60 }, (_, k) =>
      [20 + 30 * (k % 2) + random.nextNormal(), 40 + random.nextNormal(), k % 2 === 0 ? 'cold' : 'hot'].join(','),
    );
    await writeFile(join(folder, 'rows.csv'), ['temp,hum,state', ...rows].join('\n'));
    const words = ['--data', 'csv:rows.csv', '--epochs', '4', '--batch', '8', '--out', 'rows.spike'];
    const { code, stdout } = await runCommand(['train', ...words], folder);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('architecture 2-64-2, chosen for these data'),
    });
    const quantize = ['quantize', 'rows.spike', '--data', 'csv:rows.csv', '--out', 'rows-int8.spike'];
    expect((await runCommand(quantize, folder)).code).toBe(0);
    for (const name of ['rows.spike', 'rows-int8.spike']) {
      const model = readModel(await readFile(join(folder, name)));
      expect(model.channels).toEqual(['temp', 'hum'].map((channel) => ({ name: channel, unit: '' })));
      const session = new Session(model, new InProcessExecutor(engineNamed('clocked'), model));
      const said = new ReadingReader(model, session.channels).read('', Buffer.from('{"hum": 40, "temp": 51}'), 0)!;
      expect((await session.feed(said)).result).toBe('hot');
    }
  });

  it.each([
    ['images', ['--data', 'digits']],
    ['encoders of several elements for a number', ['--data', 'iris', '--encoder', 'population:fields=5']],
  ])('leaves the net of %s to be named', async (_what, words) => {
    const { code, stderr } = await runCommand(['train', ...words, '--out', 'm.spike'], folder);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--arch is missing') });
  });
});

describe('a training that is stopped', () => {
  it('saves, says how to go on, and ends as if it had not been', async () => {
    const whole = await result(...DIGITS, '--out', 'whole.spike');
    const command = startCommand([...DIGITS, '--out', 'parts.spike'], folder);
    await command.says(/epoch 2\/8/);
    command.process.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect(command.stdout()).toMatch(/stopped and saved; continue with: spikewire train --resume parts\.run/);
    const resumed = await result('train', '--resume', 'parts.run');
    expect(resumed.accuracy).toBe(whole.accuracy);
    expect(resumed.digest).toBe(whole.digest);
  });
});

it('trained in whole numbers, a net can be taught', async () => {
  const words = ['--data', 'iris', '--arch', '4-16-3', '--bits', '4', '--epochs', '3', '--out', 'four.spike'];
  const { accuracy, trainedAccuracy, evalData } = await result('train', ...words);
  expect(trainedAccuracy).toBeGreaterThan(0);
  expect((await result('eval', 'four.spike', '--data', evalData)).accuracy).toBe(accuracy);
  const { code, stdout } = await runCommand(['doctor', 'four.spike'], folder);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('3 self-test vectors passed') });
  expect(readModel(await readFile(join(folder, 'four.spike')))).toMatchObject({ quantization: { bits: 4 } });
});

describe('a sweep', () => {
  const IRIS = ['train', '--data', 'iris', '--arch', '4-8-3', '--batch', '16'];

  it('trains at every point of the grid as it would alone, orders by validation, and says what failed', async () => {
    const grid = ['--sweep', 'lr=0.02,0.001', '--sweep', 'arch=4-8-3,4-3,4-8'];
    const words = ['train', '--data', 'iris', '--batch', '16', '--epochs', '3', '--seed', '2'];
    const { code, stdout, stderr } = await runCommand([...words, ...grid, '--out', 'grid.spike', '--json'], folder);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/--sweep: 2 of 6 failed, the first: .*4-8/),
    });
    const { runs } = JSON.parse(stdout);
    expect(runs).toHaveLength(6);
    const accuracies = runs.map(({ validation }: { validation?: { accuracy: number } }) => validation?.accuracy ?? -1);
    expect(accuracies).toEqual(accuracies.toSorted((a: number, b: number) => b - a));
    for (const run of runs.slice(-2)) expect(run.problem).toMatch(/4-8.*expected/);
    const one = runs.find(({ out }: { out: string }) => out === 'grid-4.spike');
    expect(one.chosen).toEqual({ 'learning-rate': '0.001', arch: '4-8-3' });
    const point = ['--learning-rate', '0.001', '--arch', '4-8-3', '--threads', '1', '--out', 'alone.spike'];
    expect((await result(...words, ...point)).digest).toBe(one.digest);
  });

  it('takes switches along, and says how near answers come that are numbers', async () => {
    const words = ['train', '--method', 'nef', '--preset', 'square', '--no-teachable', '--sweep', 'neurons=20,10'];
    const { stdout, stderr } = await runCommand([...words, '--out', 'grid.spike', '--overwrite'], folder);
    expect(stdout, stderr).toMatch(/neurons +validation +test.*\n +20 +0\.9\d{3} +0\.9\d{3} .*grid-1\.spike/);
    expect(JSON.parse(await readFile(join(folder, 'grid-1.run', 'config.json'), 'utf8')).teachable).toBe(false);
  });

  it('that is stopped leaves runs that go on', async () => {
    const grid = ['--epochs', '100000', '--patience', '100000', '--sweep', 'seed=1,2,3'];
    const command = startCommand([...IRIS, ...grid, '--out', 'long.spike'], folder);
    const begun = () => Promise.all([1, 2].map((k) => stat(join(folder, `long-${k}.run`, 'best.safetensors'))));
    await vi.waitFor(begun, { timeout: 30_000, interval: 50 });
    command.process.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect(command.stdout()).toMatch(/stopped; 3 of 3 are not done/);
    for (const k of [1, 2]) await stat(join(folder, `long-${k}.run`, 'last.safetensors'));
  });
});

describe('what does not fit', () => {
  it.each([
    [['train', '--arch', '64-10', '--out', 'x.spike'], 2, /--data is missing/],
    [['train', '--data', 'digits', '--arch', '64-10'], 2, /--out is missing/],
    [['train', '--data', 'digits', '--arch', '63-10', '--out', 'x.spike'], 2, /expected 64-…/],
    [
      ['train', '--data', 'digits', '--arch', '64-10', '--out', 'x.spike', '--method', 'magic'],
      2,
      /method "magic": does not exist; expected stbp/,
    ],
    [['train', '--data', 'digits', '--arch', '64-10', '--out', 'x.spike', '--steps', '0'], 2, /--steps: is "0"/],
    [
      ['train', '--method', 'bp-stdp', '--preset', 'roses', '--out', 'x.spike'],
      2,
      /no preset "roses"; expected iris, mnist/,
    ],
    [
      ['train', '--data', 'tulips', '--arch', '64-10', '--out', 'x.spike'],
      2,
      /--data tulips: is not a known data set; expected csv:FILE.*mnist/,
    ],
    [
      ['train', '--method', 'diehl-cook', '--data', 'function:square', '--out', 'x.spike'],
      1,
      /^spikewire: function:square: has numbers for answers; expected classes, for diehl-cook$/m,
    ],
    [
      ['train', '--method', 'nef', '--preset', 'square', '--model', 'digits.spike', '--out', 'x.spike'],
      2,
      /--model: cannot be combined with nef; expected a new net/,
    ],
    [
      ['train', '--resume', 'nowhere'],
      1,
      /nowhere\/config\.json: cannot be read; expected the folder of a training \(--run\)/,
    ],
    [['train', '--resume', 'digits.run', '--seed', '2'], 2, /--seed: cannot be combined with --resume/],
    [[...DIGITS, '--out', 'digits.spike'], 1, /digits\.spike: already exists; expected another --out, or --overwrite/],
    [
      [...DIGITS, '--out', 'other.spike', '--run', 'digits.run'],
      1,
      /digits\.run: holds a run; expected another --run, --resume digits\.run to continue it, or --overwrite/,
    ],
    [
      [...DIGITS, '--out', 'x.spike', '--sweep', 'seed=1,2', '--run', 'r'],
      2,
      /--run: cannot be combined with --sweep; expected a/,
    ],
    [[...DIGITS, '--out', 'x.spike', '--sweep', 'seed'], 2, /--sweep: is "seed"; expected option=value,…/],
    [
      [...DIGITS, '--out', 'x.spike', '--sweep', 'colour=1'],
      2,
      /--sweep: names "colour"; expected an option of training, such as arch, learning-rate or seed/,
    ],
    [
      [...DIGITS, '--out', 'x.spike', '--sweep', 'no-teachable=1'],
      2,
      /--sweep: names "no-teachable"; expected an option/,
    ],
    [
      [...DIGITS, '--out', 'x.spike', '--sweep', 'epochs=1,2', '--epochs', '2'],
      2,
      /--sweep: names "epochs", which has a value already; expected one or the other/,
    ],
    [['quantize', 'digits.spike'], 2, /--out is missing/],
    [['quantize', 'digits.spike', '--bits', '5', '--out', 'x.spike'], 2, /--bits: is "5"; expected 8 or 4/],
    [['quantize', 'digits.spike', '--bits', '5'], 2, /--bits: is "5"; expected 8 or 4/],
    [
      ['quantize', 'int8.spike', '--out', 'x.spike'],
      1,
      /quantize: got a model that is quantised; expected a float model/,
    ],
    [['quantize', 'digits.spike', '--data', 'iris', '--out', 'x.spike'], 1, /has samples of 4 numbers.*expected 64/],
  ])('%j ends with one line and exit code %i', async (words, code, line) => {
    const ended = await runCommand([...words, '--json'], folder);
    expect(ended.stderr).toMatch(line);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended).toMatchObject({ code, stdout: '' });
    await expect(stat(join(folder, 'x.spike'))).rejects.toThrow();
  });
});
