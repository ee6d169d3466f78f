import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  formatModel,
  type Model,
  modelDigest,
  nextReadingModel,
  parseModel,
  quantize,
  writeModel,
} from '@spikewire/models';
import { engineNamed, engines } from 'spikewire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';

let folder: string;
let float: Model;
let integer: Model;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-inspect-'));
  float = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 40 });
  integer = quantize(float, { bits: 8 });
  await writeFile(join(folder, 'float.spike'), writeModel(float));
  await writeFile(join(folder, 'integer.spike'), writeModel(integer));
  await writeFile(join(folder, 'float.json'), formatModel(float).json);
  await writeFile(join(folder, 'broken.spike'), writeModel(float).subarray(0, 900));
});
afterAll(() => rm(folder, { recursive: true }));

describe('spikewire inspect', () => {
  it.each(engines.map(({ name }) => name))(
    'counts the bytes that %s takes for the running net, exactly',
    async (name) => {
      const { code, stdout, stderr } = await runCommand(
        ['inspect', 'integer.spike', '--device', name, '--json'],
        folder,
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const document = JSON.parse(stdout);
      const ofNet = engines.find((engine) => engine.name === name)!.load(integer).bytes;
      // The answer is a number in each of 50 steps, of 20 bytes.
      expect(document.memory).toMatchObject({ net: ofNet + 20 * 50, features: 0, undo: 0 });
      expect(document.engine).toBe(name);
      expect(document.fileBytes).toBe((await stat(join(folder, 'integer.spike'))).size);
      expect(document.digest).toBe(modelDigest(integer));
      expect(document).toMatchObject({ bits: 8, neurons: 41, learned: [{ name: 'reading/decode', storage: 'int16' }] });
    },
  );

  it('is a table for people', async () => {
    const { stdout } = await runCommand(['inspect', 'integer.spike', '--device', 'integer'], folder);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('integer.spike: 41 neurons, 80 synapses, 80 weights of 8 bits');
    expect(stdout).toMatch(/\n {2}node +type +shape +neurons +synapses +weights\n/);
    expect(stdout).toMatch(/\n {2}reading\/neurons +LIF +\[40\] +40 +M 32, F -?\d+, u [\d.e-]+…[\d.e-]+\n/);
    expect(stdout).toMatch(/\n {2}reading\/decode +Linear +\[1\] +40 +40 +learns: pes\n/);
    expect(stdout).toMatch(/\nlearns +reading\/decode by pes: 40 weights in int16\n/);
    expect(stdout).toMatch(/\nchannels +level \(m\)\n/);
    expect(stdout).toMatch(/\ntests +0 self-test vectors\n/);
    expect(lines.every((line) => line === line.trimEnd())).toBe(true);
  });

  it('shows what neurons compute with', async () => {
    const cells = {
      nodes: {
        in: { type: 'Input', shape: [2] },
        cells: { type: 'LIF', tau: [0.01, 0.02], v_threshold: 1, semantics: { reset: 'subtract' } },
        shaped: { type: 'SRM0', kernel: 'alpha', tau: 0.01, v_threshold: 0.5 },
        level: { type: 'LI', tau: 0.0123456 },
        out: { type: 'Output', shape: [2] },
      },
      edges: [
        ['in', 'cells'],
        ['cells', 'shaped'],
        ['shaped', 'level'],
        ['level', 'out'],
      ],
      semantics: { integrate: 'exact', threshold: 'ge' },
    };
    await writeFile(join(folder, 'cells.json'), JSON.stringify(cells));
    const { stdout } = await runCommand(['inspect', 'cells.json'], folder);
    expect(stdout).toContain(
      '\nneurons   cells: tau 0.01…0.02 s, r 1, v_leak 0, v_threshold 1, v_reset 0, tau_ref 0 s, ' +
        'integrated exact, spikes at or above the threshold, reset by subtraction\n',
    );
    expect(stdout).toMatch(/\nneurons {3}shaped: kernel alpha, tau 0\.01 s, .*v_threshold 0\.5, /);
    expect(stdout).toContain('\nneurons   level: tau 0.01235 s, r 1, v_leak 0, integrated exact\n');
    const { nodes } = JSON.parse((await runCommand(['inspect', 'cells.json', '--json'], folder)).stdout);
    expect(nodes[1].neuron).toMatchObject({
      parameters: { tau: { unit: 's', minimum: 0.01, maximum: 0.02 }, r: { minimum: 1, maximum: 1 } },
      semantics: { integrate: 'exact', threshold: 'ge', reset: 'subtract', spikesPerStep: 'one' },
    });
    expect(nodes[2].neuron.parameters.kernel).toEqual({ word: 'alpha' });
    expect(nodes[0].neuron).toBeUndefined();
  });

  it('says what readings go through', async () => {
    const vibration = {
      nodes: { in: { type: 'Input', shape: [2] }, out: { type: 'Output', shape: [2] } },
      edges: [['in', 'out']],
      features: { in: [{ type: 'window', length: 64 }, [{ type: 'rms' }, { type: 'kurtosis' }]] },
      encoder: { in: { type: 'direct' } },
    };
    await writeFile(join(folder, 'vibration.json'), JSON.stringify(vibration));
    const { stdout } = await runCommand(['inspect', 'vibration.json'], folder);
    expect(stdout).toMatch(/\nfeatures {2}in: window → rms \+ kurtosis\nencoders {2}in: direct\n/);
  });

  it.each(['clocked', 'event'])('says node by node that a model fits on %s', async (device) => {
    const { stdout } = await runCommand(['inspect', 'float.json', '--device', device, '--json'], folder);
    const { placement, nodes } = JSON.parse(stdout);
    expect(placement).toMatchObject({ fits: true, problems: [] });
    expect(placement.nodes).toEqual(nodes.map(({ name, type }: { name: string; type: string }) => ({ name, type })));
  });

  it('says what does not fit', async () => {
    const { code, stdout, stderr } = await runCommand(['inspect', 'float.json', '--device', 'integer'], folder);
    expect(stdout).toMatch(/^float\.json on integer:\nweights of 32 bits; it takes 8, 4\n/);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/float\.json: does not fit on integer; expected /),
    });
  });

  it('shows a saved state', async () => {
    const state = fileURLToPath(new URL('../golden/data/states/2-float-clocked.state', import.meta.url));
    const { stdout } = await runCommand(['inspect', state], folder);
    expect(stdout).toMatch(
      /a saved net: file format 2, engine clocked, after 2050 time steps\nreadings {2}60\nmodel {5}[0-9a-f]{64}\n/,
    );
    expect(stdout).toMatch(/\n {2}reading\/decode +6 +float32 +-1\.14…2\.34\n$/);
  });

  it('has names from a model or a state write no lines of their own', async () => {
    const hostile = (name: string) => `${name}\nmodel     forged`;
    const nodes = {
      [hostile('in')]: { type: 'Input', shape: [1] },
      [hostile('fc')]: { type: 'Linear', weight: [[1]] },
      [hostile('cell')]: { type: 'LI', tau: 0.02 },
      [hostile('out')]: { type: 'Output' },
    };
    const names = Object.keys(nodes);
    const forger = parseModel({
      nodes,
      edges: names.slice(1).map((name, k) => [names[k]!, name]),
      learning: { [hostile('fc')]: { rule: 'pes', learningRate: 0.01 } },
      channels: [{ name: hostile('level'), unit: hostile('m') }],
      provenance: { [hostile('author')]: hostile('nobody') },
    });
    await writeFile(join(folder, 'forger.spike'), writeModel(forger));
    await writeFile(join(folder, 'forger.state'), engineNamed('clocked').load(forger).save());
    for (const words of [['forger.spike'], ['forger.spike', '--device', 'integer'], ['forger.state']]) {
      const { stdout } = await runCommand(['inspect', ...words], folder);
      expect(stdout).toContain('fc model     forged');
      expect(stdout).not.toMatch(/^model {5}forged/m);
    }
  });

  it('reads the text form as well, which is the same model', async () => {
    const { stdout } = await runCommand(['inspect', 'float.json', '--device', 'reference', '--json'], folder);
    expect(JSON.parse(stdout)).toMatchObject({ bits: 32, digest: modelDigest(float) });
  });

  it('shows a model that comes with it by its name, where there is no such file', async () => {
    const nodes = async () =>
      JSON.parse((await runCommand(['inspect', 'next-reading-1', '--json'], folder)).stdout).nodes;
    const ready = await nodes();
    expect(ready).toHaveLength(6);
    await copyFile(join(folder, 'integer.spike'), join(folder, 'next-reading-1'));
    expect(await nodes()).not.toEqual(ready);
    await rm(join(folder, 'next-reading-1'));
    const { code, stderr } = await runCommand(['inspect', 'next-reading'], folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/next-reading: does not exist; expected a model file, or one of .*next-reading-1/);
  });

  it.each([
    [['inspect', 'broken.spike', '--device', 'reference'], 1, /^spikewire: broken\.spike: /],
    [['inspect', 'none.spike', '--device', 'reference'], 1, /none\.spike: does not exist; expected a model file/],
    [['inspect', 'float.spike', '--device', 'steam'], 2, /device "steam": is not an engine; expected one of reference/],
    [
      ['inspect', 'float.spike', '--device', 'loom:1'],
      2,
      /device "loom:1": needs the driver "loom", which is not installed; expected one of fpga/,
    ],
    [
      ['inspect', 'float.spike', '--device', 'auto', '--engine', 'auto'],
      2,
      /--engine auto: cannot be combined with --device; expected only --device/,
    ],
    [['inspect'], 2, /<model> is missing/],
  ])('%j ends with one line', async (words, code, line) => {
    const ended = await runCommand(words, folder);
    expect(ended.stderr).toMatch(line);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended).toMatchObject({ code, stdout: '' });
  });
});
