import {
  type AllButOneConnectivity,
  type Connectivity,
  type ConvolutionConnectivity,
  type CopyingConnectivity,
  type DenseConnectivity,
  elementCount,
  type PoolingConnectivity,
  type ResolvedNode,
  type SparseConnectivity,
  SpikewireError,
  type WindowGeometry,
} from '@spikewire/models';
import type { Formulas } from '../step/formulas.ts';
import type { NodeStep } from '../step/node-step.ts';
import { lateElements } from './late-elements.ts';
import { selection } from './selection.ts';

/** The weights that a connection is written with, in the order of its own, and what is added to its outputs. */
export interface WrittenWeights {
  readonly weights: Float32Array | undefined;
  /** A factor of all synapses without weights. */
  readonly gain: number;
  readonly bias: Float64Array | undefined;
}

/** More weights of a matrix that is mostly zeros are refused: 64 MiB. */
const MOST_LISTED = 2 ** 24;

/** A connection: its structure as operators. Throws `unsupported` for synapses whose matrix would be too large. */
export function connectionStep(
  formulas: Formulas,
  node: ResolvedNode,
  connectivity: Connectivity,
  written: WrittenWeights,
): NodeStep {
  if (connectivity.structure === 'selection') return selection(formulas, node, connectivity);
  if (connectivity.structure === 'elementwise' && connectivity.delays !== undefined) {
    return lateElements(formulas, node.shape, connectivity.delays);
  }
  const transmit = transmission(formulas, node, connectivity, written);
  return { states: [], write: ([arriving]) => ({ emitted: transmit(arriving!), next: [] }) };
}

type Transmit = (arriving: string) => string;

function transmission(
  formulas: Formulas,
  node: ResolvedNode,
  connectivity: Exclude<Connectivity, { structure: 'selection' }>,
  written: WrittenWeights,
): Transmit {
  switch (connectivity.structure) {
    case 'dense':
      return dense(formulas, node, connectivity, written);
    case 'sparse':
      return dense(formulas, node, connectivity, { ...written, weights: matrixOf(node, connectivity, written) });
    case 'convolution':
      return convolution(formulas, node, connectivity, written);
    case 'pooling':
      return pooling(formulas, node, connectivity, written);
    case 'copying':
      return copying(formulas, node, connectivity);
    case 'all-but-one':
      return allButOne(formulas, node, connectivity, written);
    case 'elementwise': {
      const { weights } = written;
      const factors = weights && formulas.perNeuron(weights, node.inputShape);
      return (arriving) => {
        const weighted = factors === undefined ? arriving : formulas.multiply(arriving, factors);
        return formulas.reshape(weighted, node.inputShape, node.shape);
      };
    }
  }
}

function dense(
  formulas: Formulas,
  { inputShape, shape }: ResolvedNode,
  { inputs, outputs }: Pick<DenseConnectivity, 'inputs' | 'outputs'>,
  { weights, bias }: WrittenWeights,
): Transmit {
  const matrix = formulas.onnx.array(weights!, [outputs, inputs]);
  const added = bias === undefined ? [] : [formulas.onnx.array(Float32Array.from(bias), [outputs])];
  return (arriving) => {
    const row = formulas.reshape(arriving, inputShape, [inputs]);
    const product = formulas.onnx.emit('Gemm', [row, matrix, ...added], { transB: 1 });
    return formulas.reshape(product, [outputs], shape);
  };
}

/** Listed synapses as a matrix, of which most are 0. */
function matrixOf(
  { name, kind }: ResolvedNode,
  { inputs, outputs, forEachSynapse }: SparseConnectivity,
  { weights }: WrittenWeights,
): Float32Array {
  if (inputs * outputs > MOST_LISTED) {
    const problem = `is a matrix of ${outputs}×${inputs} in ONNX`;
    throw new SpikewireError('unsupported', `node "${name}" (${kind.type})`, problem, `at most ${MOST_LISTED} weights`);
  }
  const matrix = new Float32Array(inputs * outputs);
  for (let input = 0; input < inputs; input++) {
    forEachSynapse(input, (output, k) => {
      matrix[output * inputs + input] = weights?.[k] ?? 1;
    });
  }
  return matrix;
}

function convolution(
  formulas: Formulas,
  { inputShape, shape }: ResolvedNode,
  { geometry, transposed }: ConvolutionConnectivity,
  { weights, bias }: WrittenWeights,
): Transmit {
  const { inputChannels, outputChannels, inputSize, outputSize, kernel, dilation, groups } = geometry;
  const pixels = elementCount(outputSize);
  const common = { kernel_shape: kernel, dilations: dilation, group: groups };
  const operator = transposed === undefined ? 'Conv' : 'ConvTranspose';
  const attributes =
    transposed === undefined
      ? { ...common, strides: geometry.stride, pads: padsOf(geometry) }
      : { ...common, strides: transposed, ...cutsOf(geometry, transposed) };
  const filter =
    transposed === undefined
      ? formulas.onnx.array(weights!, [outputChannels, inputChannels / groups, ...kernel])
      : formulas.onnx.array(inputsFirst(geometry, weights!), [inputChannels, outputChannels / groups, ...kernel]);
  const ofChannels = bias?.filter((_, output) => output % pixels === 0);
  const added = ofChannels === undefined ? [] : [formulas.onnx.array(Float32Array.from(ofChannels), [outputChannels])];
  return (arriving) => {
    const image = formulas.reshape(arriving, inputShape, [inputChannels, ...inputSize]);
    const result = formulas.onnx.emit(operator, [image, filter, ...added], attributes);
    return formulas.reshape(result, [outputChannels, ...outputSize], shape);
  };
}

