// What docs/formats.md says: which kinds each format of model files carries, found by writing and reading an example of
// every kind. Written by `npm run docs`.
import { fileURLToPath } from 'node:url';
import { formats as foreign } from '@spikewire/exchange/formats';
import {
  baseOf,
  decoderKinds,
  encoderKinds,
  featureKinds,
  modelDecoder,
  nodeKinds,
  formats as own,
  parseModel,
  plasticityKinds,
  quantize,
  RandomGenerator,
  readWith,
  resolveGraph,
  SpikewireError,
  withLearnedWeights,
  writeWith,
} from '@spikewire/models';

export const FORMATS = fileURLToPath(new URL('../docs/formats.md', import.meta.url));

const all = [...own, ...foreign];
/** What is only read has no files of its own to say what it carries. */
const writable = all.filter(({ write }) => write !== undefined);

const HEAD = `# Formats

What a model can be read from and written to: \`spikewire import\`, \`spikewire export\`, and every command that opens a
model. Made by \`npm run docs\`, which writes and reads an example of every kind in every format; a test says when it is
stale.
`;

const LEGEND = `In the tables, ✓ is a kind that a format carries whole, and – one that it refuses or leaves to others. \`int8\` is one
that it carries in an integer model (\`spikewire quantize\`), float one that it carries in others, ≈ one of whose example
it carries a part: \`spikewire export --nearest\` names what is lost, such as a refractory time. A format that does not
read what it wrote carries what makes a difference to its bytes, comments aside.
`;

const LEARNED = `What a net has learned is written by \`spikewire export --state\`: "learns on" where a net of the file learns on from
there, "fixed" where the file has the numbers as learned and no learning.
`;

/** The whole page. */
export function formatsPage() {
  const names = writable.map(({ name }) => name);
  const chapters = Object.entries(examples).map(([title, list]) => {
    const rows = list.map(({ name, models, bare }) => [
      `\`${name}\``,
      ...writable.map((format) => marksOf(format, models, bare)),
    ]);
    return `## ${title}\n\n${table(['kind', ...names], rows)}`;
  });
  const learned = Object.entries(learnedModels()).map(([name, models]) => [
    name,
    ...writable.map((format) => keeps(format, ...models)),
  ]);
  const state = `## Learned state\n\n${LEARNED}\n${table(['', ...names], learned)}`;
  const rows = all.map(({ name, extensions, read, write, summary }) => [
    `\`${name}\``,
    extensions.map((ending) => `\`${ending}\``).join(', '),
    [read && 'read', write && 'written'].filter(Boolean).join(', '),
    summary,
  ]);
  return [HEAD, table(['format', 'endings', '', ''], rows), LEGEND, state, ...chapters].join('\n');
}

