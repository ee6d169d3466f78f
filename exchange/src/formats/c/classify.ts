import { elementCount, type IntegerForm, type Model } from '@spikewire/models';
import { beyondInC } from './beyond.ts';
import { CODING_IN_C } from './coding.ts';
import { type DecoderInC, decoderInC } from './decoders.ts';
import { type EncoderInC, encoderInC } from './encoders.ts';
import { type OutputInC, outputInC } from './outputs.ts';
import { doubleLiteral, indented, plain, stringLiteral } from './text.ts';

/** The call that takes a reading and gives a class, with what is said of it in the head of the header. */
export interface ClassifyInC {
  readonly remark: string;
  /** C that comes after the step of the net; empty where there is no such call. */
  readonly code: string;
}

interface InputInC extends EncoderInC {
  readonly index: number;
  readonly name: string;
  readonly elements: number;
  /** First of its numbers in a reading. */
  readonly first: number;
}

/**
 * From a reading to a class as a session does it, where encoders and decoder can be written in C; else the remark says
 * what is missing.
 */
export function classifyInC(model: Model, form: IntegerForm): ClassifyInC {
  const coding = codingOf(model, form);
  if (typeof coding === 'string') {
    return {
      remark: `   There is no net_classify: ${coding}. The caller encodes readings and decodes outputs.\n`,
      code: '',
    };
  }
  const { inputs, decoder } = coding;
  return {
    remark: remarkOf(model, inputs, decoder),
    code: codeOf(model, coding),
  };
}

interface OutputBuffer extends OutputInC {
  readonly elements: number;
}

interface Coding {
  readonly inputs: readonly InputInC[];
  readonly output: OutputBuffer;
  readonly outputs: readonly OutputBuffer[];
  readonly decoder: DecoderInC;
}

function codingOf(model: Model, form: IntegerForm): Coding | string {
  const { nodes, semantics } = form.wiring.graph;
  const outputs = nodes.flatMap(({ kind, shape }, index): OutputBuffer[] =>
    kind.role === 'output' ? [{ ...outputInC(form, index), elements: elementCount(shape) }] : [],
  );
  const output = outputs[0]!;
  const decoder = decoderInC(model, form, output.index);
  if (typeof decoder === 'string') return decoder;
  const inputs: InputInC[] = [];
  let first = 0;
  for (const [k, { kind, name, shape }] of nodes.entries()) {
    if (kind.role !== 'input') continue;
    const declaration = model.encoder.get(name);
    if (declaration === undefined) return `Input "${plain(name)}" has no encoder`;
    const size = elementCount(shape);
    const encoder = encoderInC(declaration.type, {
      ...{ index: k, parameters: declaration.parameters, size, steps: model.sample.steps, dt: semantics.dt },
      quantization: form.quantization.inputs.get(name)!,
    });
    if (typeof encoder === 'string') return encoder;
    inputs.push({ ...encoder, index: k, name, elements: size, first });
    first += encoder.channels;
  }
  return { inputs, output, outputs, decoder };
}

/** The real value of element n. */
const emittedOf = ({ index, unit = 1 }: OutputInC) =>
  `c->out${index}[n]${unit === 1 ? '' : ` * ${doubleLiteral(unit)}`}`;

const numbersOf = (inputs: readonly InputInC[]) => inputs.reduce((sum, { channels }) => sum + channels, 0);

/** More numbers are not listed one by one. */
const MOST_LISTED = 64;

