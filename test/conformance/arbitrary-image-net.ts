import { parseModel, RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import type { RandomNet } from './arbitrary-model.ts';

const size = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }));

const plan = fc.record({
  seed: fc.nat(),
  size,
  channels: fc.integer({ min: 1, max: 3 }),
  features: fc.integer({ min: 1, max: 20 }),
  kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  stride: fc.constantFrom(1, 1, 2),
  padding: fc.nat({ max: 2 }),
  dilation: fc.constantFrom(1, 1, 2),
  depthwise: fc.boolean(),
  /** The convolution the other way round. */
  transposed: fc.constantFrom(false, false, true),
  /** Poolings: of the input, between weights and population, of the spikes. */
  poolInput: fc.constantFrom(undefined, 'SumPool2d', 'MaxPool2d'),
  poolBehind: fc.constantFrom(undefined, 'SumPool2d', 'AvgPool2d'),
  poolSpikes: fc.constantFrom(undefined, 'SumPool2d', 'AvgPool2d', 'MaxPool2d'),
  winner: fc.constantFrom('count', 'first'),
  /** Spikes in blocks, behind themselves as further channels a step later, as means of all places. */
  upsampled: fc.constantFrom(false, false, true),
  joined: fc.constantFrom(false, false, true),
  global: fc.constantFrom(false, false, false, true),
  /** A second convolution, or a matrix for each row, back onto the first population, with this delay; 0 is none. */
  lateral: fc.constantFrom(0, 0, 1, 2),
  byRow: fc.boolean(),
  /** A second edge into the read-out's weights. */
  second: fc.constantFrom(undefined, 0, 3),
  graded: fc.boolean(),
  behindDelay: fc.constantFrom(0, 0, 2),
  reset: fc.constantFrom('value', 'subtract', 'many'),
  learns: fc.boolean(),
  density: fc.constantFrom(0.05, 0.3, 0.8),
  steps: fc.integer({ min: 2, max: 14 }),
});

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;

/** Random nets with convolutions and poolings in every place where the integer form allows them. */
export const arbitraryImageNet: fc.Arbitrary<RandomNet & { readonly largestInput: number | undefined }> = plan
  .filter((each) =>
    each.size.map((length, a) => outputLength(each, length, a)).every((size) => size >= 2 && size <= 12),
  )
  .map(build);

function outputLength({ kernel, stride, padding, dilation, transposed }: Plan, length: number, axis: number): number {
  if (transposed) return (length - 1) * stride - 2 * padding + dilation * (kernel[axis]! - 1) + 1;
  return Math.floor((length + 2 * padding - dilation * (kernel[axis]! - 1) - 1) / stride) + 1;
}

