import { calibrate, EventBuffer, engineNamed } from '@spikewire/engine';
import { windowsOf } from '@spikewire/engine/data';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { type Model, numbersOf, parseModel, quantize, RandomGenerator, tensor } from '@spikewire/models';
import fc from 'fast-check';
import { Session } from 'spikewire/session';
import { describe, expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { classes } from '../measures/classes.ts';
import { activationsOf, scalesAt } from './analogue/activations.ts';
import { analogueNet } from './analogue/analogue-net.ts';
import { layerFigures } from './layer-figures.ts';
import { type ConversionMethod, parametersOf } from './method.ts';
import { conversionMethods } from './methods/methods.ts';
import { images, maxima, samplesFor, twoLayers } from './nets.test-data.ts';
import { type Balance, scalesWithin, spikingModel } from './spiking-model.ts';

const backend = interpreter;

/** One unit that gets `weight` in every step. */
const unit = (weight: number, parameters = {}) =>
  parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      a: { type: 'Linear', weight: [[weight]] },
      cells: { type: 'ReLU', ...parameters },
      b: { type: 'Linear', weight: [[1], [-1]] },
      out: { type: 'Output', shape: [2] },
    },
    edges: [
      ['in', 'a'],
      ['a', 'cells'],
      ['cells', 'b'],
      ['b', 'out'],
    ],
    encoder: { in: { type: 'direct', span: 'unit' } },
    decoder: { out: { type: 'count' } },
    sample: { steps: 1, between: 'reset' },
  });

/** Spikes of a model for one sample of 1. */
function spikesOf(model: Model, engine: string): number {
  const network = engineNamed(engine).load(model);
  for (const { steps, input } of windowsOf(model, { samples: [[1]] })) {
    network.run(steps, input, new EventBuffer(2 * steps));
  }
  return network.counters.spikes;
}

const ENGINES = ['reference', 'clocked', 'event'];
/** Currents that float32 holds, thresholds that are powers of two: nothing is rounded. */
const current = fc.integer({ min: -64, max: 640 }).map((n) => n / 256);
const threshold = fc.constantFrom(0.25, 0.5, 1, 2);