function remarkOf(model: Model, inputs: readonly InputInC[], { remark, ...decoder }: DecoderInC): string {
  const { steps, rest, between } = model.sample;
  const numbers = inputs.flatMap(({ range }) => Array.from(range.low, (low, n) => `${low} to ${range.high[n]}`));
  const isNamed = model.features === undefined && model.channels.length === numbers.length;
  const nameOf = ({ name, unit }: { readonly name: string; readonly unit: string }) =>
    plain(unit === '' ? name : `${name} in ${unit}`);
  const isListed = numbers.length <= MOST_LISTED && (isNamed || new Set(numbers).size > 1);
  const lines = isListed
    ? numbers.map((range, n) => `     [${n}] ${isNamed ? `${nameOf(model.channels[n]!)}, ` : ''}${range}`)
    : [`     all ${new Set(numbers).size > 1 ? 'within ranges of their own' : numbers[0]}`];
  const begins = between === 'reset' ? 'which starts again with each' : 'which continues from the reading before';
  const resting = rest === undefined ? '' : ` after ${rest} without input`;
  const more = [...(remark ? [remark] : []), ...(needsExp(inputs, decoder) ? ['Link with -lm.'] : [])]
    .map((line) => `   ${line}\n`)
    .join('');
  return `   net_classify gives the class of a reading:
     static net_classifier c;             all zeros before the first reading
     int k = net_classify(&c, reading);   an index in net_class; -1 for a reading with a number that is not finite
   It gives NET_UNKNOWN for a reading far beyond what the net knows; c.likeliest is then what it would be taken for.
   A reading has ${numbers.length} numbers; one beyond its range counts as the end of the range:
${lines.join('\n')}
   A reading takes ${steps} steps of the net${resting}, ${begins}.
${featuresRemark(model)}${more}   For a coding of your own, call the net itself.
`;
}

const needsExp = (inputs: readonly InputInC[], decoder: Pick<DecoderInC, 'needsExp'>) =>
  decoder.needsExp === true || inputs.some((input) => input.needsExp);

function featuresRemark({ features = new Map() }: Pick<Model, 'features'>): string {
  const kinds = [...features.values()].flatMap((stages) => stages.flat()).map(({ type }) => type);
  if (kinds.length === 0) return '';
  return `   These numbers are what the model's features give. The header does not compute features; the caller does:
     ${plain(kinds.join(', '))}\n`;
}

function codeOf(model: Model, { inputs, output, outputs, decoder }: Coding): string {
  const { steps, rest = 0, between } = model.sample;
  const numbers = numbersOf(inputs);
  const buffers = [
    ...inputs.map(({ index, elements }) => `int8_t in${index}[${elements}];\n`),
    ...outputs.map(({ index, type, elements }) => `${type} out${index}[${elements}];\n`),
  ];
  const words = [...inputs.map(({ index }) => `c->in${index}`), ...outputs.map(({ index }) => `c->out${index}`)];
  const names = decoder.classes.map((name) => `  ${stringLiteral(name)}`).join(',\n');
  const samples = inputs.map(({ first, sample }) => `{\nconst double *x = reading + ${first};\n${sample}}\n`);
  const cleared = inputs.map(({ index }) => `net_zero(c->in${index}, sizeof c->in${index});\n`);
  const encoded = inputs.map(({ index, step }) => `{\nint8_t *in = c->in${index};\n${step}}\n`);
  return `
${inputs.some((input) => input.needsExp) ? '#include <math.h>\n' : ''}${CODING_IN_C}
enum { NET_NUMBERS = ${numbers}, NET_CLASSES = ${decoder.classes.length}, NET_UNKNOWN = -2 };
static const char *const net_class[NET_CLASSES] = {
${names}
};
${inputs.map(({ constants }) => constants).join('')}${decoder.constants}
/* All zeros before the first reading. */
typedef struct {
  net net;
  int begun, likeliest;
  double answer[${output.elements}];
${indented(buffers.join('') + inputs.map(({ state }) => state).join(''))}} net_classifier;

static inline int net_likeliest(net_classifier *c, const double *reading) {
  for (int k = 0; k < NET_NUMBERS; k++)
    if (!net_finite(reading[k])) return -1;
  ${between === 'reset' ? '' : 'if (!c->begun) '}net_start(&c->net);
  c->begun = 1;
${indented(samples.join(''))}  for (int n = 0; n < ${output.elements}; n++) c->answer[n] = 0;
${indented(cleared.join(''))}  for (int t = ${-rest}; t < ${steps}; t++) {
    if (t >= 0) {
${indented(indented(indented(encoded.join(''))))}    }
    net_step(&c->net, ${words.join(', ')});
    if (t < 0) continue;
    for (int n = 0; n < ${output.elements}; n++) ${decoder.step(emittedOf(output))}
  }
${indented(decoder.end)}}
${beyondInC(model, inputs)}
static inline int net_classify(net_classifier *c, const double *reading) {
  c->likeliest = net_likeliest(c, reading);
  return c->likeliest >= 0 && net_beyond(reading) ? NET_UNKNOWN : c->likeliest;
}
`;
}
