import { learnedConnections } from '@spikewire/engine/network';
import {
  type IntegerForm,
  isIdentity,
  type LearningDeclaration,
  linearDynamics,
  type Model,
  type ResolvedNode,
  type Wiring,
  weightUnits,
} from '@spikewire/models';
import { MOST_COUNTED, tableRows } from './learned-block.ts';
import { isStateless, type Route } from './routes.ts';

/** Largest shift h of a connection: four bits of an instruction. */
const LARGEST_SHIFT = 15;
/** F: the gain 2^F or 2^(15+F) is a positive number of 16 bits. */
const [SMALLEST_FRACTION, LARGEST_FRACTION] = [-15, 14];
/** g: five bits of an instruction. */
const LARGEST_HAND_ON = 31;
const LONGEST_REST = 65_535;
const LONGEST_DELAY = 1;
/** Learning rules that the core has. */
export const RULES: readonly string[] = ['stdp', 'pes'];

/** For each node that the core cannot run, the reason in one line. `learning`: whether this core can learn. */
export function refusalsOf(
  model: Model,
  form: IntegerForm,
  routes: readonly Route[],
  { learning }: { readonly learning: boolean },
): ReadonlyMap<string, string> {
  const { nodes } = form.wiring.graph;
  const found = new Map<string, string>();
  const refuse = (index: number, problem: string | undefined) => {
    const { name } = nodes[index]!;
    if (problem !== undefined && !found.has(name)) found.set(name, problem);
  };
  nodes.forEach((node, index) => {
    refuse(index, ofLearning(model, node, learning));
    if (node.kind.role === 'neuron') refuse(index, ofNeurons(form, node));
    if (node.kind.role === 'connection') refuse(index, ofConnection(form, node, index));
    if (node.kind.role === 'output') for (const [at, problem] of beforeOutput(form.wiring, index)) refuse(at, problem);
  });
  for (const route of routes) refuse(route.connection, ofDelay(form, route));
  for (const { name, index } of learnedConnections(model, form.wiring.graph)) {
    if (!found.has(name)) refuse(index, ofLearnedPlace(model, form, index));
  }
  return found;
}

function ofLearning({ learning }: Model, { name }: ResolvedNode, canLearn: boolean): string | undefined {
  const rules = learning.get(name);
  if (rules === undefined) return undefined;
  const learns = `learns by ${rules.map(({ rule }) => rule).join(' and ')}`;
  if (!canLearn) return `${learns}; the core of this board has no learning`;
  const [{ rule, arithmetic, storage = 'int16', ...others }] = rules as [LearningDeclaration];
  if (rules.length > 1 || !RULES.includes(rule)) return `${learns}; the core learns by one rule, ${RULES.join(' or ')}`;
  if (arithmetic !== 'integer')
    return `${learns} in real numbers; the core learns only in integers ("arithmetic": "integer")`;
  if (storage !== 'int16') return `keeps learned weights as ${storage}; the core keeps them as int16`;
  const foreign = (['normalize', 'homeostasis', 'winners'] as const).find((key) => others[key] !== undefined);
  return foreign && `learns with ${foreign}; the core has none`;
}

/** A learned connection lies between one population of spikes and another, element by element, in one step. */
function ofLearnedPlace(model: Model, { wiring, quantization }: IntegerForm, index: number): string | undefined {
  const { name } = wiring.graph.nodes[index]!;
  const [{ rule, bounds }] = model.learning.get(name) as [LearningDeclaration];
  const { inputs, outputs } = wiring.connectivity[index]!;
  const [source, target] = [wiring.incoming, wiring.outgoing].map((edges) => neighbour(wiring, edges, index));
  if (source === undefined || emissionForm(wiring, quantization, source) !== 'spikes')
    return 'learns from numbers, or from more than one Input or population; the core learns from the spikes of one';
  if (target === undefined || wiring.graph.nodes[target]!.kind.role !== 'neuron')
    return 'learns and leads to more than one population; the core takes one';
  if (rule === 'stdp' && emissionForm(wiring, quantization, target) !== 'spikes')
    return 'learns from several spikes of a neuron in a step; the core learns from one';
  const most = Math.max(inputs, outputs);
  if (most > MOST_COUNTED)
    return `has ${most} inputs or outputs; a connection that learns has at most ${MOST_COUNTED} on the core`;
  const rows = tableRows(weightUnits(wiring, index, quantization), outputs, bounds);
  const empty = rows.findIndex(({ lowest, highest }) => lowest > highest);
  return empty < 0 ? undefined : `has bounds without a weight between them at output ${empty}`;
}

