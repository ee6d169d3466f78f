import {
  type Connectivity,
  elementCount,
  type ImmediateFormat,
  type IntegerForm,
  integerFormOf,
  linearDynamics,
  type Model,
  type NeuronQuantization,
  neuronConstants,
  type ResolvedGraph,
  type ResolvedNode,
  resolveGraph,
  SpikewireError,
  sharing,
  type Wiring,
} from '@spikewire/models';
import { classifyInC } from './classify.ts';
import { type OutputInC, outputInC, sumOfReals } from './outputs.ts';
import { STEP_IN_C } from './step.ts';
import { constantArray, indented, plain, wholeLiteral } from './text.ts';

/**
 * The net of an integer model in C99: weights and constants as arrays, and the step of docs/semantics.md §2 over them,
 * bit for bit as every engine computes it; around it, where C has them, the encoders and the decoder, so that one call
 * takes a reading and gives a class. Features are the caller's. Throws `unsupported` for a float model and for
 * connections that learn, with the node.
 */
export const cHeader: ImmediateFormat = {
  name: 'c',
  summary: 'C header of an integer model, with its encoders and decoder, if they are available in C',
  extensions: ['.h'],
  sniff: (bytes) => new TextDecoder().decode(bytes.subarray(0, MARK.length)) === MARK,
  write: (model) => new TextEncoder().encode(headerOf(model)),
};

const MARK = '/* A spiking net, written by spikewire';

function headerOf(model: Model): string {
  refuseLearning(model);
  const graph = resolveGraph(model.graph, model.semantics);
  const form = integerFormOf(model, graph);
  const parts = graph.nodes.map((node, index) => partOf(form, node, index));
  const all = (key: keyof Part) => parts.map((part) => part[key]).join('');
  const outputs = indicesOf(graph, 'output').map((index) => outputInC(form, index));
  const parameters = [...indicesOf(graph, 'input').map(inputOf), ...outputs.map(parameterOf)].join(', ');
  const classify = classifyInC(model, form);
  return `${MARK}.
${classify.remark}   A step is ${model.semantics.dt} s. net_start(&s), then once per step net_step(&s, ${parameters}):
${indicesOf(graph, 'input')
  .map((index) => describeInput(form, index))
  .join('')}\
${outputs.map((output) => describeOutput(form, output)).join('')}*/
#ifndef SPIKEWIRE_NET_H
#define SPIKEWIRE_NET_H
${STEP_IN_C}
${all('constants')}
typedef struct {
${all('state')}} net;

static inline void net_start(net *s) {
  net_zero(s, sizeof *s);
${all('start')}}

static inline void net_step(net *s, ${parameters}) {
${all('step')}${all('end')}}
${classify.code}#endif
`;
}

function indicesOf({ nodes }: ResolvedGraph, role: 'input' | 'output'): number[] {
  return nodes.flatMap(({ kind }, index) => (kind.role === role ? [index] : []));
}

const inputOf = (index: number) => `const int8_t *in${index}`;
const parameterOf = ({ index, type }: OutputInC) => `${type} *out${index}`;

function describeInput({ wiring, quantization }: IntegerForm, index: number): string {
  const { name, shape } = wiring.graph.nodes[index]!;
  const { scale, maximum } = quantization.inputs.get(name)!;
  const range = `-${maximum} to ${maximum}`;
  return `   in${index}: ${plain(name)}, ${elementCount(shape)} whole numbers ${range}, each a value divided by ${scale}\n`;
}

function describeOutput({ wiring }: IntegerForm, { index, unit }: OutputInC): string {
  const { name, shape } = wiring.graph.nodes[index]!;
  const whole = unit === undefined ? '' : `, whole numbers of ${unit} each`;
  return `   out${index}: ${plain(name)}, ${elementCount(shape)} sums of what arrives${whole}\n`;
}

function refuseLearning({ learning, graph }: Model): void {
  const [name] = learning.keys();
  if (name === undefined) return;
  const where = `node "${name}" (${graph.nodes.get(name)?.type ?? 'in a sub-graph'})`;
  throw new SpikewireError(
    'unsupported',
    where,
    'learns, which a C header does not support',
    'a model without learning',
  );
}

/** What a node adds to the parts of the header. */
interface Part {
  readonly constants: string;
  /** Members of the state. */
  readonly state: string;
  readonly start: string;
  readonly step: string;
  /** After the step of all nodes. */
  readonly end: string;
}

function partOf(form: IntegerForm, node: ResolvedNode, index: number): Part {
  const ring = ringOf(form.wiring, index);
  const {
    constants = '',
    state = '',
    start = '',
    step,
    end = '',
  } = bodyOf(form, node, index, elementCount(node.shape));
  const role = node.kind.role;
  const emits = `  ${emittedType(node)} *e = s->${ring.now};\n`;
  return {
    constants: constants === '' ? '' : `/* ${plain(node.name)} (${node.kind.type}) */\n${constants}`,
    state: role === 'output' ? '' : ring.declare(emittedType(node), elementCount(node.shape)) + state,
    start,
    step: `  { /* ${plain(node.name)} (${node.kind.type}) */\n${indented((role === 'output' ? '' : emits) + step)}  }\n`,
    end: role === 'output' ? '' : ring.advance + end,
  };
}

