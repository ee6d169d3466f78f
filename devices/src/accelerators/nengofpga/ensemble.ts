import {
  elementCount,
  type Model,
  numbersOf,
  type ResolvedGraph,
  type ResolvedNode,
  resolveGraph,
  SpikewireError,
} from '@spikewire/models';
import { LARGEST_PACKET, packetBytes } from './lock-step.ts';
import type { ScriptParameters } from './parameter-file.ts';

/** The low-pass that this machine computes behind the board: v ← decay·v + gain·y + bias, one number per output. */
export interface OutputFilter {
  readonly name: string;
  readonly decay: Float64Array;
  readonly gain: Float64Array;
  readonly bias: Float64Array;
  readonly initial: Float64Array;
}

/**
 * One ensemble in the form of the board. Its neurons have the rate J = E·x + b in Hz, at least 0, and it answers
 * y = D·a: with the rates themselves (RectifiedLinear), or with their spikes, of 1/dt each (SpikingRectifiedLinear).
 * A spike of the model has the value 1, so D is dt times its weights.
 */
export interface EnsembleForm {
  readonly graph: ResolvedGraph;
  readonly dt: number;
  readonly inputs: number;
  readonly neurons: number;
  readonly outputs: number;
  /** Names of the nodes: the rectifier, and the connection whose weights are the decoders. */
  readonly rectifier: string;
  readonly decoder: string;
  readonly spiking: boolean;
  /** E [neurons, inputs], row-major, and b. */
  readonly encoders: Float64Array;
  readonly bias: Float64Array;
  /** D [outputs, neurons]. */
  readonly decoders: Float64Array;
  /** [inputs, neurons] in the units of D, and the time constant of the filter in seconds. */
  readonly feedback?: { readonly weights: Float64Array; readonly tau: number };
  /** κ of PES; 0: nothing learns. */
  readonly learningRate: number;
  /** Whether the board keeps membranes or a filter between steps, so that each packet counts. */
  readonly keepsState: boolean;
  readonly filter?: OutputFilter;
  /** By index in the graph: whether this Output gets what is behind the filter. */
  readonly results: ReadonlyMap<number, 'decoded' | 'filtered'>;
}

/**
 * The ensemble of Input → Linear or Affine → ReLU [→ IF] → Linear [→ Lowpass] → Output, with feedback from a Lowpass
 * one step later where there is any. Throws `unsupported` with the node, and why the board cannot run it.
 */
export function ensembleOf(model: Model): EnsembleForm {
  const graph = resolveGraph(model.graph, model.semantics);
  const parts = partsOf(graph);
  const { input, encode, rectifier, spikes, decode, filter, loop } = parts;
  const { dt } = graph.semantics;
  const sizes = [input, rectifier, decode].map(({ shape }) => elementCount(shape));
  const [inputs, neurons, outputs] = sizes as [number, number, number];
  expectRoom(packetBytes({ inputs, outputs }));
  const perUnit = hertzPerUnit(spikes, neurons, dt);
  const scaled = (node: ResolvedNode, key: string, per: (k: number) => number) =>
    Float64Array.from(numbersOf(node.node, key)?.data ?? [], (number, k) => number * per(k));
  const given = numbersOf(encode.node, 'bias')?.data ?? [0];
  const bias = perUnit.map((per, n) => per * given[given.length === 1 ? 0 : n]!);
  const weightsOf = (node: ResolvedNode) => scaled(node, 'weight', () => dt);
  const feedback = loop && { weights: weightsOf(loop.weights), tau: sharedTau(loop.filter) };
  const keepsState = spikes !== undefined || feedback !== undefined;
  return {
    graph,
    dt,
    inputs,
    neurons,
    outputs,
    rectifier: rectifier.name,
    decoder: decode.name,
    spiking: spikes !== undefined,
    encoders: scaled(encode, 'weight', (k) => perUnit[Math.floor(k / inputs)]!),
    bias,
    decoders: weightsOf(decode),
    ...(feedback && { feedback }),
    learningRate: learningRateOf(model, decode.name, keepsState),
    keepsState,
    ...(filter && { filter: filterOf(filter, outputs) }),
    results: parts.results,
  };
}

function expectRoom(bytes: number): void {
  if (bytes <= LARGEST_PACKET) return;
  throw new SpikewireError('unsupported', 'model', `needs packets of ${bytes} bytes`, `up to ${LARGEST_PACKET}`);
}

/** What the script of the board reads (nengo-fpga e0bd838); `decoders` as they are now. */
export function scriptParameters(form: EnsembleForm, decoders: Float64Array): ScriptParameters {
  const { dt, inputs, neurons, outputs, feedback } = form;
  const matrix = (data: Float64Array, ...shape: number[]) => ({ data, shape });
  return {
    sim_args: { dt },
    ens_args: {
      input_dimensions: { whole: inputs },
      output_dimensions: { whole: outputs },
      n_neurons: { whole: neurons },
      bias: matrix(form.bias, neurons),
      scaled_encoders: matrix(form.encoders, neurons, inputs),
      neuron_type: form.spiking ? 'SpikingRectifiedLinear' : 'RectifiedLinear',
    },
    conn_args: { weights: matrix(decoders, outputs, neurons), learning_rate: form.learningRate },
    recur_args: feedback
      ? { weights: matrix(feedback.weights, inputs, neurons), tau: feedback.tau }
      : { weights: { whole: 0 } },
  };
}

