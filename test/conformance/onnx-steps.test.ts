import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formats } from '@spikewire/exchange/formats';
import {
  type Model,
  nodeKinds,
  parseModel,
  quantize,
  RandomGenerator,
  readModel,
  readWith,
  writeWith,
} from '@spikewire/models';
import fc from 'fast-check';
import { engineNamed, type RunningNetwork, referenceEngine } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { goldenFiles, readGolden } from '../golden/data.ts';
import { needsOnnxRuntime } from '../services.ts';
import { arbitraryGraph } from './arbitrary-graph.ts';
import { arbitraryImageNet } from './arbitrary-image-net.ts';
import { arbitraryNet, type RandomNet } from './arbitrary-model.ts';
import { type Cell, cells } from './cells.ts';
import { nudged } from './nudged.ts';
import { OnnxNet, playOnnx } from './onnx-net.ts';
import { type Events, play, type Stimulus } from './play.ts';

const onnx = formats.find(({ name }) => name === 'onnx')!;

/** Of the largest number that a variable of a node has had, where that is above 1: float32 keeps seven digits. */
const TOLERANCE = 1e-5;

/** Spikes of all populations; what a read-out hands on is numbers, and differs in its last digits. */
function spikesOf(network: RunningNetwork, events: Record<string, Events>) {
  const spiking = network.graph.nodes.filter(({ kind }) => kind.role === 'neuron' && kind.emits === 'spikes');
  return Object.fromEntries(spiking.map(({ name }) => [name, events[name]]));
}

/** Whether a slightly other net spikes as this one: then float32 has no excuse. */
function isAwayFromTies({ model, steps, stimulus }: RandomNet): boolean {
  const [truth, other] = [model, nudged(model)].map((each) => {
    const network = referenceEngine.load(each);
    network.learning = false;
    return JSON.stringify(spikesOf(network, play(network, steps, stimulus)));
  });
  return truth === other;
}

/** What neurons of a written net keep, not what is on its way. */
const neuronStates = ({ about }: OnnxNet) =>
  about.states.filter(({ variable }) => !['emitted', 'late', 'arrived'].includes(variable));

/**
 * Spikes equal those of the reference, and state variables and outputs are near; returns how many spikes there were.
 * With `shadows` each step begins with the states of the reference, where errors of float32 grow by themselves.
 */
async function compare(net: RandomNet, shadows = false): Promise<number> {
  const { steps, stimulus } = net;
  const model = { ...net.model, learning: new Map() };
  await using written = await OnnxNet.open(writeWith(onnx, model, { spikes: true }));
  const network = referenceEngine.load(model);
  const truth = play(referenceEngine.load(model), steps, stimulus);
  const largest = new Map<string, number>();
  const found = await playOnnx(written, network, steps, stimulus, (step) => {
    play(network, 1, stimulus, step);
    for (const { name, node, variable } of neuronStates(written)) {
      const wanted = network.readState(node, variable);
      const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), largest.get(name) ?? 1);
      largest.set(name, scale);
      written.state(node, variable)!.forEach((value, i) => {
        const error = Math.abs(value - wanted[i]!) / scale;
        expect(error, `${name}[${i}] at step ${step}: ${value}, ${wanted[i]}`).toBeLessThan(TOLERANCE);
      });
      if (shadows) written.place(node, variable, wanted);
    }
  });
  const spikes = spikesOf(network, truth);
  expect(spikesOf(network, found)).toEqual(spikes);
  for (const { name, kind } of network.graph.nodes) if (kind.role === 'output') expectNear(found[name]!, truth[name]!);
  return Object.values(spikes).flat().length;
}

/** The same numbers at the same places but for the last digits; a number that is nearly 0 may be missing. */
function expectNear(found: Events, truth: Events): void {
  const sums = new Map<string, number>();
  const scale = truth.reduce((most, [, , value]) => Math.max(most, Math.abs(value)), 1);
  for (const [step, index, value] of found) sums.set(`${step} ${index}`, value);
  for (const [step, index, value] of truth) sums.set(`${step} ${index}`, (sums.get(`${step} ${index}`) ?? 0) - value);
  for (const [place, error] of sums) expect(Math.abs(error) / scale, place).toBeLessThan(TOLERANCE);
}

