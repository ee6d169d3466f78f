import { type Model, parseModel, quantize, RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed, type RunningNetwork, referenceEngine } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';
import { describeEngine } from './suite.ts';

const auto = engineNamed('auto');
const float32 = { membrane: 1e-4, readOut: 1e-4 };

describeEngine('auto', auto.load, float32, { load: referenceEngine.load, bitExact: false });

/** A layer that is given so many spikes per step. */
function layer(neurons: number, learning: Record<string, unknown> = {}): Model {
  const random = new RandomGenerator(3, 'layer');
  const weight = Array.from({ length: neurons }, () => Array.from({ length: 4 }, () => random.nextNormal()));
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [4] },
      fc: { type: 'Linear', weight },
      cell: { type: 'LIF', tau: 0.0207, r: 12, v_threshold: 0.83 },
      out: { type: 'Output', shape: [neurons] },
    },
    edges: chain('in', 'fc', 'cell', 'out'),
    semantics: { dt: 0.001, integrate: 'exact' },
    learning,
  });
}

function run(net: RunningNetwork, steps: number, every: number): number[][] {
  const input = new EventBuffer(steps);
  const index = net.graph.nodes.findIndex(({ name }) => name === 'in');
  for (let step = 0; step < steps; step += every) input.push(step, index, step % 4, 1);
  const output = new EventBuffer(100_000);
  net.run(steps, input, output);
  return Array.from({ length: output.length }, (_, k) => [output.step[k]!, output.index[k]!]);
}

/** The engine to which a saved state belongs. */
function engineOf(net: RunningNetwork): string {
  const header = new TextDecoder().decode(net.save().subarray(8, 2000));
  return /"engine":"([^"]+)"/.exec(header)![1]!;
}

