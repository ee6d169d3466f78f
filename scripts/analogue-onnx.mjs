// An analogue net of convolutions, means and dense layers as an ONNX program, in float32 or, as ONNX Runtime takes
// whole numbers, with QuantizeLinear and DequantizeLinear around every operation: weights in 8 bits by their largest,
// what leaves a layer in 8 bits from 0 to the largest activation of calibration samples.

import { OnnxModelBuilder } from '@spikewire/exchange/onnx';
import { resolveGraph, wire } from '@spikewire/models';

/** Steps of 8 bits above 0, with and without a sign. */
const [SIGNED, UNSIGNED] = [127, 255];

/**
 * @param model read from a file
 * @param ranges largest magnitude of what the Input and each ReLU gives, by node; absent: float32
 */
export function onnxOf(model, ranges) {
  const { graph } = wire(resolveGraph(model.graph, model.semantics));
  const onnx = new OnnxModelBuilder();
  const writer = ranges === undefined ? floats(onnx) : wholes(onnx, ranges);
  let x;
  for (const { name, kind, node, shape } of graph.nodes) {
    const write = WRITERS[kind.type];
    if (write === undefined) throw new Error(`node "${name}" (${kind.type}): is not written here`);
    x = write({ onnx, writer, name, node, shape }, x);
  }
  return onnx.finish();
}

const WRITERS = {
  Input({ onnx, writer, name, shape }) {
    onnx.input('input', [1, ...shape]);
    return writer.entered('input', name);
  },
  Conv1d({ writer, node }, x) {
    const [, , kernel] = node.parameters.weight.shape;
    const isSame = node.parameters.padding === 'same';
    const pads = isSame ? [(kernel - 1) >> 1, kernel >> 1] : [0, 0];
    return writer.weighted('Conv', x, node, { pads });
  },
  Affine: ({ writer, node }, x) => writer.weighted('Gemm', x, node, { transB: 1 }),
  ReLU: ({ onnx, writer, name }, x) => writer.left(onnx.emit('Relu', [x.value]), name),
  AvgPool1d({ onnx, writer, node }, x) {
    const size = Array.from(node.parameters.kernel_size.data);
    return writer.same(onnx.emit('AveragePool', [x.value], { kernel_shape: size, strides: size }), x);
  },
  GlobalAvgPool1d: ({ onnx, writer }, x) => writer.same(onnx.emit('GlobalAveragePool', [x.value]), x),
  Flatten: ({ onnx, writer }, x) => writer.same(onnx.emit('Flatten', [x.value], { axis: 1 }), x),
  Output({ onnx, shape }, x) {
    onnx.output('output', x.value, [1, ...shape]);
    return x;
  },
};

function floats(onnx) {
  return {
    entered: (value) => ({ value }),
    left: (value) => ({ value }),
    same: (value) => ({ value }),
    weighted(operator, x, { parameters: { weight, bias } }, attributes) {
      const inputs = [x.value, onnx.array(weight.data, weight.shape), onnx.array(bias.data, bias.shape)];
      return { value: onnx.emit(operator, inputs, attributes) };
    },
  };
}

function wholes(onnx, ranges) {
  const zeros = { signed: onnx.whole(Uint8Array.of(128), []), unsigned: onnx.whole(Uint8Array.of(0), []) };
  const rounded = (value, scale, zero) => {
    const around = [onnx.scalar(scale), zero];
    return {
      value: onnx.emit('DequantizeLinear', [onnx.emit('QuantizeLinear', [value, ...around]), ...around]),
      scale,
      zero,
    };
  };
  return {
    entered: (value, name) => rounded(value, ranges.get(name) / SIGNED, zeros.signed),
    left: (value, name) => rounded(value, ranges.get(name) / UNSIGNED, zeros.unsigned),
    same: (value, { scale, zero }) => rounded(value, scale, zero),
    weighted(operator, x, { parameters: { weight, bias } }, attributes) {
      const scale = weight.data.reduce((most, each) => Math.max(most, Math.abs(each)), 0) / SIGNED;
      const whole = Int8Array.from(weight.data, (each) => Math.round(each / scale));
      const biasScale = scale * x.scale;
      const wholeBias = Int32Array.from(bias.data, (each) => Math.round(each / biasScale));
      const weights = [onnx.whole(whole, weight.shape), onnx.scalar(scale), onnx.whole(Int8Array.of(0), [])];
      const biases = [onnx.whole(wholeBias, bias.shape), onnx.scalar(biasScale), onnx.whole(Int32Array.of(0), [])];
      const inputs = [x.value, ...[weights, biases].map((parts) => onnx.emit('DequantizeLinear', parts))];
      return { value: onnx.emit(operator, inputs, attributes) };
    },
  };
}