/** What a node emitted in the last steps, as far back as an edge from it looks. */
function ringOf({ outgoing }: Wiring, index: number): Ring {
  return ring(`e${index}`, 1 + Math.max(0, ...outgoing[index]!.map(({ delay }) => delay)));
}

interface Ring {
  declare(type: string, size: number): string;
  /** The members of the state for this step and for `delay` steps ago. */
  readonly now: string;
  ago(delay: string | number): string;
  readonly advance: string;
}

/** The last `slots` steps of an array; its place is counted without division, which small processors have not. */
function ring(name: string, slots: number): Ring {
  if (slots === 1) {
    const only = `${name}[0]`;
    return { declare: (type, size) => `  ${type} ${name}[1][${size}];\n`, now: only, ago: () => only, advance: '' };
  }
  const at = `s->at_${name}`;
  return {
    declare: (type, size) => `  ${type} ${name}[${slots}][${size}];\n  int32_t at_${name};\n`,
    now: `${name}[${at}]`,
    ago: (delay) =>
      delay === 0 ? `${name}[${at}]` : `${name}[${at} < ${delay} ? ${at} + ${slots} - ${delay} : ${at} - ${delay}]`,
    advance: `  if (++${at} == ${slots}) ${at} = 0;\n`,
  };
}

/** Inputs, spikes and what a read-out hands on have 8 bits. */
const emittedType = ({ kind }: ResolvedNode) => (kind.role === 'connection' ? 'int32_t' : 'int8_t');

type Body = Partial<Part> & Pick<Part, 'step'>;

function bodyOf(form: IntegerForm, node: ResolvedNode, index: number, size: number): Body {
  const { quantization, wiring } = form;
  const each = `  for (int n = 0; n < ${size}; n++) `;
  if (node.kind.role === 'input') {
    const { maximum } = quantization.inputs.get(node.name)!;
    return { step: `${each}e[n] = net_clamp(in${index}[n], ${-maximum}, ${maximum});\n` };
  }
  const { pointers, sum } = arrivalsOf(form, index);
  if (node.kind.role === 'output') {
    const { unit } = outputInC(form, index);
    return { step: `${pointers}${each}out${index}[n] = ${unit === undefined ? sumOfReals(form, index) : sum('n')};\n` };
  }
  const body =
    node.kind.role === 'connection'
      ? connectionBody(
          node,
          wiring.connectivity[index]!,
          quantization.connections.get(node.name)?.shift ?? 0,
          index,
          sum,
        )
      : populationBody(node, neuronConstants(quantization, node), index, size, sum);
  return { ...body, step: pointers + body.step };
}

/** The sum, in C, of what arrives at the element of an index. */
type Sum = (index: string) => string;

/** Pointers to what the sources of a node emitted as many steps ago as their edges take, and the sum over them. */
function arrivalsOf({ wiring }: IntegerForm, index: number): { readonly pointers: string; readonly sum: Sum } {
  const edges = wiring.incoming[index]!;
  const pointers = edges.map(({ source, delay }, k) => {
    const type = emittedType(wiring.graph.nodes[source]!);
    return `  const ${type} *x${k} = s->${ringOf(wiring, source).ago(delay)};\n`;
  });
  const sum: Sum = (at) => edges.map((_, k) => `x${k}[${at}]`).join(' + ') || '0';
  return { pointers: pointers.join(''), sum };
}

function connectionBody(node: ResolvedNode, connectivity: Connectivity, shift: number, index: number, sum: Sum): Body {
  const { structure, inputs, outputs, weights } = connectivity;
  if (structure === 'elementwise' && connectivity.delays !== undefined)
    return lateBody(connectivity.delays, index, sum);
  if (structure === 'selection') {
    const where = `node "${node.name}" (${node.kind.type})`;
    throw new SpikewireError('unsupported', where, 'is not written in C', 'SumPool2d, AvgPool2d or a stride');
  }
  const clear = `  net_clear(e, ${outputs});\n`;
  const each = `  for (int32_t i = 0; i < ${inputs}; i++) `;
  if (structure === 'dense') {
    const take = `net_take(&rows, w${index} + i * ${outputs}, ${outputs}, net_raised(${sum('i')}, ${shift}), e);\n`;
    const step = `${clear}  net_rows rows = {0};\n${each}${take}  net_add(&rows, ${outputs}, e);\n`;
    return { constants: wholeArray(`int8_t w${index}`, byInput(weights!, inputs, outputs)), step };
  }
  const first: number[] = [0];
  const target: number[] = [];
  const listed: number[] = [];
  for (let input = 0; input < inputs; input++) {
    connectivity.forEachSynapse(input, (output, k) => {
      target.push(output);
      listed.push(weights?.[k] ?? 1);
    });
    first.push(target.length);
    if (target.length > MOST_LISTED) throw tooLong(node);
  }
  const constants = [
    wholeArray(`uint32_t f${index}`, first),
    wholeArray(`uint32_t t${index}`, target),
    wholeArray(`int8_t w${index}`, listed),
  ];
  const add = `net_listed(f${index}, t${index}, w${index}, ${shift}, i, ${sum('i')}, e);\n`;
  return { constants: constants.join(''), step: clear + each + add };
}

