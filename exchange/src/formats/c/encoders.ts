import {
  type ChannelRange,
  encoderKindOf,
  type InputQuantization,
  RandomGenerator,
  readParameters,
  receptiveFields,
  roundHalfEven,
} from '@spikewire/models';
import { constantArray, doubleLiteral, plain } from './text.ts';

/** An encoder as C: what it makes of a sample, and of that the numbers `in[n]` of step t. */
export interface EncoderInC {
  readonly channels: number;
  readonly range: ChannelRange;
  readonly constants: string;
  /** Members of the state: what a sample became, and what is kept between samples. */
  readonly state: string;
  /** How far number `x[n]` lies beyond its range. */
  readonly excess: string;
  /** Statements over `x`, the numbers of this encoder. */
  readonly sample: string;
  /** Statements that write all of `in`. */
  readonly step: string;
  readonly needsExp?: boolean;
}

export interface EncoderSiteInC {
  readonly index: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly size: number;
  readonly steps: number;
  readonly dt: number;
  readonly quantization: InputQuantization;
}

/** What an encoder is written from. */
interface Given extends EncoderSiteInC {
  /** Its parameters, by the forms of its kind's table. */
  readonly numbers: Readonly<Record<string, number>>;
  readonly words: Readonly<Record<string, string>>;
  readonly channels: number;
  /** Of channel n, on [0, 1] or [−1, 1]. */
  readonly unit: string;
  readonly signed: string;
  /** The whole number of an event of this real value. */
  whole(value: number): number;
  /** The same of an expression. */
  wholeOf(expression: string): string;
}

type Writer = (
  given: Given,
) => Omit<EncoderInC, 'channels' | 'range' | 'excess' | 'constants'> & { readonly constants?: string };

/** The encoder of a type in C, or why there is none. */
export function encoderInC(type: string, site: EncoderSiteInC): EncoderInC | string {
  const write = writers[type];
  if (write === undefined) return `encoder "${plain(type)}" is not written in C`;
  const { index, parameters, size, steps, dt, quantization } = site;
  const kind = encoderKindOf(type, 'encoder');
  const random = new RandomGenerator(1, 'encoder');
  const { channels, range } = kind.prepare(parameters, { size, steps, dt, random });
  if (range.of > 0) return `encoder "${type}" finds its range while it runs, which a header does not`;
  const { scale, maximum } = quantization;
  const isSame = range.low.every((low, n) => low === range.low[0] && range.high[n] === range.high[0]);
  const ends = (values: Float64Array) => Array.from(isSame ? values.subarray(0, 1) : values, doubleLiteral);
  const of = `(x[n], low${index}[${isSame ? 0 : 'n'}], high${index}[${isSame ? 0 : 'n'}])`;
  const read = readParameters(`encoder "${type}"`, parameters, kind.parameters);
  const written = write({
    ...site,
    numbers: read as Record<string, number>,
    words: read as Record<string, string>,
    channels,
    unit: `net_unit${of}`,
    signed: `net_signed${of}`,
    whole: (value) => Math.max(-maximum, Math.min(maximum, roundHalfEven(value / scale))),
    wholeOf: (expression) => `net_whole((${expression}) / ${doubleLiteral(scale)}, ${maximum})`,
  });
  const constants = [
    constantArray(`double low${index}`, ends(range.low)),
    constantArray(`double high${index}`, ends(range.high)),
    written.constants ?? '',
  ];
  return { ...written, channels, range, excess: `net_excess${of}`, constants: constants.join('') };
}

const each = (count: number, statement: string) => `for (int n = 0; n < ${count}; n++) ${statement}\n`;

/** The smallest type that has whole numbers from -1 to the largest. */
const codeOf = (most: number) => (most < 2 ** 7 ? 'int8_t' : most < 2 ** 15 ? 'int16_t' : 'int32_t');