/** Compares random nets, and counts those that are away from ties and their spikes. */
async function compareAll(nets: fc.Arbitrary<RandomNet>, numRuns: number, shadows = false) {
  const met = new Set<string>();
  let [compared, spikes] = [0, 0];
  const property = fc.asyncProperty(nets, async (net) => {
    fc.pre(isAwayFromTies(net));
    spikes += await compare(net, shadows);
    compared++;
    for (const { type } of net.model.graph.nodes.values()) met.add(type);
  });
  await fc.assert(property, { numRuns, maxSkipsPerRun: 20 });
  return { met, mean: spikes / compared };
}

/** Kinds in whose membranes an error of float32 stays what it is. */
const isLinear = ({ node }: Cell) => /^(Threshold|IF|LIF|CubaLIF|ALIF|I|LI|Lowpass|CubaLI|ReLU)$/.test(node.type);
const ofLength = (length: number) => Object.values(cells).filter(({ dt }) => dt === length);

describe('a net as steps in ONNX Runtime', () => {
  it('spikes as the reference, in graphs of every linear kind of neuron and every connection', async () => {
    const linear = ofLength(1e-3).filter(isLinear);
    const { met, mean } = await compareAll(arbitraryGraph(linear), 40);
    expect(mean).toBeGreaterThan(20);
    const wanted = nodeKinds.filter(({ role }) => role === 'connection').map(({ type }) => type);
    expect([...wanted, ...linear.map(({ node }) => node.type)].filter((type) => !met.has(type))).toEqual([]);
  });

  it('follows every choice of semantics, delays and recurrence', async () => {
    const { mean } = await compareAll(arbitraryNet, 40);
    expect(mean).toBeGreaterThan(20);
  });

  it('convolves and pools, with groups, dilations, strides and both kinds of winners', async () => {
    const { mean } = await compareAll(arbitraryImageNet, 60);
    expect(mean).toBeGreaterThan(20);
  });

  const isWhole = ({ node }: Cell) => node.type === 'LoihiLIF';
  const others = Object.entries(cells).filter(([, cell]) => !isLinear(cell) && !isWhole(cell));
  it.each(others)('computes the step of %s as the reference, from the same states', async (_name, cell) => {
    const { mean } = await compareAll(arbitraryGraph([cell]), 5, true);
    expect(mean).toBeGreaterThan(3);
  });

  it('refuses whole numbers, of which the products have more bits than float32', () => {
    const [net] = fc.sample(arbitraryGraph(Object.values(cells).filter(isWhole)), { numRuns: 1, seed: 1 });
    expect(() => writeWith(onnx, net!.model)).toThrow(/\(LoihiLIF\): is not written in ONNX/);
  });

  it('computes several steps at once, for several samples, and continues', async () => {
    const nets = [
      ...fc.sample(arbitraryGraph(ofLength(1e-3).filter(isLinear)), { numRuns: 6, seed: 2 }),
      ...fc.sample(arbitraryNet, { numRuns: 4, seed: 2 }),
    ];
    for (const { model: taught, steps, stimulus } of nets) {
      const model = { ...taught, learning: new Map() };
      await using single = await OnnxNet.open(writeWith(onnx, model, { spikes: true }));
      await using many = await OnnxNet.open(writeWith(onnx, model, { spikes: true, steps: 4 }), 3);
      const network = referenceEngine.load(model);
      const whole = steps - (steps % 4);
      const truth = await playOnnx(single, network, whole, stimulus);
      const found = await playOnnx(many, network, whole, stimulus);
      expect(spikesOf(network, found)).toEqual(spikesOf(network, truth));
      for (const { name, kind } of network.graph.nodes) {
        if (kind.role === 'output') expectNear(found[name]!, truth[name]!);
      }
      for (const { node, variable } of neuronStates(many)) {
        const error = single.state(node, variable)!.map((value, i) => value - many.state(node, variable)![i]!);
        expect(Math.max(...error.map(Math.abs))).toBeLessThan(1e-4);
      }
    }
  });

  it.each([
    ['gt', 'one'],
    ['ge', 'one'],
    ['gt', 'many'],
    ['ge', 'many'],
  ])('compares exactly at the threshold: %s, %s', async (threshold, spikesPerStep) => {
    const semantics = { dt: 2 ** -10, reset: 'subtract', threshold, spikesPerStep };
    const cell = { type: 'IF', r: 2 ** 10, v_threshold: 1 };
    const nodes = { in: { type: 'Input', shape: [1] }, cell, out: { type: 'Output' } };
    const model = parseModel({
      nodes,
      edges: [
        ['in', 'cell'],
        ['cell', 'out'],
      ],
      semantics,
    });
    await using written = await OnnxNet.open(writeWith(onnx, model));
    // Membranes of 1, and of 3, which are multiples of the threshold.
    const stimulus = { in: [0.5, 0.5, 0, 3, 0, 0, 0.25].map((value, step) => [step, 0, value]) };
    const network = referenceEngine.load(model);
    const truth = play(network, 8, stimulus);
    expect(truth.cell!.length).toBeGreaterThan(1);
    expect((await playOnnx(written, network, 8, stimulus)).out).toEqual(truth.out);
  });

  it('begins with the states that the model gives', async () => {
    const cell = {
      type: 'CubaLIF',
      tau_syn: 0.01,
      tau_mem: 0.02,
      v_threshold: 1,
      v_initial: [0.2, -0.4],
      i_initial: 3,
    };
    const nodes = { in: { type: 'Input', shape: [2] }, cell, out: { type: 'Output' } };
    const model = parseModel({
      nodes,
      edges: [
        ['in', 'cell'],
        ['cell', 'out'],
      ],
      semantics: { dt: 1e-3 },
    });
    await using written = await OnnxNet.open(writeWith(onnx, model));
    expect(written.about.states.map(({ name, initial }) => [name, initial])).toEqual([
      ['cell.v', [0.2, -0.4]],
      ['cell.i', 3],
    ]);
    // i ← 3 − 0.1·3, v ← v + (i − v)/20.
    await written.run({}, 0);
    expect(written.state('cell', 'i')![0]).toBeCloseTo(2.7, 6);
    expect(written.state('cell', 'v')![1]).toBeCloseTo(-0.4 + 3.1 / 20, 6);
  });
});

