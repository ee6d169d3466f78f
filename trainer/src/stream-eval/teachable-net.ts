import {
  CLASS_NAME,
  decoderKindOf,
  dequantize,
  elementCount,
  type Graph,
  type GraphNode,
  isClassName,
  type JsonObject,
  type Model,
  quantize,
  type ResolvedGraph,
  resolveGraph,
  type Shape,
  scalar,
  tensor,
} from '@spikewire/models';

/** The population of a teachable net whose spikes its read-out counts, and how the names of the ways to it begin. */
const FRONT = 'front';
const WAY = `${FRONT}.`;
/** Decoders that name the class by when neurons spike. */
const BY_TIME: readonly string[] = ['earliest-spike', 'rank'];
/** Classes that a read-out can have, and has room for at least. */
const MOST_CLASSES = 256;
const ROOM = 32;
/** Neurons that answer; with the hidden ones that are counted beside them a read-out has no room for more. */
const MOST_ANSWERING = 1600;

/** A population whose spikes a read-out may count. */
export interface Population {
  readonly name: string;
  readonly shape: Shape;
  /** Whether it was trained to answer; the others lie in front of it. */
  readonly answers: boolean;
}

/** A population and the neurons of it that are counted, ascending. */
export type Picked = readonly (readonly [Population, ArrayLike<number>])[];

/** Why a trained net cannot leave with a read-out that is taught; undefined where it can. */
export function whyNotTeachable({ graph, semantics, decoder, labels }: Model): string | undefined {
  const nodes = [...graph.nodes];
  if (nodes.some(([, node]) => node.graph !== undefined)) return 'it has sub-graphs';
  if (nodes.some(([name]) => isOfFront(name))) return `it has a node "${FRONT}"`;
  const [answer, ...others] = decoder.values();
  if (answer === undefined || others.length > 0) return 'it has no Output with a decoder, or several';
  if (!decoderKindOf(answer.type, 'decoder').classifies) return 'it answers with numbers, not with a class';
  if (BY_TIME.includes(answer.type)) return 'it answers by when its neurons spike, which counts do not say';
  if (labels.length > MOST_CLASSES) return `it has ${labels.length} classes, more than ${MOST_CLASSES}`;
  const unfit = labels.find((label) => !isClassName(label));
  if (unfit !== undefined) return `it has a class "${unfit}", and a read-out takes ${CLASS_NAME}`;
  const resolved = resolveGraph(graph, semantics);
  const [last, ...more] = neuronsBefore(resolved, outputIndex(resolved));
  if (last === undefined || more.length > 0) return 'not one population answers';
  const { kind, semantics: own, shape } = resolved.nodes[last]!;
  if (kind.role !== 'neuron' || kind.emits !== 'spikes') return 'what answers is a state, not spikes';
  const answering = elementCount(shape);
  if (answering > MOST_ANSWERING) return `${answering} neurons answer, more than ${MOST_ANSWERING}`;
  return own.spikesPerStep === 'many' ? 'its neurons send several spikes at once' : undefined;
}

/** The populations that a read-out may count: those right in front of the one that answers, and that. */
export function populationsOf({ graph, semantics }: Model): Population[] {
  const resolved = resolveGraph(graph, semantics);
  const answer = neuronsBefore(resolved, outputIndex(resolved))[0]!;
  const hidden = neuronsBefore(resolved, answer).filter((index) => index !== answer);
  return [...hidden, answer].flatMap((index) => {
    const { name, kind, shape } = resolved.nodes[index]!;
    return kind.role === 'neuron' && kind.emits === 'spikes' ? [{ name, shape, answers: index === answer }] : [];
  });
}

function outputIndex({ nodes }: ResolvedGraph): number {
  return nodes.findIndex(({ kind }) => kind.role === 'output');
}

/** Neuron nodes that lead to a node, through connections or none, each once. */
function neuronsBefore({ nodes, edges }: ResolvedGraph, index: number): number[] {
  const found = new Set<number>();
  const seen = new Set<number>();
  const visit = (target: number) => {
    for (const edge of edges) {
      if (edge.target !== target || seen.has(edge.source)) continue;
      seen.add(edge.source);
      const { role } = nodes[edge.source]!.kind;
      if (role === 'neuron') found.add(edge.source);
      else visit(edge.source);
    }
  };
  visit(index);
  return [...found];
}

