import type { OnnxOperator } from './operator.ts';
import { answer } from './operators/answer.ts';
import { arithmetic } from './operators/arithmetic.ts';
import { batchNormalization } from './operators/batch-normalization.ts';
import { concat } from './operators/concat.ts';
import { constant } from './operators/constant.ts';
import { convolution } from './operators/convolution.ts';
import { dense } from './operators/dense.ts';
import { identity } from './operators/identity.ts';
import { pad } from './operators/pad.ts';
import { globalPooling, pooling } from './operators/pooling.ts';
import { quantization } from './operators/quantization.ts';
import { rectifier } from './operators/rectifier.ts';
import { reshape } from './operators/reshape.ts';
import { resize } from './operators/resize.ts';
import { shapeNumbers } from './operators/shape-numbers.ts';
import { transpose } from './operators/transpose.ts';
import { transposedConvolution } from './operators/transposed-convolution.ts';

/** Every operator that an analogue net may have. A new one is a file of its own and a line here. */
export const operators: readonly OnnxOperator[] = [
  dense,
  convolution,
  transposedConvolution,
  batchNormalization,
  rectifier,
  pooling,
  globalPooling,
  arithmetic,
  concat,
  resize,
  pad,
  reshape,
  transpose,
  answer,
  identity,
  constant,
  shapeNumbers,
  quantization,
];

/** Operators of which people ask, by the nearest form that is read. */
const ASKED_FOR: Readonly<Record<string, readonly string[]>> = {
  Relu: ['LeakyRelu', 'PRelu', 'Elu', 'Selu', 'Celu', 'Gelu', 'HardSwish', 'Mish', 'Softplus', 'Swish'],
  'Relu, or Clip from 0': ['HardSigmoid', 'Tanh', 'Softsign', 'ThresholdedRelu', 'Max', 'Min'],
  'QuantizeLinear and DequantizeLinear around float operators (QDQ)': [
    ...['QLinearConv', 'QLinearMatMul', 'QGemm', 'QLinearAdd', 'ConvInteger', 'MatMulInteger'],
    'DynamicQuantizeLinear',
  ],
  BatchNormalization: ['InstanceNormalization', 'LayerNormalization', 'GroupNormalization', 'LRN', 'LpNormalization'],
  'a net without time': ['LSTM', 'GRU', 'RNN'],
  'a Conv or Gemm for each part': ['Split'],
  AveragePool: ['LpPool'],
  GlobalAveragePool: ['GlobalLpPool'],
  ReduceMean: ['ReduceSum'],
  MatMul: ['Einsum'],
  ConvTranspose: ['DepthToSpace'],
  'Conv and Relu': ['FusedConv'],
};

/** The nearest form that is read, by operator. */
export const NEAREST: ReadonlyMap<string, string> = new Map(
  Object.entries(ASKED_FOR).flatMap(([form, names]) => names.map((name) => [name, form] as const)),
);