interface Golden {
  readonly steps: number;
  readonly input: Stimulus;
  readonly expected: Readonly<Record<string, { readonly spikes?: Events; readonly v?: readonly number[][] }>>;
  readonly expected_if_v_starts_at_v_leak?: Golden['expected'];
}

describe('golden NIR graphs in ONNX Runtime', () => {
  const names = goldenFiles('nir').flatMap((file) => file.match(/^.*(?=\.graph\.json$)/) ?? []);

  it.each(names)('%s', async (name) => {
    const model = parseModel(readGolden(`nir/${name}.graph.json`));
    const golden = readGolden(`nir/${name}.json`) as Golden;
    const expected = golden.expected_if_v_starts_at_v_leak ?? golden.expected;
    await using written = await OnnxNet.open(writeWith(onnx, model, { spikes: true }));
    const network = referenceEngine.load(model);
    const found = await playOnnx(written, network, golden.steps, golden.input, (step) => {
      for (const [node, { v }] of Object.entries(expected)) {
        v?.[step]?.forEach((value, i) => {
          const error = Math.abs(written.state(node, 'v')![i]! - value) / Math.max(1, Math.abs(value));
          expect(error, `${node}[${i}] at step ${step}`).toBeLessThan(TOLERANCE);
        });
      }
    });
    for (const [node, { spikes }] of Object.entries(expected)) {
      if (spikes === undefined) continue;
      expect(
        found[node]!.map(([step, index]) => [step, index]),
        node,
      ).toEqual(spikes);
    }
  });
});