/** Nodes by what they are in the ensemble. */
interface Parts {
  readonly input: ResolvedNode;
  readonly encode: ResolvedNode;
  readonly rectifier: ResolvedNode;
  readonly spikes: ResolvedNode | undefined;
  readonly decode: ResolvedNode;
  readonly filter: ResolvedNode | undefined;
  readonly loop: { readonly weights: ResolvedNode; readonly filter: ResolvedNode } | undefined;
  readonly results: ReadonlyMap<number, 'decoded' | 'filtered'>;
}

function refuse(node: string, problem: string, expected = 'a part of a single ensemble'): never {
  throw new SpikewireError('unsupported', `node "${node}"`, problem, expected);
}

/** The same by index. */
interface Places {
  readonly input: number;
  readonly encode: number;
  readonly rectifier: number;
  readonly spikes: number | undefined;
  readonly decode: number;
  readonly filter: number | undefined;
  readonly loop: { readonly weights: number; readonly filter: number } | undefined;
  readonly results: Parts['results'];
}

function partsOf(graph: ResolvedGraph): Parts {
  const places = placesOf(graph);
  expectNothingElse(graph, places);
  const { nodes } = graph;
  const at = (index: number | undefined) => (index === undefined ? undefined : nodes[index]);
  const { input, encode, rectifier, spikes, decode, filter, loop, results } = places;
  return {
    input: nodes[input]!,
    encode: nodes[encode]!,
    rectifier: nodes[rectifier]!,
    spikes: at(spikes),
    decode: nodes[decode]!,
    filter: at(filter),
    loop: loop && { weights: nodes[loop.weights]!, filter: nodes[loop.filter]! },
    results,
  };
}

function placesOf(graph: ResolvedGraph): Places {
  const { nodes } = graph;
  const inputs = [...nodes.keys()].filter((index) => nodes[index]!.kind.role === 'input');
  if (inputs.length !== 1) throw new SpikewireError('unsupported', 'model', `has ${inputs.length} Inputs`, 'one');
  const next = (index: number, types: readonly string[]) =>
    only(after(graph, index, types), nodes[index]!.name, types.join(' or '));
  const [input] = inputs as [number];
  const encode = next(input, ['Linear', 'Affine']);
  const rectifier = next(encode, ['ReLU']);
  const spikes = after(graph, rectifier, ['IF'])[0];
  const population = spikes ?? rectifier;
  const filters = new Map(
    after(graph, population, ['Linear']).map((weights) => [weights, after(graph, weights, ['Lowpass'])[0]] as const),
  );
  const leads = [...filters].filter(([weights, filter]) =>
    [weights, filter ?? weights].some((index) => after(graph, index, ['Output']).length > 0),
  );
  const decode = only(
    leads.map(([weights]) => weights),
    nodes[population]!.name,
    'decoders before an Output',
  );
  const loop = loopInto(graph, encode, filters);
  return {
    ...{ input, encode, rectifier, spikes, decode, loop },
    filter: filters.get(decode),
    results: resultsOf(graph, filters),
  };
}

/** The targets without a delay, which is what all but the feedback have. */
function after({ nodes, edges }: ResolvedGraph, index: number, types: readonly string[]): number[] {
  return edges
    .filter(({ source, target, delay }) => source === index && delay === 0 && types.includes(nodes[target]!.kind.type))
    .map(({ target }) => target);
}

function only(found: readonly number[], node: string, what: string): number {
  if (found.length !== 1) refuse(node, `leads to ${found.length} nodes of ${what}`, 'one');
  return found[0]!;
}

/** Connections behind the population, and the Lowpass behind each where there is one. */
type Filters = ReadonlyMap<number, number | undefined>;

function loopInto({ nodes, edges }: ResolvedGraph, encode: number, filters: Filters): Places['loop'] {
  const loops = edges.filter(({ target, delay }) => target === encode && delay > 0);
  if (loops.length === 0) return undefined;
  const sources = loops.map(({ source }) => source);
  const filter = only(sources, nodes[encode]!.name, 'feedback');
  const { name } = nodes[filter]!;
  if (loops[0]!.delay !== 1) refuse(name, `feeds back after ${loops[0]!.delay} steps`, '1 step');
  const [weights] = [...filters].find(([, behind]) => behind === filter) ?? [];
  return weights === undefined ? refuse(name, 'feeds back', 'a Lowpass behind decoders') : { weights, filter };
}

