import type { Model, TensorData } from '@spikewire/models';

/** All weights a little larger: what comes out the same is away from ties. */
export function nudged(model: Model): Model {
  const nodes = new Map(model.graph.nodes);
  for (const [name, node] of nodes) {
    const key = node.parameters.scale === undefined ? 'weight' : 'scale';
    const weight = node.parameters[key] as { shape: readonly number[]; data: TensorData } | undefined;
    if (weight === undefined) continue;
    const data = Float64Array.from(weight.data as Float64Array, (w) => w * (1 + 3e-6));
    nodes.set(name, { ...node, parameters: { ...node.parameters, [key]: { ...weight, data } } });
  }
  return { ...model, graph: { ...model.graph, nodes } };
}