/** An integer model, or nothing where the net has no integer form. */
function quantizedOrNot(model: Model, options: Parameters<typeof quantize>[1]): Model | undefined {
  try {
    return quantize(model, options);
  } catch {
    return undefined;
  }
}

describe('an integer model in ONNX Runtime', () => {
  it('spikes bit for bit as the integer engine, in random nets', async () => {
    const nets: readonly (RandomNet & { largestInput?: number | undefined })[] = [
      ...fc.sample(arbitraryGraph(ofLength(1e-3).filter(isLinear)), { numRuns: 20, seed: 1 }),
      ...fc.sample(arbitraryNet, { numRuns: 12, seed: 1 }),
      ...fc.sample(arbitraryImageNet, { numRuns: 24, seed: 1 }),
    ];
    let [compared, spikes] = [0, 0];
    for (const [k, { model, steps, stimulus, largestInput }] of nets.entries()) {
      const options = { bits: k % 3 === 0 ? 4 : 8, membraneBits: k % 2 === 0 ? 32 : 16, warn: () => {} } as const;
      const calibration = { inputs: new Map([['in', largestInput ?? ('spikes' as const)]]) };
      const whole = quantizedOrNot({ ...model, learning: new Map() }, { ...options, calibration });
      if (whole === undefined) continue;
      const network = engineNamed('integer').load(whole);
      await using written = await OnnxNet.open(writeWith(onnx, whole, { spikes: true }));
      // Numbers of a stimulus become float32 on their way in.
      const given: Stimulus = {
        in: stimulus.in!.map(([step, index, value = 1]) => [step!, index!, Math.fround(value)]),
      };
      const truth = play(network, steps, given);
      const rounded = Object.fromEntries(
        Object.entries(truth).map(([name, events]) => [name, events.map(([s, i, v]) => [s, i, Math.fround(v)])]),
      );
      expect(await playOnnx(written, network, steps, given), `net ${k}`).toEqual(rounded);
      for (const { node, variable, shape } of neuronStates(written)) {
        const wanted = network.readState(node, variable);
        const { neurons } = whole.quantization!;
        if (variable !== 'v') continue;
        const { scale, fraction } = neurons.get(node)!;
        const size = shape.reduce((a, b) => a * b, 1);
        const real = written.state(node, variable)!.map((v, n) => {
          return v * scale[Math.floor(n / (size / scale.length))]! * 2 ** -fraction;
        });
        expect(real, `net ${k}: ${node}`).toEqual([...wanted]);
      }
      compared++;
      spikes += Object.values(truth).flat().length;
    }
    expect(compared).toBeGreaterThan(30);
    expect(spikes / compared).toBeGreaterThan(50);
  });

  it('recognises digits as the integer engine: mnist-784-256-10 of the zoo', async () => {
    const model = readModel(readFileSync(new URL('../../models/zoo/mnist-784-256-10.spike', import.meta.url)));
    const random = new RandomGenerator(4, 'pixels');
    const events = Array.from({ length: 20 * 784 }, (_, k) => [Math.floor(k / 784), k % 784]);
    const stimulus = { in: events.filter(() => random.nextUniform() < 0.15) };
    const network = engineNamed('integer').load(model);
    await using written = await OnnxNet.open(writeWith(onnx, model, { spikes: true, steps: 10 }));
    const truth = play(network, 20, stimulus);
    expect(truth.out!.length).toBeGreaterThan(10);
    expect(spikesOf(network, await playOnnx(written, network, 20, stimulus))).toEqual(spikesOf(network, truth));
  });
});