/**
 * The net with another answer: a population `front`, each neuron of which spikes in the steps in which one that was
 * picked does, and behind it a read-out that is taught, with these parameters. The populations are as before, in
 * whole numbers too.
 */
export function teachableNet(model: Model, picked: Picked, parameters: JsonObject = {}): Model {
  const taught = withFront(model, picked, parameters);
  if (model.quantization === undefined) return taught;
  return withIntegerFront(taught, withFront(dequantize(model), picked, parameters));
}

/** The integer net with what its new nodes are in the integer form of the float one. */
function withIntegerFront(taught: Model, float: Model): Model {
  const { bits, inputs, connections, neurons } = taught.quantization!;
  const { graph, quantization } = quantize(float, { bits });
  const ofFront = <Entry>(entries: ReadonlyMap<string, Entry>) => [...entries].filter(([name]) => isOfFront(name));
  return {
    ...taught,
    graph: { nodes: new Map([...taught.graph.nodes, ...ofFront(graph.nodes)]), edges: taught.graph.edges },
    quantization: {
      bits,
      inputs,
      connections: new Map([...connections, ...ofFront(quantization!.connections)]),
      neurons: new Map([...neurons, ...ofFront(quantization!.neurons)]),
    },
  };
}

function isOfFront(name: string): boolean {
  return name === FRONT || name.startsWith(WAY);
}

function withFront(model: Model, picked: Picked, parameters: JsonObject): Model {
  const output = [...model.decoder.keys()][0]!;
  const size = picked.reduce((sum, [, { length }]) => sum + length, 0);
  const nodes = new Map(model.graph.nodes);
  nodes.delete(output);
  const edges = model.graph.edges.filter(({ target }) => target !== output);
  const connect = (source: string, target: string) => void edges.push({ source, target, delay: 0 });
  let first = 0;
  for (const [{ name, shape }, neurons] of picked) {
    const [way, flat] = [`${WAY}${name}`, `${WAY}${name}.flat`];
    if (shape.length > 1) {
      nodes.set(flat, { type: 'Flatten', parameters: {} });
      connect(name, flat);
    }
    connect(shape.length > 1 ? flat : name, way);
    connect(way, FRONT);
    nodes.set(way, wayFrom(elementCount(shape), neurons, first, size));
    first += neurons.length;
  }
  nodes.set(FRONT, { type: 'Threshold', parameters: { threshold: scalar(0.5) } });
  nodes.set(output, { type: 'Output', parameters: {} });
  connect(FRONT, output);
  const mostClasses = Math.min(MOST_CLASSES, Math.max(ROOM, 2 * model.labels.length));
  const decoder = new Map([[output, { type: 'teachable', parameters: { mostClasses, ...parameters } }]]);
  return { ...model, graph: { nodes, edges }, decoder };
}

/** One synapse of weight 1 from each of the neurons that were picked to the next of the front. */
function wayFrom(inputs: number, neurons: ArrayLike<number>, first: number, outputs: number): GraphNode {
  const reaches = new Uint8Array(inputs);
  for (let k = 0; k < neurons.length; k++) reaches[neurons[k]!] = 1;
  const offset = new Uint32Array(inputs + 1);
  for (let i = 0; i < inputs; i++) offset[i + 1] = offset[i]! + reaches[i]!;
  const target = Uint32Array.from(neurons, (_, k) => first + k);
  const parameters = { weight: scalar(1), target: tensor(target), offset: tensor(offset), outputs: scalar(outputs) };
  return { type: 'Sparse', parameters };
}

/** A net as it was trained, of one that left with a read-out that is taught: to be trained further. */
export function trainedNet(model: Model): Model {
  const { nodes, edges } = model.graph;
  const output = edges.find(({ source }) => source === FRONT)?.target;
  const ways = edges.filter(({ target }) => target === FRONT).map(({ source }) => source);
  const isOwn = ways.length > 0 && ways.every((way) => way.startsWith(WAY));
  if (!isOwn || output === undefined || nodes.get(FRONT)?.type !== 'Threshold') return model;
  const graph: Graph = {
    nodes: new Map([...nodes].filter(([name]) => !isOfFront(name))),
    edges: [
      ...edges.filter(({ source, target }) => !isOfFront(source) && !isOfFront(target)),
      { source: ways.at(-1)!.slice(WAY.length), target: output, delay: 0 },
    ],
  };
  const { base: _, ...rest } = model;
  return { ...rest, graph, decoder: new Map([[output, { type: 'count', parameters: {} }]]), selfTests: [] };
}