describe('a neuron under constant current', () => {
  const neuron = (x: number, scale: number, steps: number, rest: Omit<Balance, 'scales'>) =>
    spikingModel(analogueNet(unit(x)), { scales: new Map([['cells', scale]]), ...rest }, steps);
  const clamp = (count: number, steps: number) => Math.min(steps, Math.max(0, count));

  it('with soft reset spikes ⌊T·x/θ⌋ times, with half a threshold at the start the nearest number of times', () => {
    fc.assert(
      fc.property(current, threshold, fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 0.5), (x, θ, T, start) => {
        const model = neuron(x, θ, T, { reset: 'subtract', start });
        const expected = clamp(Math.floor((T * x) / θ + start), T);
        expect(ENGINES.map((engine) => spikesOf(model, engine))).toEqual(ENGINES.map(() => expected));
      }),
      { numRuns: 60 },
    );
  });

  it('is held at the ceiling of its unit, wherever the threshold was to be', () => {
    fc.assert(
      fc.property(current, threshold, threshold, fc.integer({ min: 1, max: 40 }), (x, θ, ceiling, T) => {
        const net = analogueNet(unit(x, { ceiling }));
        const model = spikingModel(net, { scales: new Map([['cells', θ]]), reset: 'subtract' }, T);
        expect(spikesOf(model, 'clocked')).toBe(clamp(Math.floor((T * x) / Math.min(θ, ceiling)), T));
      }),
      { numRuns: 60 },
    );
  });

  it('with hard reset spikes every ⌈θ/x⌉ steps', () => {
    fc.assert(
      fc.property(current, threshold, fc.integer({ min: 1, max: 40 }), (x, θ, T) => {
        const expected = x <= 0 ? 0 : Math.floor(T / Math.ceil(θ / x));
        expect(spikesOf(neuron(x, θ, T, { reset: 'value' }), 'clocked')).toBe(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('has half the expected error with half a threshold at the start', () => {
    const errorWith = (start: number) => {
      const [T, count] = [8, 32];
      const errors = Array.from({ length: count }, (_, k) => {
        const x = (k + 0.5) / count;
        return Math.abs(spikesOf(neuron(x, 1, T, { reset: 'subtract', start }), 'clocked') / T - x);
      });
      return errors.reduce((a, b) => a + b, 0) / count;
    };
    expect(errorWith(0)).toBeCloseTo(1 / 16, 3);
    // Above 1 − 1/2T nothing is gained: the last step has one spike only.
    expect(errorWith(0.5)).toBeCloseTo(1 / 32, 3);
  });
});

/** What is in front of the Output after a sample, by the engine of devices. */
function answersOf(model: Model, samples: readonly ArrayLike<number>[]): number[] {
  const network = engineNamed('clocked').load(model);
  const isSpiking = model.graph.nodes.has('out.sum');
  return [...windowsOf(model, { samples })].flatMap(({ steps, input }) => {
    const output = new EventBuffer(3 * steps);
    network.resetActivity();
    network.run(steps, input, output);
    if (isSpiking) return Array.from(network.readState('out.sum', 'v'), (sum) => sum / steps);
    const answer = [0, 0, 0];
    for (let k = 0; k < output.length; k++) answer[output.index[k]!]! += output.value[k]!;
    return answer;
  });
}

describe.each([
  ['of dense layers', twoLayers],
  ['with convolutions, means and a way past a layer', images],
])('a converted net %s', (_, model) => {
  const net = analogueNet(model);
  const samples = samplesFor(model, 20);

  it('nears the answers of the analogue one as steps increase, whatever λ no activation exceeds', async () => {
    const exact = answersOf(model, samples);
    const size = Math.sqrt(exact.reduce((sum, value) => sum + value ** 2, 0) / exact.length);
    const largest = scalesAt(await activationsOf(net, { samples }, { backend }), 100);
    const errorAt = (steps: number, factor: number) => {
      const scales = new Map([...largest].map(([name, scale], k) => [name, scale * factor ** k]));
      const found = answersOf(spikingModel(net, { scales, reset: 'subtract' }, steps), samples);
      return Math.sqrt(found.reduce((sum, value, k) => sum + (value - exact[k]!) ** 2, 0) / exact.length) / size;
    };
    for (const factor of [1, 1.7]) {
      const [rough, fine] = [errorAt(64, factor), errorAt(1024, factor)];
      expect(fine).toBeLessThan(0.02);
      expect(fine).toBeLessThan(rough / 4);
    }
  });
});

it('where maxima pass, a converted net nears the analogue one more slowly', async () => {
  const net = analogueNet(maxima);
  const samples = samplesFor(maxima, 20);
  const scales = scalesAt(await activationsOf(net, { samples }, { backend }), 100);
  const exact = answersOf(maxima, samples);
  const [rough, fine] = [64, 2048].map((steps) => {
    const found = answersOf(spikingModel(net, { scales, reset: 'subtract' }, steps), samples);
    return Math.hypot(...found.map((sum, k) => sum - exact[k]!)) / Math.hypot(...exact);
  }) as [number, number];
  expect(fine).toBeLessThan(0.05);
  expect(fine).toBeLessThan(rough / 4);
});

/** The graph that a method makes of an analogue net with its defaults. */
async function convertedBy(method: ConversionMethod, analogue: Model) {
  const net = analogueNet(analogue);
  const samples = samplesFor(analogue, 20);
  const activations = await activationsOf(net, { samples }, { backend });
  const site = { net, backend, activations, measure: classes, samples, steps: 8, inputs: new Map() };
  const balance = await method.balance(site, parametersOf(method));
  return spikingModel(net, balance, 8).graph;
}

describe.each(conversionMethods)('by $name', (method) => {
  it.each([
    [twoLayers, 'a', 'b'],
    [images, 'conv', 'point'],
  ])('a net is the same when a layer is scaled up and the next one down', async (model, layer, next) => {
    const expected = await convertedBy(method, model);
    const factor = fc.constantFrom(-5, -1, 1, 4).map((exponent) => 2 ** exponent);
    await fc.assert(
      fc.asyncProperty(factor, async (by) => {
        expect(await convertedBy(method, rescaled(model, layer, next, by))).toEqual(expected);
      }),
      { numRuns: 2 },
    );
  });
});

/** A layer times a power of two, which no rounding sees, and the next one's weights over it. */
function rescaled(model: Model, layer: string, next: string, factor: number): Model {
  const nodes = new Map(model.graph.nodes);
  const change = (name: string, key: string, by: number) => {
    const node = nodes.get(name)!;
    const numbers = numbersOf(node, key)!;
    const scaled = tensor(
      Float64Array.from(numbers.data, (value) => value * by),
      numbers.shape,
    );
    nodes.set(name, { ...node, parameters: { ...node.parameters, [key]: scaled } });
  };
  change(layer, 'weight', factor);
  change(layer, 'bias', factor);
  change(next, 'weight', 1 / factor);
  return { ...model, graph: { ...model.graph, nodes } };
}

describe('a net for masks that goes down and up again', () => {
  /** Over images of 4×4, with weights of no meaning; the layers whose channels are joined are `wide` and `deep`. */
  const random = new RandomGenerator(4, 'masks');
  const kernels = (outputs: number, inputs: number) =>
    Array.from({ length: outputs }, () =>
      Array.from({ length: inputs }, () =>
        Array.from({ length: 3 }, () => Array.from({ length: 3 }, () => random.nextNormal() / Math.sqrt(9 * inputs))),
      ),
    );
  const masks = parseModel({
    nodes: {
      in: { type: 'Input', shape: [1, 4, 4] },
      a: { type: 'Conv2d', weight: kernels(2, 1), bias: [0.5, 0.25], padding: 'same' },
      wide: { type: 'ReLU' },
      mean: { type: 'AvgPool2d', kernel_size: 2, stride: 2 },
      b: { type: 'Conv2d', weight: kernels(3, 2), bias: [1, 0.5, 2], padding: 'same' },
      deep: { type: 'ReLU' },
      up: { type: 'Upsample2d', scale_factor: 2 },
      before: { type: 'Concat', channels: 5 },
      earlier: { type: 'Concat', channels: 5, start: 3 },
      c: { type: 'Conv2d', weight: kernels(1, 5), padding: 'same' },
      flat: { type: 'Flatten' },
      out: { type: 'Output', shape: [16] },
    },
    edges: [
      ['in', 'a'],
      ['a', 'wide'],
      ['wide', 'mean'],
      ['mean', 'b'],
      ['b', 'deep'],
      ['deep', 'up'],
      ['up', 'before'],
      ['before', 'c'],
      ['wide', 'earlier'],
      ['earlier', 'c'],
      ['c', 'flat'],
      ['flat', 'out'],
    ],
    encoder: { in: { type: 'direct', span: 'unit', range: [0, 1] } },
    decoder: { out: { type: 'linear' } },
    sample: { steps: 1, between: 'reset' },
  });
  const samples = Array.from({ length: 6 }, () => Float64Array.from({ length: 16 }, () => random.nextUniform()));
  const answersOf = async (model: Model) => {
    const session = new Session(model, new InProcessExecutor(engineNamed('clocked'), model, { seed: 1 }), { seed: 1 });
    const answers: number[][] = [];
    for (const [time, values] of samples.entries()) {
      const { result } = await session.feed({ time, values });
      answers.push(Array.from(result as Float64Array));
    }
    await session.close();
    return answers.flat();
  };
  const balance = { scales: new Map([...['wide', 'deep'].entries()].map(([k, name]) => [name, 2 + k])) };

  it('answers with the mean over the steps, which comes to what the analogue one says', async () => {
    const net = analogueNet(masks);
    const wanted = await answersOf(masks);
    const spread = Math.max(...wanted) - Math.min(...wanted);
    const error = (found: readonly number[]) => Math.max(...found.map((value, k) => Math.abs(value - wanted[k]!)));
    const few = error(await answersOf(spikingModel(net, { ...balance, reset: 'subtract' }, 16)));
    const many = error(await answersOf(spikingModel(net, { ...balance, reset: 'subtract' }, 512)));
    expect(many).toBeLessThan(0.03 * spread);
    expect(many).toBeLessThan(few / 4);
  });

  it('has one λ for layers whose channels are joined, so that it has a form in whole numbers', () => {
    const net = analogueNet(masks);
    expect([...scalesWithin(net, balance.scales)]).toEqual([
      ['wide', 3],
      ['deep', 3],
    ]);
    const spiking = spikingModel(net, { ...balance, reset: 'subtract' }, 8);
    const calibration = calibrate(spiking, windowsOf(spiking, { samples }));
    expect(() => quantize(spiking, { bits: 8, membraneBits: 32, calibration })).not.toThrow();
  });

  it('is told of with the λ that it has', async () => {
    const net = analogueNet(masks);
    const chosen = { ...balance, reset: 'subtract' } as const;
    const layers = await layerFigures(net, spikingModel(net, chosen, 4), chosen, samples, { backend });
    expect(layers.map(({ scale }) => scale)).toEqual([3, 3]);
  });
});
