import { elementCount, type Model, numbersOf, parseModel, RandomGenerator } from '@spikewire/models';
import { chain } from '../../../test/chain.ts';

const random = new RandomGenerator(2, 'analogue');
const rows = (outputs: number, inputs: number) =>
  Array.from({ length: outputs }, () => Array.from({ length: inputs }, () => random.nextNormal()));
const kernels = (outputs: number, inputs: number, size: number) =>
  Array.from({ length: outputs }, () => Array.from({ length: inputs }, () => rows(size, size)));

function classifier(nodes: object, edges: readonly (readonly [string, string])[], shape: readonly number[]): Model {
  return parseModel({
    nodes: { in: { type: 'Input', shape }, ...nodes, out: { type: 'Output', shape: [3] } },
    edges,
    encoder: { in: { type: 'direct', range: [-3, 5], span: 'unit' } },
    decoder: { out: { type: 'count' } },
    sample: { steps: 1, between: 'reset' },
    labels: ['a', 'b', 'c'],
  });
}

/** Two layers of rectifiers over three inputs, with weights of no meaning. */
export const twoLayers = classifier(
  {
    a: { type: 'Affine', weight: rows(12, 3), bias: rows(1, 12)[0] },
    first: { type: 'ReLU' },
    b: { type: 'Affine', weight: rows(10, 12), bias: rows(1, 10)[0] },
    second: { type: 'ReLU' },
    c: { type: 'Affine', weight: rows(3, 10), bias: rows(1, 3)[0] },
  },
  [
    ['in', 'a'],
    ['a', 'first'],
    ['first', 'b'],
    ['b', 'second'],
    ['second', 'c'],
    ['c', 'out'],
  ],
  [3],
);

/** Convolutions over images of 6×6, means between them, and a layer to which what it gets arrives as it is as well. */
export const images = classifier(
  {
    conv: { type: 'Conv2d', weight: kernels(2, 1, 3), bias: [0.5, -0.25] },
    first: { type: 'ReLU' },
    mean: { type: 'AvgPool2d', kernel_size: [2, 2], stride: [2, 2] },
    point: { type: 'Conv2d', weight: kernels(4, 2, 1) },
    second: { type: 'ReLU' },
    flat: { type: 'Flatten', start_dim: 0 },
    deep: { type: 'Affine', weight: rows(16, 16), bias: rows(1, 16)[0] },
    third: { type: 'ReLU' },
    answer: { type: 'Linear', weight: rows(3, 16) },
  },
  [
    ['in', 'conv'],
    ['conv', 'first'],
    ['first', 'mean'],
    ['mean', 'point'],
    ['point', 'second'],
    ['second', 'flat'],
    ['flat', 'deep'],
    ['deep', 'third'],
    ['flat', 'third'],
    ['third', 'answer'],
    ['answer', 'out'],
  ],
  [1, 6, 6],
);

/** The same with maxima for means. */
export const maxima: Model = {
  ...images,
  graph: {
    ...images.graph,
    nodes: new Map(images.graph.nodes).set('mean', { ...images.graph.nodes.get('mean')!, type: 'MaxPool2d' }),
  },
};

/** The numbers of the answer of a classifier, in place of the class. */
export const numbersOf3: Model = {
  ...images,
  decoder: new Map([['out', { type: 'linear', parameters: {} }]]),
  labels: [],
};

/** A mask of 36 pixels for images of 6×6: what the first layer finds in the image, and what the second in its means. */
export const masker = parseModel({
  nodes: {
    in: { type: 'Input', shape: [1, 6, 6] },
    conv: { type: 'Conv2d', weight: kernels(3, 1, 3), bias: [0.5, -0.25, 0], padding: 'same' },
    first: { type: 'ReLU' },
    mean: { type: 'AvgPool2d', kernel_size: [2, 2], stride: [2, 2] },
    point: { type: 'Conv2d', weight: kernels(3, 3, 1), bias: [-0.5, 0.25, 0] },
    second: { type: 'ReLU' },
    up: { type: 'Upsample2d', scale_factor: [2, 2] },
    fine: { type: 'Conv2d', weight: kernels(1, 3, 1) },
    rough: { type: 'Conv2d', weight: kernels(1, 3, 1) },
    flat: { type: 'Flatten', start_dim: 0 },
    out: { type: 'Output', shape: [36] },
  },
  edges: [
    ...chain('in', 'conv', 'first', 'mean', 'point', 'second', 'up', 'rough'),
    ['first', 'fine'],
    ['fine', 'flat'],
    ['rough', 'flat'],
    ['flat', 'out'],
  ],
  encoder: { in: { type: 'direct', range: [-3, 5], span: 'unit' } },
  decoder: { out: { type: 'linear' } },
  sample: { steps: 1, between: 'reset' },
});

/** Numbers on −3…5, of which direct input makes 0…1. */
export function samplesFor(model: Model, count: number): Float64Array[] {
  const size = elementCount(Array.from(numbersOf(model.graph.nodes.get('in')!, 'shape')!.data));
  const draws = new RandomGenerator(3, 'samples');
  return Array.from({ length: count }, () => Float64Array.from({ length: size }, () => 8 * draws.nextUniform() - 3));
}
