import type { Edge, Graph, GraphNode, ParameterValue } from '../../graph/graph.ts';
import { parseSemantics, type Semantics } from '../../graph/semantics.ts';
import type { JsonTree } from './json-tree.ts';
import { parseTensor, type TensorSource } from './numbers.ts';
import { checkName, type Place } from './place.ts';
import type { DocumentWriter } from './writer.ts';

/** The type of a node that is a graph itself. */
const SUBGRAPH = 'NIRGraph';
const MAXIMUM_DELAY = 2 ** 31 - 1;

/** Reads `nodes` and `edges`, the members of a document or of a sub-graph. Names and shapes are checked elsewhere. */
export function parseGraph(
  owner: Place,
  members: ReadonlyMap<string, Place>,
  tensors: TensorSource,
  prefix = '',
): Graph {
  const nodes = owner.need(members, 'nodes', '"nodes": {…}');
  const edges = owner.need(members, 'edges', '"edges": [["from", "to"], …]');
  return {
    nodes: new Map([...nodes.members()].map(([name, place]) => [name, parseNode(prefix + name, place, tensors)])),
    edges: edges.list(parseEdge),
  };
}

/** `name` is that of the flat graph, `outer/inner`, and bounded as a whole. */
function parseNode(name: string, place: Place, tensors: TensorSource): GraphNode {
  checkName(name, place);
  const members = place.members();
  const type = place.need(members, 'type', '"type": "…"').name();
  const semantics = members.get('semantics');
  const own = semantics && { semantics: parseNodeSemantics(semantics) };
  if (type === SUBGRAPH) {
    place.object(['type', 'nodes', 'edges', 'semantics']);
    return { type, parameters: {}, ...own, graph: parseGraph(place, members, tensors, `${name}/`) };
  }
  const parameters = [...members].filter(([key]) => key !== 'type' && key !== 'semantics');
  return {
    type,
    parameters: Object.fromEntries(parameters.map(([key, value]) => [key, parseParameter(value, tensors)])),
    ...own,
  };
}

function parseNodeSemantics(place: Place): Partial<Semantics> {
  return parseSemantics(place.jsonObject(), place.path);
}

function parseParameter(place: Place, tensors: TensorSource): ParameterValue {
  return typeof place.value === 'string' ? place.name() : parseTensor(place, tensors);
}

function parseEdge(place: Place): Edge {
  const [source, target, options, more] = place.items();
  if (source === undefined || target === undefined || more !== undefined) {
    return place.fail('is not an edge', '["from", "to"] or ["from", "to", {"delay": 1, "port": "…"}]');
  }
  const { delay, port } = Object.fromEntries(options?.object(['delay', 'port']) ?? []);
  return {
    source: source.text(),
    target: target.text(),
    delay: delay === undefined ? 0 : delay.integer(0, MAXIMUM_DELAY),
    ...(port && { port: port.name() }),
  };
}

/** The members `nodes` and `edges`; parameters that are put aside are called `outer/inner.parameter`. */
export function formatGraph(graph: Graph, writer: DocumentWriter, prefix = ''): { nodes: JsonTree; edges: JsonTree } {
  return {
    nodes: new Map([...graph.nodes].map(([name, node]) => [name, formatNode(prefix + name, node, writer)])),
    edges: graph.edges.map((edge) => formatEdge(edge, writer)),
  };
}

function formatNode(name: string, node: GraphNode, writer: DocumentWriter): JsonTree {
  const parameters = Object.entries(node.parameters).map(([key, value]): [string, JsonTree] => [
    key,
    typeof value === 'string' ? value : writer.tensor(value, `${name}.${key}`),
  ]);
  return writer.members({
    type: node.type,
    ...Object.fromEntries(parameters),
    ...(node.graph && formatGraph(node.graph, writer, `${name}/`)),
    semantics: node.semantics && writer.members({ ...node.semantics }),
  });
}

function formatEdge({ source, target, delay, port }: Edge, writer: DocumentWriter): JsonTree {
  const options = writer.members({ delay: delay === 0 ? undefined : delay, port });
  return options.size === 0 ? [source, target] : [source, target, options];
}
