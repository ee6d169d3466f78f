import {
  type IntegerForm,
  isIdentity,
  linearDynamics,
  type Model,
  type ResolvedNode,
  type Wiring,
} from '@spikewire/models';
import { isStateless, type Route } from './routes.ts';

/** Largest shift h of a connection: four bits of an instruction. */
const LARGEST_SHIFT = 15;
/** F: the gain 2^F or 2^(15+F) is a positive number of 16 bits. */
const [SMALLEST_FRACTION, LARGEST_FRACTION] = [-15, 14];
/** g: five bits of an instruction. */
const LARGEST_HAND_ON = 31;
const LONGEST_REST = 65_535;
const LONGEST_DELAY = 1;

/** What the core has no instruction for, a line for each node. */
export function refusalsOf(model: Model, form: IntegerForm, routes: readonly Route[]): ReadonlyMap<string, string> {
  const { nodes } = form.wiring.graph;
  const found = new Map<string, string>();
  const refuse = (index: number, problem: string | undefined) => {
    const { name } = nodes[index]!;
    if (problem !== undefined && !found.has(name)) found.set(name, problem);
  };
  nodes.forEach((node, index) => {
    refuse(index, ofLearning(model, node));
    if (node.kind.role === 'neuron') refuse(index, ofNeurons(form, node));
    if (node.kind.role === 'connection') refuse(index, ofConnection(form, node, index));
    if (node.kind.role === 'output') for (const [at, problem] of beforeOutput(form.wiring, index)) refuse(at, problem);
  });
  for (const route of routes) refuse(route.connection, ofDelay(form, route));
  return found;
}

function ofLearning({ learning }: Model, { name }: ResolvedNode): string | undefined {
  const rules = learning.get(name);
  return rules && `learns by ${rules.map(({ rule }) => rule).join(' and ')}; the core has no learning`;
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