function resultsOf(graph: ResolvedGraph, filters: Filters): Parts['results'] {
  const results = new Map<number, 'decoded' | 'filtered'>();
  for (const [weights, filter] of filters) {
    for (const output of after(graph, weights, ['Output'])) results.set(output, 'decoded');
    for (const output of filter === undefined ? [] : after(graph, filter, ['Output'])) results.set(output, 'filtered');
  }
  return results;
}

/** Refuses nodes and edges beside the ensemble. */
function expectNothingElse(graph: ResolvedGraph, places: Places): void {
  const { input, encode, rectifier, spikes, decode, filter, loop, results } = places;
  const population = spikes ?? rectifier;
  const ways = [[decode, filter], ...(loop ? [[loop.weights, loop.filter]] : [])] as const;
  const used = new Set([input, encode, rectifier, spikes, ...ways.flat(), ...results.keys()]);
  const stranger = graph.nodes.findIndex((_, index) => !used.has(index));
  if (stranger >= 0) refuse(graph.nodes[stranger]!.name, 'is beside the ensemble');
  expectNoOtherEdges(graph, [
    [input, encode],
    [encode, rectifier],
    ...(spikes === undefined ? [] : [[rectifier, spikes]]),
    ...ways.flatMap(([weights, behind]) => [
      [population, weights!],
      ...(behind === undefined ? [] : [[weights!, behind]]),
    ]),
    ...(loop === undefined ? [] : [[loop.filter, encode, 1]]),
    ...[...results].map(([output, from]) => [from === 'decoded' ? decode : filter!, output]),
  ]);
}

/** `known`: source, target and delay, which is 0 where it is absent. */
function expectNoOtherEdges({ nodes, edges }: ResolvedGraph, known: readonly (readonly number[])[]): void {
  const names = new Set(known.map(([source, target, delay = 0]) => `${source} ${target} ${delay}`));
  const other = edges.find(({ source, target, delay }) => !names.has(`${source} ${target} ${delay}`));
  if (other === undefined) return;
  const [source, target] = [nodes[other.source]!.name, nodes[other.target]!.name];
  refuse(source, `leads to "${target}" past the ensemble`);
}

/** Hz of the board for one unit of what arrives at each neuron. */
function hertzPerUnit(spikes: ResolvedNode | undefined, neurons: number, dt: number): Float64Array {
  if (spikes === undefined) return new Float64Array(neurons).fill(1 / dt);
  const [r, threshold] = ['r', 'v_threshold'].map((key) => numbersOf(spikes.node, key)?.data ?? [1]);
  const of = (numbers: ArrayLike<number>, n: number) => numbers[numbers.length === 1 ? 0 : n]!;
  const rates = Float64Array.from({ length: neurons }, (_, n) => of(r!, n) / of(threshold!, n));
  // A rectifier passes no sign, so that a scale above 0 may stand before it.
  if (rates.some((rate) => !(rate > 0))) refuse(spikes.name, 'has an r or a v_threshold of 0 or less', 'more than 0');
  return rates;
}

function sharedTau({ name, node, semantics }: ResolvedNode): number {
  const taus = numbersOf(node, 'tau')!.data;
  if (Array.from(taus).some((tau) => tau !== taus[0])) refuse(name, 'has several tau', 'one for the whole feedback');
  if (semantics.integrate !== 'exact') refuse(name, `has semantics.integrate "${semantics.integrate}"`, 'exact');
  const first = numbersOf(node, 'v_initial')?.data ?? [];
  if (Array.from(first).some((value) => value !== 0)) refuse(name, 'has a v_initial', 'none, in a feedback');
  return taus[0]!;
}

function filterOf({ name, kind, node, semantics }: ResolvedNode, size: number): OutputFilter {
  const { decay, gain, bias, initial } =
    kind.role === 'neuron' ? kind.linear!(node, size, semantics) : refuse(name, '');
  return { name, decay, gain, bias, initial: initial.v! };
}

/** The board learns by PES alone, from the activity of the very step that it computes. */
function learningRateOf({ learning }: Model, decoder: string, keepsState: boolean): number {
  for (const [name, rules] of learning) {
    if (name !== decoder) refuse(name, 'learns', `learning at "${decoder}", the decoders`);
    if (rules.length !== 1) refuse(name, `has ${rules.length} rules`, 'one');
    const { rule, parameters, ...more } = rules[0]!;
    if (rule !== 'pes') refuse(name, `learns by ${rule}`, 'pes');
    const other = Object.entries(more).find(([, value]) => value !== undefined)?.[0];
    if (other !== undefined) refuse(name, `learns with ${other}`, 'pes alone');
    const tau = Number(parameters.tauPre ?? 0.005);
    if (tau !== 0) refuse(name, `learns with a tauPre of ${tau} s`, '0: the protocol carries no filter of activity');
    if (keepsState)
      refuse(name, 'learns behind spiking neurons or feedback', 'a ReLU alone: a lesson repeats its step');
    return Number(parameters.learningRate);
  }
  return 0;
}
