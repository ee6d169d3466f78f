import { answer } from './answer.ts';
import { arithmetic } from './arithmetic.ts';
import { batchNormalization } from './batch-normalization.ts';
import { concat } from './concat.ts';
import { constant } from './constant.ts';
import { convolution } from './convolution.ts';
import { dense } from './dense.ts';
import { identity } from './identity.ts';
import type { OnnxOperator } from './operator.ts';
import { pad } from './pad.ts';
import { globalPooling, pooling } from './pooling.ts';
import { quantization } from './quantization.ts';
import { rectifier } from './rectifier.ts';
import { reshape } from './reshape.ts';
import { resize } from './resize.ts';
import { shapeNumbers } from './shape-numbers.ts';
import { transpose } from './transpose.ts';
import { transposedConvolution } from './transposed-convolution.ts';

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
