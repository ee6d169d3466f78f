import { quantize, tensor } from '@spikewire/models';

const LARGEST_WEIGHT = 127;

/**
 * The integer form in which integer weights stay what they are: one unit of a population is that of the weights that
 * lead to it. `quantize` would choose units that use all of −127…127. A layer is the names of its `connection` and its
 * `population`, its `integers`, and the `unit` that an integer counts; a spike takes `taken` thresholds of 1 away.
 *
 * @returns {import('@spikewire/models').Model}
 */
export function onItsGrid(model, layers, { membraneBits = 32, taken = 1 } = {}) {
  const integer = quantize(model, { bits: 8, membraneBits });
  const nodes = new Map(integer.graph.nodes);
  const neurons = new Map();
  for (const { connection, population, integers, unit } of layers) {
    const node = nodes.get(connection);
    const weight = tensor(Int8Array.from(integers), node.parameters.weight.shape);
    nodes.set(connection, { ...node, parameters: { ...node.parameters, weight } });
    neurons.set(population, inUnitsOf(unit, integer.quantization.neurons.get(population), taken));
  }
  return { ...integer, graph: { ...integer.graph, nodes }, quantization: { ...integer.quantization, neurons } };
}

/** The constants of a population whose input comes in units of `unit`. */
function inUnitsOf(unit, constants, taken) {
  const { membraneBits, scale } = constants;
  let fraction = membraneBits === 32 ? 8 : 13;
  while (2 ** fraction / unit > 2 ** (membraneBits - 3)) fraction--;
  const threshold = new Int32Array(scale.length).fill(2 ** fraction / unit);
  const subtract = threshold.map((units) => Math.round(units * taken));
  return { ...constants, scale: scale.map(() => unit), fraction, threshold, subtract };
}

/**
 * The model with weights rounded to multiples of a power of two, which the engine for real numbers keeps in a byte
 * each.
 */
export function inBytes(model) {
  const nodes = [...model.graph.nodes].map(([name, node]) => {
    const { weight } = node.parameters;
    if (weight === undefined) return [name, node];
    const largest = weight.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const unit = 2 ** Math.ceil(Math.log2(largest / LARGEST_WEIGHT));
    const rounded = weight.data.map((value) => Math.round(value / unit) * unit);
    return [name, { ...node, parameters: { ...node.parameters, weight: tensor(rounded, weight.shape) } }];
  });
  return { ...model, graph: { ...model.graph, nodes: new Map(nodes) } };
}
