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

/** The nearest form that is read, for operators of which people ask. */
export const NEAREST: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['LeakyRelu', 'PRelu', 'Elu', 'Selu', 'Celu', 'Gelu', 'HardSwish', 'Mish', 'Softplus', 'Swish'].map((name) => [
      name,
      'Relu',
    ]),
  ),
  ...Object.fromEntries(
    ['HardSigmoid', 'Tanh', 'Softsign', 'ThresholdedRelu', 'Max', 'Min'].map((name) => [name, 'Relu, or Clip from 0']),
  ),
  ...Object.fromEntries(
    [
      'QLinearConv',
      'QLinearMatMul',
      'QGemm',
      'QLinearAdd',
      'ConvInteger',
      'MatMulInteger',
      'DynamicQuantizeLinear',
    ].map((name) => [name, 'QuantizeLinear and DequantizeLinear around float operators (QDQ)']),
  ),
  ...Object.fromEntries(
    ['InstanceNormalization', 'LayerNormalization', 'GroupNormalization', 'LRN', 'LpNormalization'].map((name) => [
      name,
      'BatchNormalization',
    ]),
  ),
  ...Object.fromEntries(['LSTM', 'GRU', 'RNN'].map((name) => [name, 'a net without time'])),
  LpPool: 'AveragePool',
  GlobalLpPool: 'GlobalAveragePool',
  ReduceSum: 'ReduceMean',
  Einsum: 'MatMul',
  DepthToSpace: 'ConvTranspose',
  Split: 'a Conv or Gemm for each part',
  Slice: 'a Conv or Gemm for each part',
  FusedConv: 'Conv and Relu',
};