it('runs in Python by the lines of the guide', (context) => {
  const python = needsOnnxRuntime(context);
  const guide = readFileSync(new URL('../../docs/guide/onnx.md', import.meta.url), 'utf8');
  const program = /^```python\n(.*?)^```$/ms.exec(guide)![1]!;
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [64] },
      fc: { type: 'Linear', weight: [Array.from({ length: 64 }, (_, k) => (k % 5) / 10)] },
      cell: { type: 'LIF', tau: 0.02, v_threshold: 1, v_initial: 0.5 },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'fc'],
      ['fc', 'cell'],
      ['cell', 'out', { delay: 2 }],
    ],
    semantics: { dt: 1e-3 },
  });
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-onnx-'));
  try {
    writeFileSync(join(folder, 'steps.onnx'), writeWith(onnx, model));
    const printed = execFileSync(python, ['-c', program], { cwd: folder, encoding: 'utf8' });
    const rows = printed.trim().split('\n');
    // The program puts in a spike at every element in each of 32 steps.
    const events = Array.from({ length: 32 * 64 }, (_, k) => [Math.floor(k / 64), k % 64]);
    const truth = play(referenceEngine.load(model), 32, { in: events });
    expect(truth.out!.length).toBeGreaterThan(5);
    const wanted = Array.from({ length: 32 }, (_, step) => truth.out!.filter(([at]) => at === step).length);
    expect(rows.map((row) => Number(row.replace(/[[\].]/g, '')))).toEqual(wanted);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('what is refused', () => {
  const lif = { type: 'LIF', tau: 0.02, v_threshold: 1 };
  const netOf = (fc: object, cell: object = lif, sections: object = {}, inputs = 2) =>
    parseModel({
      nodes: { in: { type: 'Input', shape: [inputs] }, fc, cell, out: { type: 'Output' } },
      edges: [
        ['in', 'fc'],
        ['fc', 'cell'],
        ['cell', 'out'],
      ],
      semantics: { dt: 1e-3 },
      ...sections,
    });
  const linear = { type: 'Linear', weight: [[1, 2]] };
  /** One synapse, from the first of the inputs to the first of the outputs. */
  const listed = (inputs: number, outputs: number) => {
    return { type: 'Sparse', weight: [1], target: [0], offset: [0, ...new Array(inputs).fill(1)], outputs };
  };

  it.each<[string, () => unknown, RegExp]>([
    [
      'a connection that learns',
      () => writeWith(onnx, netOf(linear, lif, { learning: { fc: { rule: 'pes', learningRate: 1e-3 } } })),
      /^node "fc" \(Linear\): learns, which ONNX does not support; expected a model without learning$/,
    ],
    [
      'a matrix that is too large',
      () => writeWith(onnx, netOf(listed(32, 2 ** 20), lif, {}, 32)),
      /^node "fc" \(Sparse\): is a matrix of 1048576×32 in ONNX; expected at most 16777216 weights$/,
    ],
    [
      'more steps than a file takes',
      () => writeWith(onnx, netOf(linear), { steps: 1e6 }),
      /^ONNX model: has 32\d{3} nodes after \d+ of 1000000 steps; expected at most 32768; fewer steps at once$/,
    ],
    [
      'steps of what computes none',
      () => writeWith(formats.find(({ name }) => name === 'c')!, netOf(linear), { steps: 2 }),
      /^model: as c computes no steps; expected no number of steps, no spikes$/,
    ],
  ])('%s', (_what, write, message) => {
    expect(write).toThrow(message);
  });

  it('reading what was written', () => {
    expect(() => readWith(onnx, writeWith(onnx, netOf(linear)))).toThrow(
      /^model: has the steps of a spiking net, which are only written; expected the model that it was written from$/,
    );
  });

  it('says what is not in the file', () => {
    const notes: string[] = [];
    const coding = { encoder: { in: { type: 'direct' } }, decoder: { out: { type: 'count' } } };
    writeWith(onnx, netOf(linear, lif, coding), { note: (line) => notes.push(line) });
    expect(notes).toEqual([
      'encoder of "in": direct is not in the file: your program gives the values of each step',
      'decoder of "out": count is not in the file: your program turns the outputs of the steps into an answer',
    ]);
  });
});
