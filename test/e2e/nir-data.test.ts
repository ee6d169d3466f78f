import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordings } from '@spikewire/exchange/recordings';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';
import { runCommand } from './command.ts';

const [nirData] = recordings;
const MODEL = JSON.stringify({
  nodes: {
    in: { type: 'Input', shape: [2] },
    fc: { type: 'Linear', weight: [[1, 1]] },
    cell: { type: 'IF', r: 1000, v_threshold: 1 },
    out: { type: 'Output', shape: [1] },
  },
  edges: chain('in', 'fc', 'cell', 'out'),
  semantics: { dt: 0.001, threshold: 'ge' },
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-nirdata-'));
  await writeFile(join(folder, 'model.json'), MODEL);
  await write('in.nirdata', {
    in: [
      [0, 0],
      [2, 1, 0.5],
      [4, 1, 0.75],
    ],
    cell: [[1, 0]],
  });
  await write('other.nirdata', { in: [[0, 0]], lif: [[1, 0]] });
});
afterAll(() => rm(folder, { recursive: true }));

function write(name: string, spikes: Record<string, number[][]>): Promise<void> {
  const sizes = new Map([['in', 2], ...['cell', 'lif'].map((node) => [node, 1] as const)]);
  return writeFile(join(folder, name), nirData!.write!({ dt: 0.001, seconds: 0.006, sizes, spikes, traces: {} }));
}

function simulate(...words: string[]) {
  return runCommand(['simulate', 'model.json', ...words], folder);
}

describe('spikewire simulate with recordings of nodes', () => {
  it('takes them as input and writes what it records', async () => {
    const { code, stderr, stdout } = await simulate('--input', 'in.nirdata', '--record', 'spikes,v');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'warning: recordings of cell are not an input, and are not used\n',
    });
    const json = JSON.parse(stdout) as { spikes: Record<string, number[][]>; steps: number };
    expect(json).toMatchObject({
      steps: 6,
      spikes: {
        cell: [
          [0, 0],
          [4, 0],
        ],
      },
    });
    const words = ['--input', 'in.nirdata', '--record', 'spikes,v', '--out', 'out.nirdata'];
    expect(await simulate(...words)).toMatchObject({ code: 0 });
    const bytes = await readFile(join(folder, 'out.nirdata'));
    const request = { dt: 0.001, inputs: new Map([['cell', 1]]), sample: 0 };
    expect(nirData!.read!(bytes, request, 1e7)).toEqual({
      steps: 6,
      input: { cell: json.spikes.cell!.map((event) => [...event, 1]) },
      others: ['out'],
      notes: [],
    });
  });

  it.each([
    [
      ['--input', 'in.nirdata', '--sample', '1'],
      'in.nirdata: /nodes/in/observables/spikes: has 1 samples, and no sample 1; expected --sample 0',
    ],
    [['--input', 'other.nirdata'], 'other.nirdata: recorded node "lif": is not in the net; expected its Inputs: in'],
    [
      ['--input', 'model.json', '--sample', '0'],
      '--sample: chooses a sample of a file of recorded signals; expected an --input with such samples',
    ],
    [
      ['--input', 'in.xyz'],
      'in.xyz: has an unknown extension; expected .json, .npy, .csv, .bin, .dat, .aedat, .aedat4; .nirdata, .nir, .h5, .hdf5',
    ],
    [
      ['--input', 'in.nirdata', '--record', 'weights', '--out', 'w.nirdata'],
      '--out w.nirdata: has no place for weights; expected --record without weights',
    ],
    [
      ['--input', 'in.nirdata', '--record', 'v', '--last', '2', '--out', 'w.nirdata'],
      '--out w.nirdata: has states of all steps; expected no --last',
    ],
  ])('%j is refused in one line', async (words, message) => {
    const { code, stderr } = await simulate(...words);
    expect(stderr.split('\n').filter((line) => line !== '' && !line.startsWith('warning: '))).toEqual([
      expect.stringContaining(message),
    ]);
    expect(code).not.toBe(0);
  });
});
