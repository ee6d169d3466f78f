import { integerFormOf, type Model, parseModel, quantize, RandomGenerator, resolveGraph } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunningNetwork } from '../../engine.ts';
import { EventBuffer } from '../../event-buffer.ts';
import { integerEngine } from '../../reference/integer.ts';
import { clockedEngine } from '../engine/clocked.ts';
import { compileProgram } from '../engine/compiler.ts';
import { integerForm } from '../engine/integer-form.ts';
import { decode } from '../kernels/instructions.ts';
import { viewMemory } from '../kernels/memory.ts';

const STEPS = 4;

const length = (max: number) => fc.integer({ min: 1, max });
const pair = (max: number) => fc.tuple(length(max), length(max));
/** Mostly what the quick kernels take. */
const rarely = fc.constantFrom(1, 1, 1, 1, 2);

const plan = fc.record({
  ...{ seed: fc.nat(), image: pair(14), channels: fc.constantFrom(1, 1, 2), density: fc.constantFrom(0.02, 0.2, 0.6) },
  first: fc.record({ features: length(18), kernel: pair(5), padding: fc.nat({ max: 3 }), stride: rarely }),
  pool: fc.constantFrom(undefined, 1, 2, 2, 3),
  second: fc.record({
    ...{ features: length(40), kernel: pair(4), padding: fc.nat({ max: 2 }), stride: rarely, dilation: rarely },
    ...{ depthwise: fc.constantFrom(false, false, false, true), delay: fc.constantFrom(0, 0, 0, 1) },
  }),
});

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;

describe('two convolutions, one behind the spikes of the other', () => {
  it('equal the integer reference bit for bit, with whatever kernels they get', () => {
    const names = new Set<string>();
    fc.assert(
      fc.property(plan, (each) => {
        fc.pre(sizesOf(each).every((size) => size.every((length) => length > 0)));
        const model = modelOf(each);
        for (const name of instructionsOf(model)) names.add(name);
        const truth = observe(integerEngine.load(model), each);
        for (const kernels of ['wasm', 'typescript'] as const) {
          expect(observe(clockedEngine.load(model, { kernels }), each)).toEqual(truth);
        }
      }),
      { numRuns: 200 },
    );
    expect([...names]).toEqual(expect.arrayContaining(['addPatterns', 'gather', 'convolveInt16']));
  });
});

describe('a convolution that nothing leads to', () => {
  it('adds its bias', () => {
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        alone: { type: 'Conv2d', weight: [[[[1]]], [[[1]]]], bias: [0.25, 0.5], input_shape: [2, 3] },
        cell: { type: 'IF', r: 1000, v_threshold: 9 },
      },
      edges: [['alone', 'cell']],
      semantics: { dt: 0.001 },
    });
    for (const kernels of ['wasm', 'typescript'] as const) {
      const network = clockedEngine.load(model, { kernels });
      network.run(3, new EventBuffer(1), new EventBuffer(1));
      expect([...network.readState('cell', 'v')]).toEqual([...new Array(6).fill(0.75), ...new Array(6).fill(1.5)]);
    }
  });
});

describe('a convolution of an image that spikes everywhere', () => {
  const features = 3;
  const sizes = fc.record({ image: fc.tuple(length(9), fc.integer({ min: 5, max: 40 })), kernel: pair(5) });

  it('counts one synaptic operation for each tap of each window, with patterns too', () => {
    let patterns = 0;
    fc.assert(
      fc.property(sizes, ({ image: [height, width], kernel }) => {
        const windows = (height - kernel[0] + 1) * (width - kernel[1] + 1);
        fc.pre(height >= kernel[0]);
        const plane = Array.from({ length: kernel[0] }, () => new Array(kernel[1]).fill(0.5));
        const model = parseModel({
          nodes: {
            in: { type: 'Input', shape: [1, height, width] },
            first: { type: 'Conv2d', weight: new Array(features).fill([plane]) },
            edges: { type: 'IF', r: 1000, v_threshold: 1 },
          },
          edges: [
            ['in', 'first'],
            ['first', 'edges'],
          ],
          semantics: { dt: 0.001 },
        });
        const integers = quantize(model, { bits: 8, calibration: { inputs: new Map([['in', 'spikes']]) } });
        if (instructionsOf(integers).includes('addPatterns')) patterns++;
        const input = new EventBuffer(height * width);
        for (let index = 0; index < height * width; index++) input.push(0, 0, index, 1);
        for (const each of [model, integers]) {
          const network = clockedEngine.load(each);
          network.run(1, input, new EventBuffer(1));
          expect(network.counters.synapticOperations).toBe(features * windows * kernel[0] * kernel[1]);
        }
      }),
      { numRuns: 200 },
    );
    expect(patterns).toBeGreaterThan(0);
  });
});