function table(head, rows) {
  return `${[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

/** One mark where all examples agree. */
function marksOf(format, models, bare) {
  return [...new Set(models.map((model) => carries(format, model, bare)))].join(', ');
}

function carries(format, model, bare) {
  const whole = integerOf(model);
  const [float, int8] = [model, whole].map((each) => each !== undefined && comesBack(format, each, bare));
  if (float && (int8 || whole === undefined)) return '✓';
  return float ? 'float' : int8 ? '`int8`' : comesClose(format, model, bare) ? '≈' : '–';
}

/** Whether the closest model that a format can say differs from that of a model without the kind. */
function comesClose(format, model, bare) {
  const nearest = (each) => attempt(() => writeWith(format, format.nearest(each).model));
  if (format.nearest === undefined) return false;
  const [bytes, without] = [nearest(model), nearest(bare(model))];
  return bytes !== undefined && (without === undefined || !Buffer.from(bytes).equals(without));
}

function comesBack(format, model, bare) {
  const whole = own.includes(format) ? model : taught(model);
  const bytes = attempt(() => writeWith(format, whole));
  if (bytes === undefined) return false;
  const back = format.read === undefined ? undefined : attempt(() => readWith(format, bytes).model);
  if (back !== undefined) return numbersOf(back) === numbersOf(model);
  const without = attempt(() => writeWith(format, bare(model)));
  return without === undefined || withoutComments(bytes) !== withoutComments(without);
}

/** What a net has learned, each with the same net before that. */
function learnedModels() {
  const pes = plasticityKinds.find(({ rule }) => rule === 'pes');
  const model = netOf({ learning: { fc: { rule: 'pes', ...pes.examples[0] } } });
  const weights = Float64Array.from({ length: SIZE * SIZE }, (_, k) => ((7 * k) % 5) / 4 - 0.5);
  const learn = (each) => [withLearnedWeights(each, new Map([['fc', { weights }]])), each];
  const readout = examples.Decoders.find(({ name }) => name === 'teachable').models[0];
  return {
    'weights of a float model': learn(model),
    'weights of an integer model': learn(integerOf(model)),
    'a read-out that was taught': [taught(integerOf(readout)), integerOf(readout)],
  };
}

function keeps(format, learned, before) {
  if (own.includes(format) && format.read !== undefined)
    return numbersOf(readWith(format, writeWith(format, learned)).model) === numbersOf(learned) ? 'learns on' : '–';
  const [after, former] = [learned, before].map((model) =>
    attempt(() => withoutComments(writeWith(format, { ...model, learning: new Map() }))),
  );
  return after !== undefined && after !== former ? 'fixed' : '–';
}

const withoutComments = (bytes) =>
  Buffer.from(bytes)
    .toString('latin1')
    .replace(/\/\*.*?\*\//gs, '');

const integerOf = (model) =>
  attempt(() => quantize(model, { bits: 8, calibration: { states: new Map([['cell', 8]]) }, warn: () => {} }));

/** All of a model as text, in which numbers have no format, and members no order. */
function numbersOf(model) {
  return JSON.stringify({ ...model, graph: meaningOf(model) }, (_key, value) => {
    if (ArrayBuffer.isView(value)) return [...value];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const members = value instanceof Map ? [...value] : Object.entries(value);
    return members.sort(([a], [b]) => (a < b ? -1 : 1));
  });
}

/** What follows from the graph, which some formats write down. */
const SHAPES = ['shape', 'input_shape', 'input_type'];

/** A graph with all parameters: one number that stands for all means the same as a full array, as does a default. */
function meaningOf({ graph, semantics }) {
  const { nodes, edges } = resolveGraph(graph, semantics);
  const parts = nodes.map(({ name, kind, node, ...rest }) => {
    const parameters = Object.entries(kind.parameters).filter(([key]) => !SHAPES.includes(key));
    const values = parameters.map(([key, declared]) => [key, meantBy(node.parameters[key] ?? declared.default)]);
    return [name, { ...rest, type: kind.type, parameters: Object.fromEntries(values) }];
  });
  const ends = edges.map(({ source, target, ...rest }) => [nodes[source].name, nodes[target].name, rest]);
  return { nodes: new Map(parts), edges: ends.map((end) => JSON.stringify(end)).sort() };
}

function meantBy(value) {
  const data = value?.data;
  return data === undefined ? value : data.every((each) => each === data[0]) ? data[0] : [...data];
}

/** Undefined where it is refused. */
function attempt(task) {
  try {
    return task();
  } catch (error) {
    if (error instanceof SpikewireError) return undefined;
    throw error;
  }
}

const weightsOf = (outputs, inputs) =>
  Array.from({ length: outputs }, (_, o) => Array.from({ length: inputs }, (_, i) => ((o + i) % 3) - 1));

const LIF = { type: 'LIF', tau: 0.02, v_threshold: 1 };
const LI = { type: 'LI', tau: 0.02 };
const SIZE = 8;

/** A net of one population, with an example in it. */
function netOf({ shape = [SIZE], through, cell = LIF, ports = [undefined], dt = 0.001, ...sections }) {
  const size = shape.reduce((product, length) => product * length, 1);
  const arrivals = ports.map((port) => ['fc', 'cell', ...(port === undefined ? [] : [{ port }])]);
  return parseModel({
    nodes: {
      in: { type: 'Input', shape },
      fc: through ?? { type: 'Linear', weight: weightsOf(SIZE, size) },
      cell,
      out: { type: 'Output' },
    },
    edges: [['in', 'fc'], ...arrivals, ['cell', 'out']],
    semantics: { dt },
    sample: { steps: 50, between: 'reset' },
    ...sections,
  });
}

/** A read-out that can be taught was taught something, which is what there is to carry. */
function taught(model) {
  if (!model.decoder.has('out')) return model;
  const decoder = modelDecoder(model, 'out', { size: SIZE, dt: 0.001, random: new RandomGenerator(1, 'taught') });
  if (decoder.teachable === undefined) return model;
  for (const name of model.labels) decoder.teachable.teach(new Uint8Array(SIZE), name);
  decoder.teachable.settle();
  return { ...model, base: new Map([['out', baseOf(decoder)]]) };
}

const plain = () => integerOf(netOf({}));

const byRole = (role) => nodeKinds.filter((kind) => kind.role === role);
const written = ({ type, parameters }) => ({ type, ...parameters });

/** By chapter each kind with the models of its examples, and what is left of one without the kind. */
const examples = {
  Neurons: byRole('neuron').map(({ type, ports, examples: list }) => ({
    name: type,
    models: list.map(({ node, dt }) => netOf({ cell: { type, ...node }, dt, ports })),
    bare: plain,
  })),
  Connections: byRole('connection').map(({ type, examples: list }) => ({
    name: type,
    models: list.map(({ node, input }) => netOf({ shape: input, through: { type, ...node } })),
    bare: plain,
  })),
  Features: featureKinds.map(({ type, examples: list }) => ({
    name: type,
    models: list.map(({ stages, outputs }) => {
      const chain = stages.map((stage) => (Array.isArray(stage) ? stage.map(written) : written(stage)));
      return netOf({ shape: [2 * outputs], encoder: { in: { type: 'direct' } }, features: { in: chain } });
    }),
    bare: ({ features: _features, ...model }) => model,
  })),
  Encoders: encoderKinds.map(({ type, examples: list }) => ({
    name: type,
    models: list.map(({ parameters, elements = 1 }) =>
      netOf({ shape: [2 * elements], encoder: { in: { type, ...parameters } }, decoder: { out: { type: 'count' } } }),
    ),
    bare: (model) => ({ ...model, encoder: new Map() }),
  })),
  Decoders: decoderKinds.map(({ type, examples: list }) => ({
    name: type,
    models: list.map(({ parameters, state }) =>
      netOf({
        cell: state ? LI : LIF,
        encoder: { in: { type: 'direct' } },
        decoder: { out: { type, ...parameters } },
        labels: ['a', 'b'],
      }),
    ),
    bare: (model) => ({ ...model, decoder: new Map() }),
  })),
  'Learning rules': plasticityKinds.map(({ rule, examples: list }) => ({
    name: rule,
    models: list.map((parameters) => netOf({ learning: { fc: { rule, ...parameters } } })),
    bare: (model) => ({ ...model, learning: new Map() }),
  })),
};

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(formatsPage());
