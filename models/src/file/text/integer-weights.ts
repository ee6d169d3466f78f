import { WEIGHTS } from '../../check/check.ts';
import type { Graph, GraphNode, ParameterValue } from '../../graph/graph.ts';
import type { Model } from '../../model/model.ts';

/** The text knows only numbers; the weights of an integer model are int8 in memory. */
export function withIntegerWeights(model: Model): Model {
  const connections = model.quantization?.connections;
  if (connections === undefined) return model;
  const convert = (graph: Graph, prefix: string): Graph => ({
    ...graph,
    nodes: new Map([...graph.nodes].map(([name, node]) => [name, convertNode(node, prefix + name)])),
  });
  const convertNode = (node: GraphNode, name: string): GraphNode => {
    if (node.graph !== undefined) return { ...node, graph: convert(node.graph, `${name}/`) };
    return connections.has(name) ? { ...node, parameters: mapWeights(node.parameters) } : node;
  };
  return { ...model, graph: convert(model.graph, '') };
}

function mapWeights(parameters: GraphNode['parameters']): GraphNode['parameters'] {
  return Object.fromEntries(
    Object.entries(parameters).map(([key, value]) => [key, WEIGHTS.includes(key) ? toInt8(value) : value]),
  );
}

/** Numbers that are no int8 stay as they are, for the check to name them. */
function toInt8(value: ParameterValue): ParameterValue {
  if (typeof value === 'string' || value.data.some((q) => !Number.isInteger(q) || Math.abs(q) > 127)) return value;
  return value.data instanceof Int8Array ? value : { shape: value.shape, data: Int8Array.from(value.data) };
}