/** What is at the other end of the one edge of a connection, on its side; undefined where there are more. */
function neighbour({ connectivity, ...wiring }: Wiring, edges: Wiring['incoming' | 'outgoing'], index: number) {
  const side = edges === wiring.incoming ? 'source' : 'target';
  for (let at = index; ; ) {
    const [edge, second] = edges[at]! as readonly { source: number; target: number; delay: number }[];
    if (edge === undefined || second !== undefined || edge.delay > 0) return undefined;
    at = edge[side];
    const between = connectivity[at];
    if (between === undefined) return at;
    if (!isIdentity(between)) return undefined;
  }
}

function emissionForm(wiring: Wiring, quantization: IntegerForm['quantization'], index: number) {
  const node = wiring.graph.nodes[index]!;
  const input = quantization.inputs.get(node.name);
  if (input !== undefined) return input.maximum === 1 && input.scale === 1 ? 'spikes' : 'numbers';
  if (node.kind.role !== 'neuron') return 'numbers';
  return linearDynamics(node).firing?.spikesPerStep === 'one' ? 'spikes' : 'numbers';
}

function ofNeurons({ quantization }: IntegerForm, node: ResolvedNode): string | undefined {
  const { adaptation, fraction, handOn = 1 } = quantization.neurons.get(node.name)!;
  if (adaptation !== undefined) return 'has an adaptive threshold; the core has fixed ones';
  if (fraction < SMALLEST_FRACTION || fraction > LARGEST_FRACTION)
    return `has F ${fraction}; the core takes ${SMALLEST_FRACTION} to ${LARGEST_FRACTION}`;
  if (handOn > LARGEST_HAND_ON) return `has g ${handOn}; the core takes at most ${LARGEST_HAND_ON}`;
  const rest = Math.max(0, ...new Set(linearDynamics(node).firing?.refractorySteps));
  return rest > LONGEST_REST ? `rests for ${rest} steps; the core counts at most ${LONGEST_REST}` : undefined;
}

function ofConnection({ wiring, quantization }: IntegerForm, { name }: ResolvedNode, index: number) {
  const connectivity = wiring.connectivity[index]!;
  if (connectivity.structure === 'selection')
    return 'chooses among arrivals by earlier ones; the core has no memory for it';
  if (!isStateless(connectivity)) return 'delays each element by its own steps; the core has one delay for an edge';
  const shift = quantization.connections.get(name)?.shift ?? 0;
  return shift > LARGEST_SHIFT ? `has h ${shift}; the core takes at most ${LARGEST_SHIFT}` : undefined;
}

function ofDelay({ wiring }: IntegerForm, { source, target, delay }: Route): string | undefined {
  const [from, to] = [source, target].map((index) => wiring.graph.nodes[index]!);
  const way = `brings "${to!.name}" what "${from!.name}" emitted ${delay} steps before`;
  if (delay > LONGEST_DELAY) return `${way}; the core delays by at most ${LONGEST_DELAY} step`;
  return delay > 0 && from!.kind.role === 'input' ? `${way}; the core delays no Input` : undefined;
}

/** An Output shows populations as they are: what stands between would have to be computed somewhere. */
function* beforeOutput(wiring: Wiring, output: number): Generator<[number, string]> {
  for (const { source, delay } of wiring.incoming[output]!) {
    const connectivity = wiring.connectivity[source];
    if (delay > 0) yield [output, `shows what was emitted ${delay} steps before; the core shows the same step`];
    if (connectivity === undefined) continue;
    if (!isIdentity(connectivity)) yield [source, 'leads to an Output; the core computes only what reaches neurons'];
    else yield* beforeOutput(wiring, source);
  }
}
