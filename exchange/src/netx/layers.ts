import {
  elementCount,
  formatShape,
  type GraphNode,
  type Shape,
  SpikewireError,
  scalar,
  type Tensor,
  tensor,
} from '@spikewire/models';
import type { Hdf5Group } from '../hdf5/index.ts';
import type { ReadingMemory } from '../reading-memory.ts';
import { axesIn, type Bounds, weightsIn, wholeIn } from './numbers.ts';

const SIZE: Bounds = { minimum: 1, maximum: 2 ** 31 };
const STEP: Bounds = { minimum: 1, maximum: 2 ** 20 };
const PADDING: Bounds = { minimum: 0, maximum: 2 ** 20 };

/** The synapses of a layer, and the shape of what is behind them, channels first. */
export interface Synapses {
  readonly node: GraphNode;
  readonly shape: Shape;
  /** What arrives, where the layer says it itself. */
  readonly input?: Shape;
}

/** Where a layer stands: its part of the file, what arrives (undefined: anything), and its name for errors. */
export interface LayerSite {
  readonly group: Hdf5Group;
  readonly input: Shape | undefined;
  readonly where: string;
  readonly memory: ReadingMemory;
}

/** What a layer of a type has beside `type`, `shape` and `neuron`, and how its synapses are read. */
export interface LayerType {
  readonly datasets: readonly string[];
  read(site: LayerSite): Synapses;
}

const WINDOW = ['kernelSize', 'stride', 'padding', 'dilation'];

/** The layers that have neurons. */
export const layerTypes: Readonly<Record<string, LayerType>> = {
  dense: { datasets: ['inFeatures', 'outFeatures', 'weight', 'bias', 'delay'], read: dense },
  conv: { datasets: ['inChannels', 'outChannels', 'groups', ...WINDOW, 'weight', 'bias', 'delay'], read: conv },
  pool: { datasets: [...WINDOW, 'weight', 'delay'], read: pool },
};

/** Throws `unsupported` for a dataset that would have no effect here. */
export function refuseUnknown({ children }: Hdf5Group, known: readonly string[], where: string): void {
  const name = [...children.keys()].find((each) => !known.includes(each));
  if (name === undefined) return;
  const shown = JSON.stringify(name.slice(0, 40));
  throw new SpikewireError('unsupported', where, `has the dataset ${shown}, which is unknown`, known.join(', '));
}

/** The sizes of a layer's neurons as the file names them. */
export function shapeIn({ group, where, memory }: Omit<LayerSite, 'input'>): Shape {
  const shape = Array.from(wholeIn(group, 'shape', where, SIZE, memory));
  if (shape.length <= 3 && elementCount(shape) <= SIZE.maximum) return shape;
  throw new SpikewireError(
    'parameter',
    `${where}.shape`,
    `is ${formatShape(shape.slice(0, 8))}`,
    'at most three sizes',
  );
}

function dense(site: LayerSite): Synapses {
  const { group, where, memory } = site;
  const declared = shapeIn(site);
  const outputs = elementCount(declared);
  const read = weightsIn(group, where, memory);
  const inputs = read.data.length / outputs;
  const isFlat = read.shape.length === 1 && Number.isInteger(inputs);
  const shape = isFlat ? [outputs, inputs] : read.shape;
  if (shape.length !== 2 || shape[0] !== outputs) throw misshapen(where, read.shape, `[${outputs}, inputs]`);
  agree(site, { outFeatures: outputs, inFeatures: shape[1]! });
  const node = { type: 'Linear', parameters: { weight: tensor(read.data, shape) } };
  return { node, shape: [outputs], input: [shape[1]!] };
}

function conv(site: LayerSite): Synapses {
  const { group, where, memory } = site;
  const weight = windowWeights(site);
  const [outputs, inputs] = weight.shape as [number, number];
  const groups = group.children.has('groups') ? wholeIn(group, 'groups', where, SIZE, memory)[0]! : 1;
  agree(site, { outChannels: outputs, inChannels: inputs * groups });
  return slide(site, weight, groups);
}

/** Sums of windows with one kernel for every channel. */
function pool(site: LayerSite): Synapses {
  const { where, memory } = site;
  const kernel = windowWeights(site);
  if (kernel.shape[0] !== 1 || kernel.shape[1] !== 1) throw misshapen(where, kernel.shape, '[1, 1, height, width]');
  const [channels] = imageOf(site);
  const taps = kernel.data.length;
  memory.take(`${where}.weight`, Float32Array.BYTES_PER_ELEMENT * taps * channels);
  const data = new Float32Array(taps * channels);
  for (let channel = 0; channel < channels; channel++) data.set(kernel.data, channel * taps);
  return slide(site, tensor(data, [channels, ...kernel.shape.slice(1)]), channels);
}

/** [out, in, height, width]; slayer's tensors have a last axis of one more for time. */
function windowWeights({ group, where, memory }: LayerSite): Tensor {
  const { data, shape } = weightsIn(group, where, memory);
  const sizes = shape.length === 5 && shape[4] === 1 ? shape.slice(0, 4) : shape;
  if (sizes.length !== 4 || data.length === 0) throw misshapen(where, shape, '[out, in, height, width]');
  return tensor(data, sizes);
}

function slide(site: LayerSite, weight: Tensor, groups: number): Synapses {
  const { group, where, memory } = site;
  const axes = (name: string, bounds: Bounds, preset: number) =>
    group.children.has(name)
      ? axesIn(group, name, where, bounds, memory)
      : tensor(Float64Array.of(preset, preset), [2]);
  const [stride, dilation] = [axes('stride', STEP, 1), axes('dilation', STEP, 1)];
  const padding = axes('padding', PADDING, 0);
  if (group.children.has('kernelSize')) {
    const { data } = axesIn(group, 'kernelSize', where, STEP, memory);
    if (data[0] !== weight.shape[2] || data[1] !== weight.shape[3]) {
      throw misshapen(where, weight.shape, `a kernel of ${data[0]}×${data[1]}`);
    }
  }
  const [, ...sizes] = imageOf(site);
  const shape = [
    weight.shape[0]!,
    ...sizes.map((size, axis) => {
      const reach = dilation.data[axis]! * (weight.shape[2 + axis]! - 1) + 1;
      return Math.floor((size + 2 * padding.data[axis]! - reach) / stride.data[axis]!) + 1;
    }),
  ];
  const declared = shapeIn(site);
  if (formatShape(declared) !== formatShape(shape)) {
    throw new SpikewireError('graph', `${where}.shape`, `is ${formatShape(declared)}`, formatShape(shape));
  }
  const parameters = { weight, stride, padding, dilation, groups: scalar(groups) };
  return { node: { type: 'Conv2d', parameters }, shape };
}

function imageOf({ input, where }: LayerSite): readonly [number, number, number] {
  if (input?.length === 3) return input as [number, number, number];
  const found = input === undefined ? 'has no layer before it' : `gets ${formatShape(input)}`;
  throw new SpikewireError('graph', where, found, 'an image of channels, height and width');
}

/** Throws `graph` where a size that the file names is not that of the weights. */
function agree({ group, where, memory }: LayerSite, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!group.children.has(name)) continue;
    const [declared] = wholeIn(group, name, where, SIZE, memory);
    if (declared !== size) {
      throw new SpikewireError('graph', `${where}.${name}`, `is ${declared}`, `${size}, as the weights have it`);
    }
  }
}

function misshapen(where: string, shape: Shape, expected: string): SpikewireError {
  return new SpikewireError('parameter', `${where}.weight`, `has shape ${formatShape(shape)}`, expected);
}
