import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Model,
  modelDigest,
  numbersOf,
  readAnyModel,
  readModel,
  resolveGraph,
  weightUnits,
  wire,
} from '@spikewire/models';
import { Store } from 'spikewire/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';

const GOLDEN = fileURLToPath(new URL('../golden/data/', import.meta.url));
const wild = (name: string) => join(GOLDEN, 'nir-wild', name);
const STATES = join(GOLDEN, 'states');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-nir-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What a whole number of the learned weights stands for. */
function unitOf(model: Model): number {
  const wiring = wire(resolveGraph(model.graph, model.semantics));
  const index = wiring.graph.nodes.findIndex(({ name }) => name === 'reading/decode');
  return weightUnits(wiring, index, model.quantization!)[0]!;
}

const run = (...words: string[]) => runCommand(words, folder);
const modelIn = async (name: string) => readModel(await readFile(join(folder, name)));

describe('spikewire import of a NIR file', () => {
  it('says what it guesses, and what it mends', async () => {
    const ended = await run('import', wild('snn-leaky-scalar.nir'), '--out', 'm.spike', '--json');
    expect(ended.code).toBe(0);
    const { from, notes } = JSON.parse(ended.stdout);
    expect(from).toBe('nir');
    expect(notes).toEqual([
      expect.stringContaining('node "lif1" (LIF): one number spread over [6]'),
      expect.stringContaining('node "lif2" (LIF): one number spread over [2]'),
      expect.stringContaining('step rule guessed'),
    ]);
    expect(ended.stderr.trim().split('\n')).toHaveLength(notes.length);
    expect((await modelIn('m.spike')).semantics).toMatchObject({ dt: 1e-4, integrate: 'euler', reset: 'value' });
  });

  it('takes the steps of a framework, and parts before them', async () => {
    const words = ['--from', 'spikingjelly', '--dt', '0.002', '--reset', 'subtract', '--spikes-per-step', 'many'];
    const ended = await run('import', wild('sj-threshold-tie.nir'), ...words, '--out', 'm.spike');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const { semantics, provenance } = await modelIn('m.spike');
    const parts = { integrate: 'euler', threshold: 'ge', reset: 'subtract', spikesPerStep: 'many' };
    expect(semantics).toEqual({ dt: 0.002, ...parts });
    expect(provenance.nir).toMatchObject({ from: 'spikingjelly' });
  });

  it.each([
    [['--from', 'nest'], 2, /^spikewire: .*step rule "nest": is not known; expected norse, snntorch/],
    [['--reset', 'soft'], 2, /^spikewire import --reset: is "soft"; expected value or subtract/],
    [['--dt', '0'], 2, /^spikewire import --dt: is "0"/],
  ])('refuses %j in a line', async (words, code, line) => {
    const ended = await run('import', wild('sj-threshold-tie.nir'), ...words, '--out', 'm.spike');
    expect(ended.code).toBe(code);
    expect(ended.stderr.split('\n')[0]).toMatch(line);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    [['--steps', '5'], /--steps: has no effect without --channels; expected --channels/],
    [['--channels', 'a,b'], /--channels: has 2 names; expected 3, one for each element/],
    [['--channels', 'a,b,c', '--labels', 'x'], /--labels: has 1 name; expected 3, one for each element/],
    [['--channels', 'a,b,c', '--rule', 'hebb'], /--rule: is "hebb"; expected pes/],
  ])('refuses %j for readings and answers in a line', async (words, line) => {
    const ended = await run('import', join(GOLDEN, 'pump.nir'), '--from', 'snntorch', ...words, '--out', 'm.spike');
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringMatching(line)]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('gives the net the readings as they are, and names its answers', async () => {
    const named = ['--channels', 'vibration,current,temperature', '--labels', 'idle,load,worn', '--largest', '4'];
    const from = ['import', join(GOLDEN, 'pump.nir'), '--from', 'snntorch', '--out', 'm.spike'];
    expect((await run(...from, ...named, '--steps', '20', '--rule', 'pes')).code).toBe(0);
    const { channels, labels, learning, sample } = await modelIn('m.spike');
    expect(channels.map(({ name }) => name)).toEqual(['vibration', 'current', 'temperature']);
    expect([labels, sample, [...learning.keys()]]).toEqual([
      ['idle', 'load', 'worn'],
      { steps: 20, between: 'reset' },
      ['fc2'],
    ]);
    // The script that trained it printed 99.9 % of other samples.
    const evaluated = await run('eval', 'm.spike', '--data', `csv:${join(GOLDEN, 'pump.csv')}`, '--json');
    expect(JSON.parse(evaluated.stdout).accuracy).toBeGreaterThan(0.99);
  });

  it('leaves steps to formats that say them', async () => {
    const zoo = fileURLToPath(new URL('../../models/zoo/next-reading-1.spike', import.meta.url));
    const ended = await run('import', zoo, '--from', 'norse', '--out', 'm.spike');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('is spike, which says how a step is computed; expected no step rule');
  });

  it('mends by a guess where it is told to', async () => {
    const asked = ['import', wild('dangling-edge.nir'), '--out', 'm.spike'];
    expect(await run(...asked)).toMatchObject({ code: 1, stderr: expect.stringContaining('--repair connects it') });
    expect(await run(...asked, '--repair')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('taken as "lif1"'),
    });
  });
});