/** Height and width of what the first convolution, the pooling and the second convolution make of the image. */
function sizesOf({ image, first, pool = 1, second }: Plan): (readonly number[])[] {
  const reach = (length: number, kernel: number, { padding = 0, stride = 1, dilation = 1 }) =>
    Math.floor((length + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  const edges = image.map((length, axis) => reach(length, first.kernel[axis]!, first));
  const pooled = edges.map((length) => reach(length, pool, { stride: pool }));
  return [edges, pooled, pooled.map((length, axis) => reach(length, second.kernel[axis]!, second))];
}

function outputsOf(each: Plan): number {
  const [height, width] = sizesOf(each)[2]!;
  return featuresOf(each) * height! * width!;
}

/** A multiple of the number of groups. */
function featuresOf({ first, second }: Plan): number {
  return second.depthwise ? first.features * Math.ceil(second.features / first.features) : second.features;
}

function modelOf(each: Plan): Model {
  const { seed, image, channels, first, pool, second } = each;
  const random = new RandomGenerator(seed, 'weights');
  const weight = (outputs: number, inputs: number, [height, width]: readonly [number, number]) => {
    const spread = 1.5 / Math.sqrt(inputs * height * width);
    const row = () => Array.from({ length: width }, () => spread * (random.nextNormal() + 0.3));
    const plane = () => Array.from({ length: height }, row);
    return Array.from({ length: outputs }, () => Array.from({ length: inputs }, plane));
  };
  const groups = second.depthwise ? first.features : 1;
  const cell = { type: 'LIF', tau: 0.01, r: 6, v_threshold: 0.6 };
  const nodes = {
    in: { type: 'Input', shape: [channels, ...image] },
    first: {
      ...{ type: 'Conv2d', weight: weight(first.features, channels, first.kernel) },
      ...{ stride: first.stride, padding: first.padding },
    },
    edges: cell,
    ...(pool !== undefined && { pool: { type: 'SumPool2d', kernel_size: pool, stride: pool } }),
    second: {
      ...{ type: 'Conv2d', weight: weight(featuresOf(each), first.features / groups, second.kernel), groups },
      ...{ stride: second.stride, padding: second.padding, dilation: second.dilation },
    },
    shapes: cell,
    flat: { type: 'Flatten' },
    out: { type: 'Output', shape: [outputsOf(each)] },
  };
  const names = Object.keys(nodes);
  const edges = names.slice(1).map((name, k) => [names[k], name, name === 'second' ? { delay: second.delay } : {}]);
  return quantize(parseModel({ nodes, edges, semantics: { dt: 0.001, reset: 'subtract' } }), {
    ...{ bits: 8, membraneBits: 32 },
    calibration: { inputs: new Map([['in', 'spikes']]) },
  });
}

function instructionsOf(model: Model): string[] {
  const form = integerFormOf(model, resolveGraph(model.graph, model.semantics));
  const program = compileProgram(form.wiring, integerForm(form, 1), new Set());
  const memory = viewMemory(new ArrayBuffer(program.memory.bytes));
  program.memory.fill(memory);
  return program.step.flatMap((part) => {
    if (part.role !== 'kernels') return [];
    const names: string[] = [];
    for (let at = part.from / 4; at < part.to / 4; ) {
      const { name, next } = decode(memory.int32, at);
      names.push(name);
      at = next;
    }
    return names;
  });
}

function observe(network: RunningNetwork, each: Plan) {
  const { seed, image, channels, density } = each;
  const random = new RandomGenerator(seed, 'spikes');
  const size = channels * image[0] * image[1];
  const input = new EventBuffer(STEPS * size);
  for (let step = 0; step < STEPS; step++) {
    for (let index = 0; index < size; index++) if (random.nextUniform() < density) input.push(step, 0, index, 1);
  }
  const output = new EventBuffer(STEPS * outputsOf(each));
  network.run(STEPS, input, output);
  return {
    events: output.toList(),
    membranes: ['edges', 'shapes'].map((name) => [...network.readState(name, 'v')]),
    counters: { ...network.counters },
  };
}
