import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModel } from '@spikewire/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-new-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('spikewire new', () => {
  it('writes a classifier for the channels, each in its unit', async () => {
    const words = ['new', 'classifier', '--channels', 'current, speed', '--unit', 'A,1/s', '--out', 'c.spike'];
    const { code, stdout } = await runCommand(words, folder);
    expect([code, stdout.split('\n')[1]]).toEqual([0, 'an answer comes after every 8 readings']);
    expect(readModel(await readFile(join(folder, 'c.spike'))).channels).toEqual([
      { name: 'current', unit: 'A' },
      { name: 'speed', unit: '1/s' },
    ]);
  });

  it('writes a model that says what is unusual, with its monitors', async () => {
    const words = ['new', 'anomaly', '--channels', 'temperature, humidity', '--unit', '°C,%', '--out', 'm.spike'];
    const { code, stdout, stderr } = await runCommand([...words, '--json'], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const novelty = ['extremum', 'surprise', 'pair-novelty', 'sequence', 'relation', 'stay', 'average'];
    const monitors = ['next-reading', 'spread', 'stuck', 'jump', 'drift', 'rate', 'silence', ...novelty];
    const channels = ['temperature', 'humidity'];
    expect(JSON.parse(stdout)).toMatchObject({ out: 'm.spike', kind: 'anomaly', channels, monitors });
    const model = readModel(await readFile(join(folder, 'm.spike')));
    expect(model.channels).toEqual([
      { name: 'temperature', unit: '°C' },
      { name: 'humidity', unit: '%' },
    ]);
  });

  it('gives a classifier the warm-up that was asked for, in samples of its features', async () => {
    const words = ['new', 'classifier', '--channel', 'power', '--out', 'slow.spike', '--warm-up'];
    // Windows of sixteen with a hop of eight: the fifth ends with reading 48, and two is what a deviation needs.
    for (const [readings, samples] of [
      ['48', 5],
      ['55', 5],
      ['2', 2],
    ] as const) {
      expect((await runCommand([...words, readings, '--overwrite'], folder)).code).toBe(0);
      const stages = [...readModel(await readFile(join(folder, 'slow.spike'))).features!.values()][0]!;
      const warmUps = stages.flatMap((stage) => ('type' in stage ? [stage.parameters.warmUp] : []));
      expect(warmUps.filter((each) => each !== undefined)).toEqual([samples]);
    }
  });

  it('has the monitors that were named beside the prediction, and no others, and the warm-up that was asked for', async () => {
    const words = ['new', 'anomaly', '--channels', 'level', '--monitors', 'sequence, stuck', '--out', 'n.spike'];
    expect((await runCommand([...words, '--warm-up', '1000'], folder)).code).toBe(0);
    const { monitors, encoder } = readModel(await readFile(join(folder, 'n.spike')));
    expect(monitors!.map(({ type }) => type)).toEqual(['next-reading', 'sequence', 'stuck']);
    expect([encoder.get('in')!.parameters.warmUp, monitors![0]!.parameters.warmUp]).toEqual([500, 500]);
  });

  it('is the same model for the same seed, and another for another', async () => {
    const make = async (seed: string) => {
      const words = ['new', 'anomaly', '--channels', 'level', '--seed', seed, '--out', `${seed}.spike`, '--overwrite'];
      expect((await runCommand(words, folder)).code).toBe(0);
      return readFile(join(folder, `${seed}.spike`));
    };
    const first = await make('1');
    expect(await make('1')).toEqual(first);
    expect(await make('2')).not.toEqual(first);
  });

  it.each([
    [
      ['new', 'classifier', '--channel', 'power', '--labels', 'off,on,off', '--out', 'm.spike'],
      /^spikewire new classifier --labels: is "off,on,off"; expected different names, such as idle,running$/,
    ],
    [
      ['new', 'classifier', '--channel', 'power', '--labels', 'off,,on', '--out', 'm.spike'],
      /^spikewire new classifier --labels: is "off,,on"; expected different names/,
    ],
    [['new', 'oracle', '--out', 'm.spike'], /^spikewire new oracle: is not a known kind; expected one of anomaly/],
    [['new', 'anomaly', '--out', 'm.spike'], /^spikewire new anomaly --channels: is missing; expected 1/],
    [['new', 'anomaly', '--channels', 'a,a', '--out', 'm.spike'], /--channels: is "a,a"; expected 1…256 different/],
    [['new', 'anomaly', '--channels', 'a,b', '--unit', 'K,K,K', '--out', 'm.spike'], /--unit: has 3 units for 2/],
    [
      ['new', 'anomaly', '--channels', 'a', '--monitors', 'stuck,next-reading', '--out', 'm.spike'],
      /^spikewire new anomaly --monitors: "next-reading" is not a monitor; expected spread, stuck/,
    ],
    [['new', 'anomaly', '--channels', 'a'], /^spikewire new anomaly: --out is missing/],
    [
      ['new', 'classifier', '--channel', 'a', '--rate', '100', '--out', 'm.spike'],
      /^spikewire new --rate: has no effect without --block; expected --block <n>/,
    ],
    [
      ['new', 'anomaly', '--channels', 'a', '--out', 'm.nir'],
      /--out m\.nir: is not the name of a model file that can learn; expected \.spike or \.json$/m,
    ],
    [
      ['new', 'anomaly', '--channels', 'a,b', '--channel', 'c', '--out', 'm.spike'],
      /--channel: cannot be combined with --channels; expected one of them/,
    ],
    [
      ['new', 'anomaly', '--channels', 'a', '--labels', 'x', '--out', 'm.spike'],
      /new anomaly --labels: is an option of "spikewire new classifier"; expected --channels/,
    ],
    [
      ['new', 'classifier', '--channels', 'a', '--neurons', '1000000000', '--out', 'm.spike'],
      /--neurons: is "1000000000"; expected .* 1 to 2048/,
    ],
    [['new', 'classifier', '--channels', 'a', '--seed', '1e30', '--out', 'm.spike'], /--seed: is "1e30"/],
    [['new', 'classifier', '--out', 'm.spike'], /^spikewire new classifier --channels: is missing; expected 1/],
    [['new', 'classifier', '--channels', 'a,a', '--out', 'm.spike'], /--channels: is "a,a"; expected 1…256 different/],
    [
      ['new', 'classifier', '--channels', 'a,,b', '--out', 'm.spike'],
      /--channels: is "a,,b"; expected 1…256 different/,
    ],
  ])('%j ends with one line, and leaves the file', async (words, line) => {
    await writeFile(join(folder, 'm.spike'), 'mine');
    const { code, stdout, stderr } = await runCommand(words, folder);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(line)]);
    expect(await readFile(join(folder, 'm.spike'), 'utf8')).toBe('mine');
  });
});