function build(each: Plan): RandomNet & { largestInput: number | undefined } {
  const { seed, size, channels, kernel, stride, padding, dilation, steps, density, graded } = each;
  const random = new RandomGenerator(seed, 'image net');
  const groups = each.depthwise ? channels : 1;
  const features = groups * Math.ceil(each.features / groups);
  const nodes: Record<string, unknown> = { in: { type: 'Input', shape: [channels, ...size] } };
  const edges: unknown[] = [];
  let shape = [features, ...size.map((length, a) => outputLength(each, length, a))];
  let front = 'in';
  const follow = (name: string, node: unknown, edge: object = {}) => {
    nodes[name] = node;
    edges.push([front, name, edge]);
    front = name;
  };
  const weight = tensor(random, [features, channels / groups, ...kernel]);
  // The integer form keeps biases in the constants of the population, which know of no delay.
  const bias = each.behindDelay > 0 ? 0 : Array.from({ length: features }, () => 0.3 * random.nextNormal());
  const winner = (type: string) => (type === 'MaxPool2d' ? { winner: each.winner } : {});
  if (each.poolInput !== undefined) {
    follow('smooth', { type: each.poolInput, kernel_size: 1, stride: 1, ...winner(each.poolInput) });
  }
  const type = each.transposed ? 'ConvTranspose2d' : 'Conv2d';
  follow('convolve', { type, weight, ...(bias === 0 ? {} : { bias }), stride, padding, dilation, groups });
  if (each.poolBehind !== undefined) {
    const behind = each.behindDelay > 0 ? { delay: each.behindDelay } : {};
    follow('gather', { type: each.poolBehind, kernel_size: 2, stride: 1 }, behind);
    shape = [features, shape[1]! - 1, shape[2]! - 1];
  }
  const many = each.reset === 'many';
  const semantics = { reset: each.reset === 'value' ? 'value' : 'subtract', spikesPerStep: many ? 'many' : 'one' };
  follow('features', { type: 'LIF', tau: 0.01, r: 6, v_threshold: 0.8, v_min: -1, semantics });
  if (each.lateral > 0) {
    const back = each.byRow ? [...shape, shape[2]!] : [features, features, 1, 1];
    nodes.lateral = { type: each.byRow ? 'Linear' : 'Conv2d', weight: tensor(random, back).map(minus) };
    edges.push(['features', 'lateral', { delay: each.lateral }], ['lateral', 'features']);
  }
  if (each.poolSpikes !== undefined && shape[1]! >= 2 && shape[2]! >= 2) {
    follow('pool', { type: each.poolSpikes, kernel_size: 2, stride: 2, ...winner(each.poolSpikes) });
    shape = [features, Math.floor(shape[1]! / 2), Math.floor(shape[2]! / 2)];
  }
  if (each.upsampled) {
    follow('upsample', { type: 'Upsample2d', scale_factor: [2, 1] });
    shape = [features, 2 * shape[1]!, shape[2]!];
  }
  if (each.global) {
    follow('means', { type: 'GlobalAvgPool2d' });
    shape = [features, 1, 1];
  }
  if (each.joined) {
    nodes.later = { type: 'Concat', channels: 2 * features, start: features };
    edges.push([front, 'later', { delay: 1 }], ['later', 'flatten']);
    follow('now', { type: 'Concat', channels: 2 * features });
    shape = [2 * features, shape[1]!, shape[2]!];
  }
  follow('flatten', { type: 'Flatten' });
  const elements = shape.reduce((product, length) => product * length, 1);
  follow('decode', { type: 'Linear', weight: tensor(random, [2, elements]) });
  if (each.second !== undefined) edges.push(['flatten', 'decode', { delay: each.second + 1 }]);
  follow('filter', { type: 'Lowpass', tau: 0.01 });
  follow('out', { type: 'Output', shape: [2] });
  nodes.spikes = { type: 'Output', shape: [elements] };
  edges.push(['flatten', 'spikes']);
  const learning = each.learns ? { decode: { rule: 'pes', learningRate: 1e-3, tauPre: 0.005, bounds: [-2, 2] } } : {};
  const count = channels * size[0] * size[1];
  return {
    model: parseModel({ nodes, edges, learning, semantics: { dt: 0.001 } }),
    steps,
    stimulus: { in: events(random, steps, count, density, graded) },
    teach: new Map(each.learns ? [[1, [random.nextNormal(), random.nextNormal()]]] : []),
    largestInput: graded ? 2 : undefined,
  };
}

type Nested = number | Nested[];

function tensor(random: RandomGenerator, shape: readonly number[], spread = 1.5): Nested[] {
  const fanIn = shape.slice(1).reduce((product, length) => product * length, 1);
  const fill = (depth: number): Nested =>
    depth === shape.length
      ? (spread / Math.sqrt(fanIn)) * (random.nextNormal() + 0.2)
      : Array.from({ length: shape[depth]! }, () => fill(depth + 1));
  return fill(0) as Nested[];
}

/** A little inhibition, so that nothing runs away. */
function minus(weights: Nested): Nested {
  return typeof weights === 'number' ? -0.3 * Math.abs(weights) : weights.map(minus);
}

/** Spikes, or numbers in −2.5 … 2.5, some of them beyond the range of the input. */
function events(random: RandomGenerator, steps: number, size: number, density: number, graded: boolean): number[][] {
  const rows: number[][] = [];
  for (let step = 0; step < steps; step++) {
    for (let index = 0; index < size; index++) {
      if (random.nextUniform() >= density) continue;
      rows.push(graded ? [step, index, 5 * random.nextUniform() - 2.5] : [step, index]);
    }
  }
  return rows;
}
