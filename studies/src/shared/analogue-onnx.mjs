// An analogue net as an ONNX program: of convolutions, means and dense layers in a row, and in float32 with repeated
// pixels and joined channels, as U-Nets have them. Or, as ONNX Runtime takes whole numbers, with QuantizeLinear and
// DequantizeLinear around every operation: weights in 8 bits by their largest, what leaves a layer in 8 bits from 0 to
// the largest activation of calibration samples.
//
//   npm run study -- analogue-onnx net.spike net.onnx
import { readFileSync, writeFileSync } from 'node:fs';
import { OnnxModelBuilder } from '@spikewire/exchange/onnx';
import { readModel, resolveGraph, wire } from '@spikewire/models';

/** Steps of 8 bits above 0, with and without a sign. */
const [SIGNED, UNSIGNED] = [127, 255];

export function page({ words: [from, to] }) {
  if (to === undefined) throw new Error('expected the .spike file to read and the .onnx file to write');
  writeFileSync(to, onnxOf(readModel(readFileSync(from))));
  return to;
}

/**
 * @param model read from a file
 * @param ranges largest magnitude of what the Input and each ReLU gives, by node; absent: float32
 */
export function onnxOf(model, ranges) {
  const { graph, incoming } = wire(resolveGraph(model.graph, model.semantics));
  const onnx = new OnnxModelBuilder();
  const writer = ranges === undefined ? floats(onnx) : wholes(onnx, ranges);
  const values = [];
  for (const [index, { name, kind, node, shape, inputShape }] of graph.nodes.entries()) {
    const write = WRITERS[kind.type];
    if (write === undefined) throw new Error(`node "${name}" (${kind.type}): is not written here`);
    const arriving = incoming[index].map(({ source }) => values[source]);
    values.push(write({ onnx, writer, name, node, shape, inputShape }, joined(onnx, name, arriving)));
  }
  return onnx.finish();
}

/** What arrives at a node: from one other, or parts of a whole. */
function joined(onnx, name, arriving) {
  if (arriving.length < 2) return arriving[0];
  if (arriving.some(({ start }) => start === undefined)) throw new Error(`node "${name}": sums are not written here`);
  const parts = arriving.toSorted((a, b) => a.start - b.start).map(({ value }) => value);
  return { value: onnx.emit('Concat', parts, { axis: 1 }) };
}

const WRITERS = {
  Input({ onnx, writer, name, shape }) {
    onnx.input('input', [1, ...shape]);
    return writer.entered('input', name);
  },
  Conv1d: convolution,
  Conv2d: convolution,
  Affine: ({ writer, node }, x) => writer.weighted('Gemm', x, node, { transB: 1 }),
  ReLU: ({ onnx, writer, name }, x) => writer.left(onnx.emit('Relu', [x.value]), name),
  AvgPool1d: means,
  AvgPool2d: means,
  Upsample2d({ onnx, writer, node }, x) {
    const { data } = node.parameters.scale_factor;
    const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    const factors = onnx.floats([1, 1, data[0], data.at(-1)]);
    return writer.same(onnx.emit('Resize', [x.value, '', factors], nearest), x);
  },
  Concat: ({ node }, x) => ({ ...x, start: node.parameters.start?.data[0] ?? 0 }),
  GlobalAvgPool1d: ({ onnx, writer }, x) => writer.same(onnx.emit('GlobalAveragePool', [x.value]), x),
  Flatten: ({ onnx, writer, shape, inputShape }, x) =>
    shape.length === inputShape.length ? x : writer.same(onnx.emit('Flatten', [x.value], { axis: 1 }), x),
  Output({ onnx, shape }, x) {
    onnx.output('output', x.value, [1, ...shape]);
    return x;
  },
};

/** Kernels that move on by one pixel, with zeros around only as "same" has them. */
function convolution({ writer, name, node }, x) {
  refuseOthers(name, node, { stride: [1], dilation: [1], groups: [1], padding: [0] });
  const kernel = node.parameters.weight.shape.slice(2);
  const isSame = node.parameters.padding === 'same';
  const before = kernel.map((size) => (isSame ? (size - 1) >> 1 : 0));
  const behind = kernel.map((size) => (isSame ? size >> 1 : 0));
  return writer.weighted('Conv', x, node, { pads: [...before, ...behind] });
}

/** Of windows side by side. */
function means({ onnx, writer, name, node }, x) {
  const size = Array.from(node.parameters.kernel_size.data);
  refuseOthers(name, node, { stride: size, padding: [0] });
  return writer.same(onnx.emit('AveragePool', [x.value], { kernel_shape: size, strides: size }), x);
}

function refuseOthers(name, { parameters }, written) {
  for (const [key, numbers] of Object.entries(written)) {
    const given = parameters[key]?.data ?? numbers;
    if ([0, 1].every((axis) => (given[axis] ?? given[0]) === (numbers[axis] ?? numbers[0]))) continue;
    throw new Error(`node "${name}": a ${key} of ${Array.from(given)} is not written here`);
  }
}

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
