import { sameShape, tensor } from '@spikewire/models';
import type { OnnxOperator, OperatorSite } from './operator.ts';
import { type Constant, type Signal, sampleSize, spreadAt } from './value.ts';

/** y = W·x + b over all elements of a sample: a bare product with a matrix, or ONNX's general one. */
export const dense: OnnxOperator = {
  types: ['MatMul', 'Gemm'],
  apply(site) {
    const [signal, matrix] = [site.signal(0), site.constant(1)];
    if (matrix.shape.length !== 2) throw site.refuse(`has a matrix of ${matrix.shape.length} dimensions`, 'two');
    if (site.node.operator === 'MatMul') return connect(site, signal, matrix, false, 1, undefined);
    if (site.integer('transA', 0) !== 0) throw site.refuse('transposes its input', 'transA 0');
    const summand = site.optionalConstant(2);
    const [alpha, beta] = [site.float('alpha', 1), site.float('beta', 1)];
    const bias = summand && { ...summand, data: Float64Array.from(summand.data, (value) => beta * value) };
    return connect(site, signal, matrix, site.integer('transB', 0) !== 0, alpha, bias);
  },
};

/** A matrix [inputs, outputs], or [outputs, inputs] where it is transposed. */
function connect(
  site: OperatorSite,
  signal: Signal,
  { shape, data }: Constant,
  isTransposed: boolean,
  alpha: number,
  summand: Constant | undefined,
): Signal {
  const [outputs, inputs] = isTransposed ? [shape[0]!, shape[1]!] : [shape[1]!, shape[0]!];
  const size = sampleSize(signal);
  if (size !== inputs || signal.shape.at(-1) !== inputs) {
    const expected = `${inputs} elements as its last dimension; for several places a Conv with a kernel of 1`;
    throw site.refuse(`has a matrix for ${inputs} inputs`, expected);
  }
  site.net.take(data.length);
  const weight = new Float32Array(data.length);
  const bias = biasOf(site, summand, outputs);
  const { order, scale, shift } = signal;
  for (let input = 0; input < inputs; input++) {
    const place = order?.[input] ?? input;
    const factor = alpha * (scale === undefined ? 1 : spreadAt(scale, place, size));
    const summandThere = shift === undefined ? 0 : spreadAt(shift, place, size);
    for (let output = 0; output < outputs; output++) {
      const value = data[isTransposed ? output * inputs + input : input * outputs + output]!;
      weight[output * inputs + place] = factor * value;
      bias[output]! += alpha * summandThere * value;
    }
  }
  const matrix = { weight: tensor(weight, [outputs, inputs]) };
  const hasBias = bias.some((value) => value !== 0);
  const shapeOf = () => [...signal.shape.slice(0, -1), outputs];
  const from = flat(site, signal);
  return hasBias
    ? site.net.add(site.name, 'Affine', { ...matrix, bias: tensor(bias) }, from, shapeOf)
    : site.net.add(site.name, 'Linear', matrix, from, shapeOf);
}

function biasOf(site: OperatorSite, summand: Constant | undefined, outputs: number): Float64Array {
  if (summand === undefined) return new Float64Array(outputs);
  const { data, shape } = summand;
  const fits = data.length === 1 || (data.length === outputs && shape.at(-1) === outputs);
  if (!fits) throw site.refuse(`has a summand of ${data.length} numbers`, `1 or ${outputs}`);
  return Float64Array.from({ length: outputs }, (_, k) => data[data.length === 1 ? 0 : k]!);
}

/** The elements of a sample in a row, as they lie. */
function flat(site: OperatorSite, signal: Signal): Signal {
  const { order: _order, scale: _scale, shift: _shift, ...rest } = signal;
  const row = [sampleSize(signal)];
  if (sameShape(signal.physical, row)) return rest;
  const declared = signal.order === undefined ? site.net.declareInput(rest, row) : undefined;
  return declared ?? site.net.add(`${site.name}.flat`, 'Flatten', {}, rest);
}