/** One of each encoder that a header has; those that draw at random are missing. */
const writers: Readonly<Record<string, Writer>> = {
  direct: ({ index, numbers, words, channels, unit, signed, wholeOf }) => ({
    state: `int8_t code${index}[${channels}];\n`,
    sample: each(
      channels,
      `c->code${index}[n] = ${wholeOf(`${doubleLiteral(numbers.gain!)} * ${words.span === 'unit' ? unit : signed}`)};`,
    ),
    step: each(channels, `in[n] = c->code${index}[n];`),
  }),

  sequence: ({ index, numbers, size, steps, channels, unit, wholeOf }) => ({
    state: `int8_t code${index}[${channels}];\n`,
    sample: each(channels, `c->code${index}[n] = ${wholeOf(`${doubleLiteral(numbers.gain!)} * ${unit}`)};`),
    step: each(size, `in[n] = c->code${index}[t * ${numbers.frames!} / ${steps} * ${size} + n];`),
  }),

  latency: ({ index, numbers, steps, channels, unit, whole }) => ({
    state: `${codeOf(steps)} code${index}[${channels}];\n`,
    sample: each(
      channels,
      `{
  const double strength = ${unit};
  c->code${index}[n] = strength >= ${doubleLiteral(numbers.cutoff!)} ? net_rounded((1 - strength) * ${steps - 1}) : -1;
}`,
    ),
    step: each(channels, `in[n] = c->code${index}[n] == t ? ${whole(1)} : 0;`),
  }),

  'rank-order': ({ index, numbers, steps, channels, unit, whole }) => ({
    state: `int32_t key${index}[${channels}];\n${codeOf(steps)} code${index}[${channels}];\n`,
    sample: `${each(
      channels,
      `{
  const double strength = ${unit};
  c->key${index}[n] = strength >= ${doubleLiteral(numbers.cutoff!)} ? net_rounded((1 - strength) * 67108864.0) : -1;
}`,
    )}${each(
      channels,
      `{
  const int32_t *key = c->key${index};
  int64_t rank = 0;
  for (int k = 0; k < ${channels}; k++) rank += key[k] >= 0 && (key[k] < key[n] || (key[k] == key[n] && k < n));
  c->code${index}[n] = key[n] < 0 ? -1 : (int32_t)(rank * ${steps} / ${channels});
}`,
    )}`,
    step: each(channels, `in[n] = c->code${index}[n] == t ? ${whole(1)} : 0;`),
  }),

  phase: ({ index, numbers, words, steps, channels, unit, whole }) => {
    const phases = numbers.phases!;
    const used = steps - (steps % phases);
    const largest = 2 ** phases - 1;
    const ofBit = (bit: number) => whole(words.emits === 'weighted' ? 2 ** bit / largest : 1);
    const values = Array.from({ length: phases }, (_, phase) => String(ofBit(phases - 1 - phase)));
    return {
      constants: constantArray(`int8_t phase${index}`, values),
      state: `${codeOf(largest)} code${index}[${channels}];\n`,
      sample: each(channels, `c->code${index}[n] = net_rounded(${largest} * ${unit});`),
      step: each(
        channels,
        `in[n] = t < ${used} && ((c->code${index}[n] >> (${phases - 1} - t % ${phases})) & 1) ? phase${index}[t % ${phases}] : 0;`,
      ),
    };
  },

  delta: ({ index, numbers, words, steps, channels, unit, whole }) => {
    const most = Math.min(numbers.maxEvents ?? steps, steps);
    const threshold = doubleLiteral(numbers.threshold!);
    const [up, down] = words.polarity === 'signed' ? [whole(1), whole(-1)] : [whole(1), whole(1)];
    const due = `c->due${index}[n]`;
    return {
      state: `int32_t level${index}[${channels}], due${index}[${channels}];\n`,
      sample: each(
        channels,
        `{
  ${due} = net_toward((${unit} - 0.5) / ${threshold} - c->level${index}[n], ${most});
  c->level${index}[n] += ${due};
}`,
      ),
      step: each(
        channels,
        words.polarity === 'signed'
          ? `in[n] = t < ${due} ? ${up} : t < -${due} ? ${down} : 0;`
          : `in[2 * n] = t < ${due} ? ${up} : 0, in[2 * n + 1] = t < -${due} ? ${down} : 0;`,
      ),
    };
  },

  population: ({ index, numbers, words, size, steps, channels, unit, whole, wholeOf }) => {
    const { centres, width } = receptiveFields(numbers.fields!, numbers.gamma!);
    const latest = Math.min(numbers.latest ?? steps - 1, steps - 1);
    const isLatency = words.emits === 'latency';
    const code = isLatency ? `net_rounded((1 - response) * ${latest})` : wholeOf('response');
    return {
      needsExp: true,
      constants: constantArray(`double centre${index}`, Array.from(centres, doubleLiteral)),
      state: `${isLatency ? codeOf(latest) : 'int8_t'} code${index}[${size}];\n`,
      sample: each(
        channels,
        `{
  const double value = ${unit};
  for (int f = 0; f < ${numbers.fields!}; f++) {
    const double distance = (value - centre${index}[f]) / ${doubleLiteral(width)};
    const double response = exp(-distance * distance / 2);
    const int isSilent = response < ${doubleLiteral(numbers.cutoff!)} || response == 0;
    c->code${index}[n * ${numbers.fields!} + f] = isSilent ? ${isLatency ? -1 : 0} : ${code};
  }
}`,
      ),
      step: each(
        size,
        isLatency ? `in[n] = c->code${index}[n] == t ? ${whole(1)} : 0;` : `in[n] = c->code${index}[n];`,
      ),
    };
  },
};
