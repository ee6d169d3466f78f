import {
  demandOf,
  type Model,
  numbersOf,
  type ParameterDeclaration,
  type ResolvedGraph,
  type ResolvedNode,
  wire,
} from '@spikewire/models';
import type { Abilities, ParameterLimits } from './abilities.ts';
import { fanOf } from './fan.ts';

/** What of a model does not fit, a line each, which has the number and the limit. */
export interface Misfits {
  /** Of the model as a whole. */
  readonly problems: readonly string[];
  /** By name of a node. */
  readonly ofNodes: ReadonlyMap<string, string>;
}

/** What of a model is beyond what an executor says that it can run. */
export function misfitsOf(abilities: Abilities, model: Model, graph: ResolvedGraph): Misfits {
  const demand = demandOf(model, graph);
  const isCountable = demand.synapses <= (abilities.synapses ?? Number.POSITIVE_INFINITY);
  const looks = [byKind, byRule, bySemantics, byParameters, byMembrane, ...(isCountable ? [byFan] : [])];
  const found = looks.flatMap((look) => [...look(abilities, graph, model)]);
  const ofNodes = new Map<string, string>();
  for (const [name, problem] of found) {
    const former = ofNodes.get(name);
    ofNodes.set(name, former === undefined ? problem : `${former}; ${problem}`);
  }
  return { problems: problemsOfModel(abilities, graph, model, demand), ofNodes };
}

function problemsOfModel(
  { neurons, synapses, populations, weightBits, late = 0 }: Abilities,
  { nodes }: ResolvedGraph,
  { quantization, sample }: Model,
  demand: { readonly neurons: number; readonly synapses: number },
): string[] {
  const bits = quantization?.bits ?? 32;
  const groups = nodes.filter(({ kind }) => kind.role === 'neuron').length;
  return [
    ...overLimit('neurons', demand.neurons, neurons),
    ...overLimit('synapses', demand.synapses, synapses),
    ...overLimit('populations', groups, populations),
    ...(weightBits.includes(bits) ? [] : [`weights of ${bits} bits; it takes ${weightBits.join(', ')}`]),
    ...(late < sample.steps ? [] : [`samples of ${sample.steps} steps; it answers ${late} steps late`]),
  ];
}

function overLimit(what: string, needed: number, most = Number.POSITIVE_INFINITY): string[] {
  return needed <= most ? [] : [`${needed} ${what}; it has room for ${most}`];
}

/** The problems of nodes, by name. */
type NodeProblems = Iterable<readonly [name: string, problem: string]>;

function* byKind({ kinds }: Abilities, { nodes }: ResolvedGraph): NodeProblems {
  if (kinds === undefined) return;
  for (const { name, kind } of nodes) {
    const isInside = kind.role === 'neuron' || kind.role === 'connection';
    if (isInside && !kinds.includes(kind.type)) yield [name, `is a ${kind.type}; it runs ${kinds.join(', ')}`];
  }
}

function* byRule({ rules }: Abilities, { nodes }: ResolvedGraph, { learning }: Model): NodeProblems {
  if (rules === undefined) return;
  for (const { name } of nodes) {
    const foreign = learning.get(name)?.find(({ rule }) => !rules.includes(rule));
    if (foreign !== undefined) yield [name, `learns by ${foreign.rule}; it learns by ${rules.join(', ') || 'nothing'}`];
  }
}

function* bySemantics({ semantics: allowed = {} }: Abilities, { nodes }: ResolvedGraph): NodeProblems {
  for (const { name, kind, semantics } of nodes) {
    if (kind.role !== 'neuron') continue;
    for (const [key, choices] of Object.entries(allowed) as [keyof typeof allowed, readonly string[]][]) {
      // A read-out compares nothing and resets nothing.
      if (key !== 'integrate' && kind.emits === 'state') continue;
      if (!choices.includes(semantics[key]))
        yield [name, `has semantics.${key} "${semantics[key]}"; it has ${choices.join(', ')}`];
    }
  }
}

function* byParameters({ parameters = {} }: Abilities, { nodes }: ResolvedGraph): NodeProblems {
  for (const node of nodes) {
    for (const [key, limits] of Object.entries(parameters[node.kind.type] ?? {})) {
      const problem = problemOfParameter(node, key, limits);
      if (problem !== undefined) yield [node.name, problem];
    }
  }
}

function problemOfParameter({ node, kind }: ResolvedNode, key: string, limits: ParameterLimits): string | undefined {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY, above, shared, absent } = limits;
  const given = numbersOf(node, key)?.data;
  if (absent) return node.parameters[key] === undefined ? undefined : `has ${key}; it has none`;
  const numbers = given ?? presetOf(kind.parameters[key]);
  for (const number of numbers) {
    if (number < minimum) return `has ${key} ${number}; it takes ${minimum} or more`;
    if (above !== undefined && number <= above) return `has ${key} ${number}; it takes more than ${above}`;
    if (number > maximum) return `has ${key} ${number}; it takes ${maximum} or less`;
    if (shared && number !== numbers[0])
      return `has ${key} ${numbers[0]!} and ${number}; it takes one number for all neurons`;
  }
  return undefined;
}

function presetOf(declaration: ParameterDeclaration | undefined): readonly number[] {
  const preset = declaration !== undefined && 'default' in declaration ? declaration.default : undefined;
  return typeof preset === 'number' ? [preset] : [];
}

function* byMembrane({ membraneBits }: Abilities, { nodes }: ResolvedGraph, { quantization }: Model): NodeProblems {
  if (membraneBits === undefined || quantization === undefined) return;
  for (const { name } of nodes) {
    const bits = quantization.neurons.get(name)?.membraneBits;
    if (bits !== undefined && !membraneBits.includes(bits))
      yield [name, `has membranes of ${bits} bits; it takes ${membraneBits.join(', ')}`];
  }
}

/** Counts synapse by synapse, and only where something limits them. */
function* byFan({ fanIn, fanOut, longestDelay }: Abilities, graph: ResolvedGraph): NodeProblems {
  if (fanIn === undefined && fanOut === undefined && longestDelay === undefined) return;
  const fan = fanOf(wire(graph));
  for (const [index, { name, kind }] of graph.nodes.entries()) {
    if (kind.role === 'connection') continue;
    const into = fanIn === undefined || kind.role !== 'neuron' ? 0 : fan.into(index);
    if (into > (fanIn ?? 0)) yield [name, `has a fan-in of ${into}; it takes ${fanIn}`];
    const out = fanOut === undefined ? 0 : fan.outOf(index);
    if (out > (fanOut ?? 0)) yield [name, `has a fan-out of ${out}; it takes ${fanOut}`];
    const delay = longestDelay === undefined ? 0 : fan.delayInto(index);
    if (delay > (longestDelay ?? 0)) yield [name, `has a delay of ${delay} steps before it; it takes ${longestDelay}`];
  }
}
