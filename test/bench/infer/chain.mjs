// A net of layers, one after the other, as the arrays that a library without spikes needs.
import { resolveGraph } from '@spikewire/models';

/**
 * The shape of its input, its layers, and its samples as rows of numbers, one per step. A layer is what lies before a
 * population, as maps one after the other, of which one has weights; and the population.
 */
export function chainOf({ model, samples }) {
  const { nodes, semantics } = resolveGraph(model.graph, model.semantics);
  const [input, ...others] = nodes;
  if (input.kind.role !== 'input' || semantics.reset !== 'subtract' || semantics.threshold !== 'gt') {
    throw new Error('expected a chain of layers of LIF neurons that are reset by subtraction');
  }
  const layers = [];
  let connections = [];
  for (const node of others) {
    if (node.kind.role === 'connection') connections.push(node);
    if (node.kind.role !== 'neuron') continue;
    layers.push(layerOf(connections, node));
    connections = [];
  }
  const inputs = sizeOf(input.shape);
  const row = (sample, step) => {
    const { length, step: steps, index, value } = samples[sample];
    const numbers = new Float32Array(inputs);
    for (let k = 0; k < length; k++) if (steps[k] === step) numbers[index[k]] += value[k];
    return numbers;
  };
  return { shape: input.shape, inputs, layers, row };
}

function layerOf(connections, neurons) {
  const { tau, r, v_threshold: threshold } = neurons.node.parameters;
  const { dt, integrate } = neurons.semantics;
  const decay = integrate === 'exact' ? Math.exp(-dt / tau.data[0]) : 1 - dt / tau.data[0];
  const gain = (1 - decay) * r.data[0];
  const maps = connections.map((connection) => mapOf(connection, gain));
  return {
    maps,
    /** Those of its one map that has some. */
    weights: maps.find(({ weights }) => weights !== undefined).weights,
    shape: neurons.shape,
    outputs: sizeOf(neurons.shape),
    decay,
    threshold: threshold.data[0],
  };
}

/**
 * A map of the kind `dense`, `convolution` or `pooling`, or to another `shape`; weights [outputs, …] and the bias times
 * `gain`.
 */
function mapOf({ kind, node, inputShape, shape }, gain) {
  const { structure, weights, bias, geometry } = kind.connect(node, inputShape);
  if (structure === 'elementwise' && weights === undefined) return { kind: 'shape', shape };
  if (structure === 'pooling') return { kind: 'pooling', size: geometry.kernel[0], shape };
  const { data, shape: weightShape } = node.parameters.weight;
  return {
    kind: structure,
    shape,
    weights: Float32Array.from(data, (weight) => gain * weight),
    weightShape,
    bias: Float32Array.from({ length: weightShape[0] }, (_, channel) =>
      bias === undefined ? 0 : gain * bias[(channel * bias.length) / weightShape[0]],
    ),
  };
}

function sizeOf(shape) {
  return shape.reduce((product, length) => product * length, 1);
}
