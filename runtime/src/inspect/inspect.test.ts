import { engines, referenceEngine } from '@spikewire/engine';
import { demandOf, type Model, nextReadingModel, parseModel, quantize, resolveGraph } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { inspect } from './inspect.ts';

const look = (model: Model, engine = referenceEngine) => inspect(model, { fileBytes: 1234, digest: 'd', engine });

/** A 4×4 picture through 2 kernels of 3×3 without padding: 2×2×2 outputs, each of nine synapses, 18 weights. */
const convolution = parseModel({
  nodes: {
    in: { type: 'Input', shape: [1, 4, 4] },
    conv: {
      type: 'Conv2d',
      input_shape: [4, 4],
      weight: [0, 1].map((channel) => [[0, 1, 2].map((y) => [0, 1, 2].map((x) => channel + y - x + 1))]),
      stride: 1,
      padding: 0,
      dilation: 1,
      groups: 1,
      bias: [0, 0],
    },
    neurons: { type: 'IF', r: 1, v_threshold: 1 },
    out: { type: 'Output', shape: [2, 2, 2] },
  },
  edges: [
    ['in', 'conv'],
    ['conv', 'neurons', { delay: 2 }],
    ['neurons', 'out'],
  ],
  semantics: { dt: 0.002 },
  sample: { steps: 10, between: 'reset' },
});

describe('what a model is and costs', () => {
  it('counts neurons, synapses and the weights that they share', async () => {
    const { neurons, synapses, weights, edges, bits, steps, dt, synapticOperationsAtMost, fileBytes } =
      await look(convolution);
    expect({ neurons, synapses, weights, bits, steps, dt }).toEqual({
      neurons: 8,
      synapses: 72,
      weights: 18,
      bits: 32,
      steps: 10,
      dt: 0.002,
    });
    expect(synapticOperationsAtMost).toBe(720);
    expect(edges).toContainEqual({ source: 'conv', target: 'neurons', delay: 2 });
    expect(fileBytes).toBe(1234);
  });

  it('tells what learns, and how weights are kept', async () => {
    const model = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 20 });
    const float = await look(model);
    expect(float.learned).toEqual([{ name: 'reading/decode', rules: ['pes'], weights: 20, storage: 'float32' }]);
    expect((await look(quantize(model, { bits: 8 }))).learned[0]).toMatchObject({ storage: 'int16' });
    expect(float).toMatchObject({
      neurons: 21,
      synapses: 40,
      channels: [{ name: 'level', unit: 'm' }],
      encoders: { in: 'direct' },
      decoders: { out: 'linear' },
    });
  });

  it('tells what readings go through', async () => {
    const statistics = [{ type: 'rms' }, { type: 'kurtosis' }];
    const text = {
      nodes: {
        in: { type: 'Input', shape: [2] },
        pass: { type: 'Linear', weight: [[1, 1]] },
        cell: { type: 'IF', v_threshold: 1 },
        out: { type: 'Output' },
      },
      edges: chain('in', 'pass', 'cell', 'out'),
      features: { in: [{ type: 'window', length: 64 }, statistics, { type: 'difference' }] },
      encoder: { in: { type: 'direct' } },
      decoder: { out: { type: 'count' } },
    };
    const demandIn = (model: Model) => demandOf(model, resolveGraph(model.graph, model.semantics)).bytes;
    const [vibration, bare] = [parseModel(text), parseModel({ ...text, features: {} })];
    const { features, memory, cost } = await look(vibration);
    expect(features).toEqual({ in: ['window', ['rms', 'kurtosis'], 'difference'] });
    // One channel: a window, the two numbers of its last frame, and whether there was one.
    expect(memory.features).toBeGreaterThanOrEqual(8 * (64 + 2 + 1));
    // What a budget counts has objects, too.
    expect(memory.features).toBeLessThan(demandIn(vibration) - demandIn(bare));
    // One pass over the window for the effective value and four for the kurtosis, and two differences.
    expect(cost.dense.features).toBe(5 * 64 + 2);
    const other = await look(convolution);
    expect(other).toMatchObject({
      features: {},
      memory: { features: 0 },
      cost: { dense: { features: 0, readOut: 0 } },
    });
  });

  it('tells the precision of an integer model', async () => {
    const model = quantize(nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 20 }), {
      bits: 8,
      membraneBits: 16,
    });
    const { bits, nodes } = await look(model);
    expect(bits).toBe(8);
    const { membraneBits, fraction, scale } = nodes.find(({ name }) => name === 'reading/neurons')!.precision!;
    const constants = model.quantization!.neurons.get('reading/neurons')!;
    expect(membraneBits).toBe(16);
    expect(fraction).toBe(constants.fraction);
    expect(scale[0]).toBe([...constants.scale].sort((a, b) => a - b)[0]);
    expect(scale[1]).toBe([...constants.scale].sort((a, b) => b - a)[0]);
    expect((await look(convolution)).nodes.every(({ precision }) => precision === undefined)).toBe(true);
  });

  it.each(engines.map((engine) => [engine.name, engine] as const))(
    'counts the memory of %s to the byte',
    async (_, engine) => {
      const model = quantize(convolution, { bits: 8 });
      // Beside the net, room for the events of 8 neurons in 10 steps, of 20 bytes each.
      expect((await look(model, engine)).memoryBytes).toBe(engine.load(model).bytes + 20 * 8 * 10);
    },
  );

  it('ends self-tests with a signal', async () => {
    const text = {
      nodes: {
        in: { type: 'Input', shape: [4000] },
        cell: { type: 'IF', r: 1000, v_threshold: 1 },
        out: { type: 'Output' },
      },
      edges: chain('in', 'cell', 'out'),
    };
    const silent = { steps: 100_000, input: new Map(), output: new Map() };
    const model = { ...parseModel(text), selfTests: [silent] };
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const { signal } = controller;
    await expect(inspect(model, { fileBytes: 1, digest: 'd', engine: referenceEngine, signal })).rejects.toThrow(
      'self-tests: were stopped in selfTests[0] on reference; expected their end',
    );
  });
});