/** Padding before and behind; behind only as much as the last window needs, which may end before the image does. */
function padsOf({ inputSize, outputSize, kernel, stride, padding, dilation }: WindowGeometry): number[] {
  const behind = ([0, 1] as const).map((axis) => {
    const reach = (outputSize[axis] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1;
    return Math.max(0, reach - inputSize[axis] - padding[axis]);
  });
  return [...padding, ...behind];
}

/** What a transposed convolution cuts off on each side, and adds at the end; its geometry is that of the window. */
function cutsOf({ inputSize, outputSize, kernel, padding, dilation }: WindowGeometry, stride: readonly number[]) {
  const cuts = ([0, 1] as const).map((axis) => dilation[axis] * (kernel[axis] - 1) - padding[axis]);
  const added = ([0, 1] as const).map((axis) => {
    const reach = (inputSize[axis] - 1) * stride[axis]! + dilation[axis] * (kernel[axis] - 1) + 1;
    return outputSize[axis] - (reach - 2 * cuts[axis]!);
  });
  return { pads: [...cuts, ...cuts], output_padding: added };
}

/** Weights (out, in/groups, …) as ONNX wants those of a transposed convolution: (in, out/groups, …). */
function inputsFirst({ inputChannels, outputChannels, kernel, groups }: WindowGeometry, weights: Float32Array) {
  const taps = elementCount(kernel);
  const [inputs, outputs] = [inputChannels / groups, outputChannels / groups];
  const turned = new Float32Array(weights.length);
  for (let output = 0; output < outputChannels; output++) {
    const first = Math.floor(output / outputs) * inputs;
    for (let input = 0; input < inputs; input++) {
      const from = (output * inputs + input) * taps;
      const to = ((first + input) * outputs + (output % outputs)) * taps;
      turned.set(weights.subarray(from, from + taps), to);
    }
  }
  return turned;
}

/** Window sums by a convolution with ones: exact for counts, which a mean times the size of the window is not. */
function pooling(
  formulas: Formulas,
  { inputShape, shape }: ResolvedNode,
  { geometry }: PoolingConnectivity,
  { gain }: WrittenWeights,
): Transmit {
  const { inputChannels, inputSize, outputSize, kernel, stride } = geometry;
  const ones = new Float32Array(inputChannels * elementCount(kernel)).fill(1);
  const filter = formulas.onnx.array(ones, [inputChannels, 1, ...kernel]);
  const attributes = { kernel_shape: kernel, strides: stride, pads: padsOf(geometry), group: inputChannels };
  return (arriving) => {
    const image = formulas.reshape(arriving, inputShape, [inputChannels, ...inputSize]);
    const sums = formulas.onnx.emit('Conv', [image, filter], attributes);
    const result = gain === 1 ? sums : formulas.multiply(sums, formulas.onnx.scalar(gain));
    return formulas.reshape(result, [inputChannels, ...outputSize], shape);
  };
}

function copying(
  formulas: Formulas,
  { inputShape, shape }: ResolvedNode,
  { inputs, outputs, forEachSynapse }: CopyingConnectivity,
): Transmit {
  // What is a copy of nothing is one of a zero behind the elements.
  const sources = new Array<number>(outputs).fill(inputs);
  for (let input = 0; input < inputs; input++) {
    forEachSynapse(input, (output) => {
      sources[output] = input;
    });
  }
  const indices = formulas.onnx.integers(sources);
  const hasZeros = sources.includes(inputs);
  return (arriving) => {
    const row = formulas.reshape(arriving, inputShape, [inputs]);
    const given = hasZeros ? formulas.onnx.emit('Pad', [row, formulas.onnx.integers([0, 0, 0, 1])]) : row;
    return formulas.reshape(formulas.onnx.emit('Gather', [given, indices], { axis: 1 }), [outputs], shape);
  };
}

function allButOne(
  formulas: Formulas,
  { inputShape, shape }: ResolvedNode,
  { inputs }: AllButOneConnectivity,
  { weights }: WrittenWeights,
): Transmit {
  const factors = formulas.perNeuron(weights!, [inputs]);
  return (arriving) => {
    const row = formulas.reshape(arriving, inputShape, [inputs]);
    const sum = formulas.onnx.emit('ReduceSum', [row, formulas.onnx.integers([1])], { keepdims: 1 });
    return formulas.reshape(formulas.multiply(formulas.subtract(sum, row), factors), [inputs], shape);
  };
}
