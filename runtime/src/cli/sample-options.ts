import {
  type CodingDeclaration,
  elementCount,
  type Model,
  type ResolvedGraph,
  resolveGraph,
  SpikewireError,
} from '@spikewire/models';
import type { CommandArguments, OptionDeclaration } from './command.ts';

const GROUP = 'Readings and answers, if the format does not define them';
const STEPS = 20;
const LARGEST = 1;
/** κ·dt of PES: where a third of the neurons spike in a step, a lesson takes about half of the error from a count. */
const RATE = 0.5;

const option = (value: string, doc: string): OptionDeclaration => ({ type: 'string', value, doc, group: GROUP });

/** What a file of others does not say of the readings and answers of its net. */
export const sampleOptions = {
  channels: option(
    '<name,name>',
    'names of the numbers in a reading; each number is the input current of one input neuron',
  ),
  largest: option('<number>', `limit readings to this absolute value (default ${LARGEST})`),
  steps: option('<n>', `time steps per reading (default ${STEPS})`),
  labels: option(
    '<name,name>',
    'classes of the outputs, in the order of the outputs; the answer is the output with the most spikes (or, if ' +
      'outputs do not spike, with the highest membrane)',
  ),
  rule: option('pes', 'let labels and targets change the weights of the output layer, by the rule PES'),
} as const satisfies Readonly<Record<string, OptionDeclaration>>;

/** The model with what the options say of its readings and answers. Throws `usage`. */
export function withSampleOptions(model: Model, args: CommandArguments): Model {
  const channels = args.text('channels')?.split(',');
  if (channels === undefined) {
    refuseSampleOptions(args, 'has no effect without --channels', '--channels <name,name>');
    return model;
  }
  const graph = resolveGraph(model.graph, model.semantics);
  const [input, output] = [theOnly(graph, 'input', 'channels'), theOnly(graph, 'output', 'channels')];
  expectAsMany('channels', channels, sizeOf(graph, input));
  const labels = args.text('labels')?.split(',') ?? [];
  if (labels.length > 0) expectAsMany('labels', labels, sizeOf(graph, output));
  const steps = args.number('steps', { minimum: 1, whole: true }) ?? STEPS;
  const largest = args.number('largest', { minimum: Number.MIN_VALUE }) ?? LARGEST;
  // The gain makes currents of the readings themselves.
  const encoder: CodingDeclaration = { type: 'direct', parameters: { range: [-largest, largest], gain: largest } };
  const answering = sourcesOf(graph, output);
  return {
    ...model,
    channels: channels.map((name) => ({ name, unit: '' })),
    labels,
    sample: { steps, between: 'reset' },
    encoder: new Map([[graph.nodes[input]!.name, encoder]]),
    decoder: new Map([[graph.nodes[output]!.name, decoderOf(graph, answering, labels)]]),
    ...(args.text('rule') !== undefined && {
      learning: learningOf(graph, answering, args.text('rule')!, model, steps),
    }),
  };
}

/** Throws `usage` for the first of these options that is given. */
export function refuseSampleOptions(args: CommandArguments, problem: string, expected: string): void {
  const given = Object.keys(sampleOptions).find((name) => args.text(name) !== undefined);
  if (given !== undefined) throw wrong(given, problem, expected);
}

/** The most spikes or the highest membrane of classes, else what the outputs hold. */
function decoderOf(
  { nodes }: ResolvedGraph,
  answering: readonly number[],
  labels: readonly string[],
): CodingDeclaration {
  const { kind } = nodes[answering[0]!]!;
  const emitsSpikes = kind.role === 'neuron' && kind.emits === 'spikes';
  if (labels.length === 0) return { type: emitsSpikes ? 'count' : 'linear', parameters: {} };
  return { type: emitsSpikes ? 'count' : 'membrane-softmax', parameters: {} };
}

/** On the connections in front of the answering neurons, with traces as long as a reading. */
function learningOf(
  graph: ResolvedGraph,
  answering: readonly number[],
  rule: string,
  { semantics: { dt } }: Model,
  steps: number,
): Model['learning'] {
  if (rule !== 'pes') throw wrong('rule', `is "${rule}"`, 'pes');
  const parameters = { learningRate: RATE * dt, tauPre: steps * dt };
  const { nodes } = graph;
  const learning = answering
    .flatMap((index) => sourcesOf(graph, index))
    .filter((index) => ['Linear', 'Affine', 'Sparse'].includes(nodes[index]!.node.type))
    .map((index) => [nodes[index]!.name, [{ rule, parameters }]] as const);
  if (learning.length > 0) return new Map(learning);
  throw wrong('rule', 'finds no weights that lead to the outputs', 'a Linear or Affine node there');
}

function theOnly({ nodes }: ResolvedGraph, role: 'input' | 'output', name: string): number {
  const found = nodes.flatMap(({ kind }, index) => (kind.role === role ? [index] : []));
  if (found.length === 1) return found[0]!;
  throw wrong(name, `needs one ${role}, and the net has ${found.length}`, `a net with one ${role}`);
}

const sizeOf = ({ nodes }: ResolvedGraph, index: number) => elementCount(nodes[index]!.shape);

const sourcesOf = ({ edges }: ResolvedGraph, index: number) =>
  edges.filter(({ target }) => target === index).map(({ source }) => source);

function expectAsMany(name: string, names: readonly string[], size: number): void {
  if (names.length === size) return;
  throw wrong(name, `has ${names.length} ${names.length === 1 ? 'name' : 'names'}`, `${size}, one for each element`);
}

function wrong(name: string, problem: string, expected: string): SpikewireError {
  return new SpikewireError('usage', `spikewire import --${name}`, problem, expected);
}
