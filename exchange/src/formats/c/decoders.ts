import {
  elementCount,
  type FixedExpert,
  type FixedReadout,
  type IntegerForm,
  type Model,
  modelDecoder,
  neuronConstants,
  RandomGenerator,
  valueFor,
} from '@spikewire/models';
import { READOUT_IN_C } from './coding.ts';
import { constantArray, doubleLiteral, floatLiteral, plain } from './text.ts';

/** A decoder as C: `c->answer[n]` of each element, 0 before step t = 0 of a sample, and of them the class. */
export interface DecoderInC {
  /** Names of the classes that it may answer, as far as they have one. */
  readonly classes: readonly string[];
  readonly constants: string;
  /** A statement over what element n emits in step t, such as `out5[n]`. */
  step(emitted: string): string;
  /** Statements that end with `return` of the class. */
  readonly end: string;
  /** What there is to say of its answers. */
  readonly remark?: string;
  readonly needsExp?: boolean;
}

/** The decoder of the first Output in C, or why there is none. */
export function decoderInC(model: Model, form: IntegerForm, output: number): DecoderInC | string {
  const { name, shape } = form.wiring.graph.nodes[output]!;
  const declaration = model.decoder.get(name);
  if (declaration === undefined) return `Output "${plain(name)}" has no decoder`;
  const size = elementCount(shape);
  switch (declaration.type) {
    case 'count':
    case 'max-rate':
      return { ...ofValues(model, size), step: (emitted) => `c->answer[n] += ${emitted};` };
    case 'earliest-spike':
      return firstSpike(model, size);
    case 'rank':
      // Without modulation all that spike are equal.
      if (declaration.parameters.modulation !== 1) return firstSpike(model, size);
      return { ...ofValues(model, size), step: (emitted) => `if (${emitted} != 0) c->answer[n] = 1;` };
    case 'membrane-softmax':
      return ofMembranes(model, form, output);
    case 'teachable':
      return taught(model, form, name, size);
    default:
      return `decoder "${plain(declaration.type)}" is not written in C`;
  }
}

const LARGEST = 'return net_largest(c->answer, ';

function ofValues(model: Model, size: number) {
  return { classes: classesOf(model, size), constants: '', end: `${LARGEST}${size});\n` };
}

/** The earlier the larger; those that are silent have 0. */
function firstSpike(model: Model, size: number): DecoderInC {
  const { steps } = model.sample;
  return {
    ...ofValues(model, size),
    step: (emitted) => `if (${emitted} != 0 && c->answer[n] == 0) c->answer[n] = ${steps} - t;`,
  };
}

function ofMembranes(model: Model, form: IntegerForm, output: number): DecoderInC | string {
  const { graph, incoming } = form.wiring;
  const [edge, ...others] = incoming[output]!;
  const node = edge && graph.nodes[edge.source]!;
  if (node?.kind.role !== 'neuron' || others.length > 0) return 'its decoder reads the membrane of no one node';
  const { scale, fraction } = neuronConstants(form.quantization, node);
  const size = elementCount(node.shape);
  const units = Array.from({ length: size }, (_, n) => valueFor(scale, n, size) * 2 ** -fraction);
  const of = units.every((unit) => unit === units[0]) ? 0 : 'n';
  return {
    ...ofValues(model, size),
    constants: constantArray('double net_worth', (of === 0 ? units.slice(0, 1) : units).map(doubleLiteral)),
    step: () => `c->answer[n] = c->net.v_${edge!.source}[n] * net_worth[${of}];`,
  };
}

function classesOf({ labels }: Model, size: number): readonly string[] {
  return Array.from({ length: size }, (_, index) => labels[index] ?? String(index));
}

/** What a read-out that can be taught knows when the model is loaded. */
function taught(model: Model, { wiring }: IntegerForm, name: string, size: number): DecoderInC | string {
  const random = new RandomGenerator(1, `decoder ${name}`);
  const { teachable } = modelDecoder(model, name, { size, dt: wiring.graph.semantics.dt, random });
  const fixed = teachable!.fixed;
  if (teachable!.lessons === 0) return 'its read-out was taught nothing';
  if (fixed === undefined) return 'its read-out is not linear';
  const [first, ...others] = fixed.experts;
  return {
    classes: teachable!.classes,
    constants: [
      READOUT_IN_C,
      constantArray('unsigned char net_taught', fixed.taught.map(Number).map(String)),
      ...fixed.experts.map(expertConstants),
    ].join(''),
    step: (emitted) => `c->answer[n] += ${emitted};`,
    end: `for (int n = 0; n < ${size}; n++) c->answer[n] = net_clamp(net_toward(c->answer[n], 255), 0, 255);
${others.length === 0 ? oneExpert(first!) : manyExperts(fixed)}`,
    remark:
      'The read-out is fixed as the model holds it. A window that is within the ranges but looks strange, which the ' +
      'runtime calls "unknown" as well, gets the likeliest class.',
    ...(others.length > 0 && { needsExp: true }),
  };
}

function expertConstants({ middle, unit, weights }: FixedExpert, e: number): string {
  const floats = (name: string, values: Float32Array) =>
    constantArray(`float net_${name}${e}`, Array.from(values, floatLiteral));
  return floats('middle', middle) + floats('unit', unit) + floats('weight', weights);
}

const scoresOf = ({ first, middle }: FixedExpert, e: number) =>
  `net_scores(c->answer + ${first}, ${middle.length}, net_middle${e}, net_unit${e}, net_weight${e}, score);\n`;

/** Without a mixture, the class of the largest score is that of the largest probability. */
function oneExpert(expert: FixedExpert): string {
  return `double score[NET_CLASSES];
${scoresOf(expert, 0)}int best = -1;
for (int k = 0; k < NET_CLASSES; k++)
  if (net_taught[k] && (best < 0 || score[k] > score[best])) best = k;
return best;
`;
}

function manyExperts({ experts, sharpness }: FixedReadout): string {
  const mix = ({ share }: FixedExpert) => `net_mix(score, net_taught, ${sharpness}, ${doubleLiteral(share)}, mixed);\n`;
  return `double score[NET_CLASSES], mixed[NET_CLASSES] = {0};
${experts.map((expert, e) => scoresOf(expert, e) + mix(expert)).join('')}return net_largest(mixed, NET_CLASSES);
`;
}