describe('the engine that is chosen by activity', () => {
  it.each([
    ['event', 50],
    ['clocked', 1],
  ])('is %s where a spike comes every %d steps, with the same spikes all along', (name, every) => {
    const model = layer(60);
    const [net, reference] = [auto.load(model), referenceEngine.load(model)];
    expect(engineOf(net)).toBe('clocked');
    for (let window = 0; window < 6; window++) expect(run(net, 100, every)).toEqual(run(reference, 100, every));
    expect(engineOf(net)).toBe(name);
    expect(net.counters.spikes).toBe(reference.counters.spikes);
  });

  it.each([
    ['event', 50, { rule: 'stdp', aPlus: 0.02, aMinus: 0.02, bounds: [-3, 3] }],
    ['clocked', 1, { rule: 'stdp', aPlus: 0.02, aMinus: 0.02, bounds: [-3, 3] }],
    ['event', 50, { rule: 'pes', learningRate: 1e-4 }],
    ['clocked', 50, { rule: 'bcm', eta: 1e-7 }],
  ])('is %s where a spike comes every %d steps and fc learns by %j', (name, every, rule) => {
    const model = layer(60, { fc: rule });
    const [net, reference] = [auto.load(model), referenceEngine.load(model)];
    const random = new RandomGenerator(6, 'lessons');
    for (let window = 0; window < 6; window++) {
      expect(run(net, 100, every)).toEqual(run(reference, 100, every));
      const lesson = Array.from({ length: 60 }, () => random.nextNormal());
      if (rule.rule === 'pes') for (const each of [net, reference]) each.teach('fc', lesson);
    }
    expect(engineOf(net)).toBe(name);
    const [learned, expected] = [net, reference].map((each) => each.readWeights('fc'));
    expect(expected).not.toEqual(auto.load(model).readWeights('fc'));
    expect([...learned!]).toEqual(Array.from(expected!, (weight) => expect.closeTo(weight, 4)));
    expect(net.counters.taught).toBe(reference.counters.taught);
  });

  it('says what was chosen and why', () => {
    const quiet = auto.load(layer(60));
    expect(quiet.choice).toEqual({ engine: 'auto', because: 'measuring' });
    const bytes = quiet.bytes;
    run(quiet, 300, 50);
    expect(quiet.choice).toEqual({
      engine: 'event',
      because: expect.stringMatching(/^[\d.e-]+ % active, about [\d.]+x as fast as clocked$/),
    });
    expect(quiet.bytes).toBeLessThan(bytes);
    const busy = auto.load(layer(60));
    run(busy, 300, 1);
    expect(busy.choice).toEqual({
      engine: 'clocked',
      because: expect.stringMatching(/^[\d.]+ % active, the engine event would take about [\d.]+x as long$/),
    });
    const resumed = auto.load(layer(60));
    resumed.restore(quiet.save());
    expect(resumed.choice).toEqual({ engine: 'event', because: 'as its saved state' });
  });

  it.each([
    ['whole numbers', quantize(layer(6), { bits: 8 })],
    ['bcm learns in every step', layer(6, { fc: { rule: 'bcm', eta: 1e-7 } })],
    [
      'no closed form for LIF',
      parseModel({
        nodes: {
          in: { type: 'Input', shape: [1] },
          cell: { type: 'LIF', tau: 0.002, v_threshold: 1 },
          out: { type: 'Output' },
        },
        edges: chain('in', 'cell', 'out'),
        semantics: { dt: 0.003, integrate: 'euler' },
      }),
    ],
    [
      'no closed form for Izhikevich',
      parseModel({
        nodes: { in: { type: 'Input', shape: [1] }, cell: { type: 'Izhikevich' }, out: { type: 'Output' } },
        edges: chain('in', 'cell', 'out'),
        semantics: { dt: 0.0002 },
      }),
    ],
  ])('is clocked from the start for a net of which it says "%s"', (because, model) => {
    const net = auto.load(model);
    expect(net.choice).toEqual({ engine: 'clocked', because });
    expect(net.candidates).toHaveLength(1);
    net.restore(net.save());
    expect(net.choice!.because).toBe(because);
  });

  it('counts on from what the other one counted', () => {
    // What follows from a bias is counted by the clocked engine alone.
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [4] },
        drive: { type: 'Affine', weight: [[1, 1, 1, 1]], bias: [0.01] },
        fc: { type: 'Linear', weight: Array.from({ length: 300 }, () => [0.1]) },
        cell: { type: 'LIF', tau: 0.02, v_threshold: 1 },
        out: { type: 'Output', shape: [300] },
      },
      edges: chain('in', 'drive', 'fc', 'cell', 'out'),
    });
    const net = auto.load(model);
    let counted = 0;
    for (let window = 0; window < 6; window++) {
      run(net, 100, 50);
      expect(net.counters.synapticOperations).toBeGreaterThan(counted);
      counted = net.counters.synapticOperations;
    }
    expect(engineOf(net)).toBe('event');
  });

  it.each([
    ['event', 50],
    ['clocked', 1],
  ])('says what is wrong with a state of %s that it cannot take', (name, every) => {
    const stranger = auto.load(layer(59));
    run(stranger, 400, every);
    expect(engineOf(stranger)).toBe(name);
    for (const runningEvery of [50, 1]) {
      const net = auto.load(layer(60));
      run(net, 400, runningEvery);
      const before = net.save();
      expect(() => net.restore(stranger.save())).toThrow(/belongs to model/);
      expect(net.save()).toEqual(before);
    }
    const reference = referenceEngine.load(layer(60));
    expect(() => auto.load(layer(60)).restore(reference.save())).toThrow(/belongs to engine "reference"/);
  });

  it('is the one that a saved state belongs to', () => {
    const model = layer(60);
    for (const every of [50, 1]) {
      const net = auto.load(model);
      run(net, 400, every);
      for (const resumed of [auto.load(model), auto.load(model)]) {
        run(resumed, 300, 51 - every);
        resumed.restore(net.save());
        expect(engineOf(resumed)).toBe(engineOf(net));
        expect(run(resumed, 100, every)).toHaveLength(run(net, 100, every).length);
        net.restore(resumed.save());
        expect(net.save()).toEqual(resumed.save());
      }
    }
  });
});