describe('spikewire import of a folder', () => {
  it('makes a table of all files, and ends with 1 where one failed', async () => {
    await mkdir(join(folder, 'nets'));
    for (const name of ['cubalif-win-matrix.nir', 'hdf5-latest.nir', 'snn-rleaky-nested.nir'])
      await copyFile(wild(name), join(folder, 'nets', name));
    await writeFile(join(folder, 'nets/train.py'), 'import nir\n');
    const ended = await run('import', 'nets', '--from', 'snntorch', '--out', 'read', '--json');
    expect(ended.code).toBe(1);
    expect(JSON.parse(ended.stdout).files).toEqual([
      {
        file: 'cubalif-win-matrix.nir',
        kinds: [],
        notes: [],
        error: expect.stringContaining('w_in: has shape [3, 5]'),
      },
      { file: 'hdf5-latest.nir', kinds: ['LIF', 'Linear'], notes: [], out: 'read/hdf5-latest.spike' },
      {
        file: 'snn-rleaky-nested.nir',
        kinds: ['Affine', 'LIF'],
        notes: [expect.stringContaining('closes a cycle')],
        out: 'read/snn-rleaky-nested.spike',
      },
    ]);
    expect(ended.stderr).toContain('nets: 1 of 3 files were not imported');
    expect(await readdir(join(folder, 'read'))).toEqual(['hdf5-latest.spike', 'snn-rleaky-nested.spike']);
    const table = await run('import', 'nets', '--out', 'read', '--overwrite');
    expect(table.stdout).toMatch(/^ {2}file +kinds +notes or error\n {2}cubalif-win-matrix\.nir +error: /);
  });

  it('ends with 0 where all were imported, and says where there are none', async () => {
    await mkdir(join(folder, 'nets'));
    expect(await run('import', 'nets', '--out', 'read')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nets: has no model files; expected files of .'),
    });
    await copyFile(wild('hdf5-v108.nir'), join(folder, 'nets/a.nir'));
    expect(await run('import', 'nets', '--out', 'read')).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('spikewire export', () => {
  it('writes a NIR file, and what comes closest with its losses', async () => {
    await run('import', wild('sj-threshold-tie.nir'), '--from', 'spikingjelly', '--out', 'm.spike');
    expect(await run('export', 'm.spike', '--out', 'm.nir')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'node "1" (IF): spikes at its threshold, not only above, which NIR cannot express',
      ),
    });
    const ended = await run('export', 'm.spike', '--out', 'm.nir', '--nearest', '--json');
    expect(ended.code).toBe(0);
    const { notes } = JSON.parse(ended.stdout);
    expect(notes).toEqual([
      expect.stringContaining('node "1" (IF): spikes at its threshold'),
      expect.stringMatching(/^node "1": \d+\.\d\d % of its spikes differ on random input \(500 steps, seed 1\)$/),
    ]);
    expect(Number.parseFloat(notes[1].split(': ')[1])).toBeGreaterThan(0);
    expect(await run('import', 'm.nir', '--out', 'again.spike')).toMatchObject({ code: 0 });
    expect((await modelIn('again.spike')).semantics).toMatchObject({ threshold: 'gt', dt: 1e-4 });
  });

  it('has no nearest where a format says all', async () => {
    const ended = await run('export', join(STATES, 'float.spike'), '--out', 'm.json', '--nearest');
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('--nearest: is not for json') });
  });

  it.each(['float', 'int8'])('writes what was learned: %s', async (form) => {
    const states = (await readdir(STATES)).filter((name) => name.endsWith(`-${form}-clocked.state`)).toSorted();
    const state = join(STATES, states.at(-1)!);
    const { weights } = JSON.parse(await readFile(join(STATES, `${form}-clocked.json`), 'utf8')) as {
      weights: number[];
    };
    const ended = await run('export', join(STATES, `${form}.spike`), '--state', state, '--out', 'm.json');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const model = readAnyModel(await readFile(join(folder, 'm.json')));
    const written = numbersOf(model.graph.nodes.get('reading/decode')!, 'weight')!.data;
    const half = form === 'float' ? 0 : unitOf(model) / 2;
    const errors = weights.map((weight, k) => Math.abs(written[k]! * (form === 'float' ? 1 : 2 * half) - weight));
    expect(written).toHaveLength(weights.length);
    expect(Math.max(...errors)).toBeLessThanOrEqual(half * (1 + 1e-9));
    const before = readModel(await readFile(join(STATES, `${form}.spike`)));
    expect([...numbersOf(before.graph.nodes.get('reading/decode')!, 'weight')!.data]).not.toEqual([...written]);
  });

  it('writes what was learned as fixed weights where a format does not learn', async () => {
    const states = (await readdir(STATES)).filter((name) => name.endsWith('-int8-clocked.state')).toSorted();
    const words = ['--state', join(STATES, states.at(-1)!), '--out', 'm.onnx', '--json'];
    const ended = await run('export', join(STATES, 'int8.spike'), ...words);
    expect([ended.code, JSON.parse(ended.stdout).notes]).toEqual([
      0,
      expect.arrayContaining(['the learned weights are written as constants']),
    ]);
  });

  it('refuses a state of another model', async () => {
    const state = (await readdir(STATES)).find((name) => name.endsWith('-int8-clocked.state'))!;
    const ended = await run('export', join(STATES, 'float.spike'), '--state', join(STATES, state), '--out', 'm.json');
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('is a state of another model') });
  });

  it('finds the newest state of the only net of a store', async () => {
    const model = readModel(await readFile(join(STATES, 'float.spike')));
    const state = await readFile(join(STATES, '2-float-clocked.state'));
    const save = async (net: string) => {
      const store = await Store.open(join(folder, 'learned', net), { baseDigest: modelDigest(model) });
      await store.save(state);
      await store.close();
    };
    const asked = ['export', join(STATES, 'float.spike'), '--state', 'learned', '--out', 'm.json', '--overwrite'];
    await save('pump');
    expect(await run(...asked)).toMatchObject({ code: 0, stderr: '' });
    const slot = join(
      'learned',
      'pump',
      (await readdir(join(folder, 'learned/pump'))).find((name) => name.endsWith('.slot'))!,
    );
    const fromFile = ['export', join(STATES, 'float.spike'), '--state', slot, '--out', 'n.json'];
    expect(await run(...fromFile)).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(join(folder, 'n.json'))).toEqual(await readFile(join(folder, 'm.json')));
    await save('fan');
    const line = expect.stringContaining('has states of 2 nets of this model; expected the state of one net');
    expect(await run(...asked)).toMatchObject({ code: 1, stderr: line });
  });
});