/** Weights by output as rows by input. */
const byInput = (weights: ArrayLike<number>, inputs: number, outputs: number) =>
  Array.from({ length: inputs * outputs }, (_, k) => weights[(k % outputs) * inputs + Math.floor(k / outputs)]!);

/** A list of more synapses is a text that no compiler of a small device takes. */
const MOST_LISTED = 2 ** 20;

function tooLong({ name, kind }: ResolvedNode): SpikewireError {
  const where = `node "${name}" (${kind.type})`;
  return new SpikewireError('unsupported', where, 'has too many synapses to list in C', `at most ${MOST_LISTED}`);
}

/** Elements that pass some steps late, each by its own delay. */
function lateBody(delays: Int32Array, index: number, sum: Sum): Body {
  const late = ring(`late${index}`, 1 + delays.reduce((longest, delay) => Math.max(longest, delay), 0));
  const each = `  for (int n = 0; n < ${delays.length}; n++) `;
  return {
    constants: wholeArray(`int32_t d${index}`, delays),
    state: late.declare('int32_t', delays.length),
    step: `${each}s->${late.now}[n] = ${sum('n')};\n${each}e[n] = s->${late.ago(`d${index}[n]`)}[n];\n`,
    end: late.advance,
  };
}

function populationBody(
  node: ResolvedNode,
  constants: NeuronQuantization,
  index: number,
  size: number,
  sum: Sum,
): Body {
  const { current, adaptation } = constants;
  const firing = linearDynamics(node).firing;
  const rests = firing?.refractorySteps.some((steps) => steps > 0) === true;
  const arrays: Record<string, ArrayLike<number> | undefined> = {
    decay: constants.decay,
    bias: constants.bias,
    threshold: constants.threshold,
    reset: constants.reset,
    subtract: constants.subtract,
    minimum: constants.minimum,
    maximum: constants.maximum,
    rest: rests ? firing?.refractorySteps : undefined,
    i_decay: current?.decay,
    i_gain: current?.gain,
    i_bias: current?.bias,
    a_decay: adaptation?.decay,
    a_rise: adaptation?.rise,
  };
  const starts = { v: constants.initial, i: current?.initial, a: adaptation?.initial };
  const present = [...Object.entries(arrays), ...Object.entries(starts)].filter(([, values]) => values !== undefined);
  const lists = present.map(([, values]) => values!);
  const each = Math.max(1, sharing(lists, size));
  const listed = (values: ArrayLike<number>) => Array.from(values).filter((_, n) => n % each === 0);
  const members = [
    `.bits = ${constants.membraneBits}, .fraction = ${constants.fraction}, .hand_on = ${constants.handOn ?? 0}`,
    `.many = ${firing?.spikesPerStep === 'many' ? 1 : 0}, .a_fraction = ${adaptation?.fraction ?? 0}`,
    ...Object.entries(arrays).flatMap(([key, values]) => (values === undefined ? [] : [`.${key} = ${key}${index}`])),
  ];
  const states = Object.entries(starts).filter(([, values]) => values !== undefined);
  const of = (key: 'v' | 'i' | 'a') => (starts[key] === undefined ? '0' : `s->${key}_${index}`);
  return {
    constants: `${present.map(([key, values]) => wholeArray(`int32_t ${key}${index}`, listed(values!))).join('')}static const net_population p${index} = {\n  ${members.join(',\n  ')}\n};\n`,
    state: [...states.map(([key]) => key), ...(rests ? ['r'] : [])]
      .map((key) => `  int32_t ${key}_${index}[${size}];\n`)
      .join(''),
    start: states
      .map(([key]) => `  for (int n = 0; n < ${size}; n++) s->${key}_${index}[n] = ${key}${index}[n / ${each}];\n`)
      .join(''),
    step: `  for (int c = 0, n = 0; n < ${size}; c++)
    for (int k = 0; k < ${each}; k++, n++)
      e[n] = net_neuron(&p${index}, c, n, ${sum('n')}, ${of('v')}, ${of('i')}, ${of('a')}, ${rests ? `s->r_${index}` : 0});\n`,
  };
}

const wholeArray = (declaration: string, values: ArrayLike<number>) =>
  constantArray(declaration, Array.from(values, wholeLiteral));
