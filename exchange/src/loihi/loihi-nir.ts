import {
  type Graph,
  type GraphNode,
  type JsonObject,
  type Model,
  numbersOf,
  scalar,
  type Tensor,
  tensor,
} from '@spikewire/models';
import { withBackEdges } from '../nir/back-edges.ts';
import { isNeuron } from '../nir/sayable.ts';
import { BIAS, DECAY, SCALE } from './chip.ts';
import type { LoihiForm } from './quantize.ts';

/**
 * Units of a membrane for 1 in the file: Lava's importer multiplies weights and thresholds by 256 (and 2^6 is its own).
 */
const UNIT = 256 * SCALE;
/** Steps of a time constant whose loss is rounded to nothing. */
const ENDLESS = 2 ** 20;

/**
 * A model that NIR can say, for readers that make Loihi's integers from it (nengo-loihi, Lava): LIF or CubaLIF whose
 * time constants, weights, leaks and thresholds are the registers of the chip in units of 2^14, and edges without the
 * chip's own steps. The registers themselves stand in the metadata of each node, with what NIR has no word for. What is
 * lost is a note.
 */
export function loihiNir({ model, graph }: LoihiForm): { readonly model: Model; readonly notes: readonly string[] } {
  const { dt } = model.semantics;
  const notes: string[] = [];
  const metadata: Record<string, JsonObject> = {};
  const targets = new Set([...graph.nodes].flatMap(([name, { type }]) => (type === 'LoihiLIF' ? [name] : [])));
  const isBefore = (name: string): boolean =>
    graph.edges.some(({ source, target }) => source === name && (targets.has(target) || isWay(target)));
  const isWay = (name: string): boolean => {
    const { type } = graph.nodes.get(name)!;
    return type !== 'LoihiLIF' && type !== 'Output' && !isReadOut(type) && isBefore(name);
  };
  const nodes = [...graph.nodes].map(([name, node]): [string, GraphNode] => {
    if (node.type === 'LoihiLIF') {
      const registers = registersIn(node);
      metadata[name] = { loihi: { ...registers, refractory: refractory(node, dt) } };
      if (refractory(node, dt) > 1) notes.push(`node "${name}": its refractory time is in the metadata only`);
      if (isStarted(node)) notes.push(`node "${name}": its initial state is left out`);
      return [name, inSeconds(node, dt)];
    }
    return [name, isBefore(name) ? scaled(node) : node];
  });
  const beside = { encoder: new Map(), decoder: new Map(), learning: new Map(), selfTests: [] };
  const { features: _features, monitors: _monitors, base: _base, ...kept } = model;
  const semantics = { dt, integrate: 'euler', threshold: 'gt', reset: 'value', spikesPerStep: 'one' } as const;
  const provenance = { ...model.provenance, nir: { metadata } };
  return { model: { ...kept, ...beside, graph: asRead(graph, new Map(nodes), dt), semantics, provenance }, notes };
}

/**
 * The edges as a reader of the file finds them: those that close a cycle have a delay of a step, which on the chip is
 * that from one population to the next. Longer delays stay, and those of Inputs; NIR has no word for them.
 */
function asRead({ edges }: Graph, nodes: ReadonlyMap<string, GraphNode>, dt: number): Graph {
  const isOfInput = (name: string): boolean => {
    const { type } = nodes.get(name)!;
    return (
      type === 'Input' ||
      (!isNeuron(nodes.get(name)!) && edges.some((edge) => edge.target === name && isOfInput(edge.source)))
    );
  };
  const bare = edges.map((edge) => (edge.delay === 1 && !isOfInput(edge.source) ? { ...edge, delay: 0 } : edge));
  // The order of a file is that of the bytes of names.
  const sorted = [...nodes].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return withBackEdges({ nodes: new Map(sorted), edges: bare }, dt).graph;
}

const READ_OUTS = ['LI', 'CubaLI', 'I', 'Lowpass', 'ReLU'];
const isReadOut = (type: string) => READ_OUTS.includes(type);

function numbers(node: GraphNode, key: string, preset: number): Tensor {
  return numbersOf(node, key) ?? scalar(preset);
}

function mapped({ data, shape }: Tensor, of: (value: number) => number): Tensor {
  return tensor(Float64Array.from(data, of), shape);
}

/** Both spread to the longer one. */
function joined(a: Tensor, b: Tensor, of: (a: number, b: number) => number): Tensor {
  const longer = a.data.length >= b.data.length ? a : b;
  const at = ({ data }: Tensor, k: number) => data[data.length === 1 ? 0 : k]!;
  return tensor(
    Float64Array.from(longer.data, (_, k) => of(at(a, k), at(b, k))),
    longer.shape,
  );
}

function inSeconds(node: GraphNode, dt: number): GraphNode {
  const [decayU, decayV] = [numbers(node, 'decay_u', DECAY), numbers(node, 'decay_v', 0)];
  const steps = (decay: number) => (decay === 0 ? ENDLESS : DECAY / decay);
  const membrane = {
    r: mapped(decayV, steps),
    v_leak: joined(numbers(node, 'bias', 0), decayV, (bias, decay) => (bias * steps(decay)) / UNIT),
    v_threshold: mapped(numbers(node, 'v_threshold', 0), (threshold) => threshold / UNIT),
    v_reset: scalar(0),
  };
  const tau = mapped(decayV, (decay) => steps(decay) * dt);
  if (decayU.data.every((decay) => decay === DECAY)) return { type: 'LIF', parameters: { tau, ...membrane } };
  const current = { tau_syn: mapped(decayU, (decay) => steps(decay) * dt), w_in: mapped(decayU, steps) };
  return { type: 'CubaLIF', parameters: { tau_mem: tau, ...current, ...membrane } };
}

/** Weights in units of the file. */
function scaled(node: GraphNode): GraphNode {
  const key = node.parameters.weight === undefined ? 'scale' : 'weight';
  const weights = numbersOf(node, key);
  if (weights === undefined) return node;
  return { ...node, parameters: { ...node.parameters, [key]: mapped(weights, (each) => each / UNIT) } };
}

function registersIn(node: GraphNode): JsonObject {
  const list = (key: string, preset: number, of: (value: number) => number = (value) => value) =>
    Array.from(numbers(node, key, preset).data, of);
  const bias = list('bias', 0);
  const exponent = bias.reduce((most, each) => Math.max(most, exponentOf(each)), 0);
  return {
    // The chip adds one.
    decay_u: list('decay_u', DECAY, (decay) => decay - 1),
    decay_v: list('decay_v', 0),
    vth_mant: list('v_threshold', 0, (threshold) => threshold / SCALE),
    bias_mant: bias.map((each) => each / 2 ** exponentOf(each)),
    bias_exp: exponent === 0 ? bias.map(() => 0) : bias.map(exponentOf),
  };
}

function exponentOf(bias: number): number {
  let exponent = 0;
  while (Math.abs(bias) / 2 ** exponent > BIAS.mantissa) exponent++;
  return exponent;
}

function refractory(node: GraphNode, dt: number): number {
  return 1 + Math.max(...Array.from(numbers(node, 'tau_ref', 0).data, (each) => Math.round(each / dt)));
}

function isStarted(node: GraphNode): boolean {
  return ['v_initial', 'u_initial'].some((key) => numbers(node, key, 0).data.some((each) => each !== 0));
}
