import { percent } from '@spikewire/exchange/report';
import { SpikewireError } from '@spikewire/models';
import type { BoardProfile } from 'spikewire/accelerators';
import { type Command, overwriteOption, refuseExisting } from 'spikewire/cli';
import { whyLarger } from '../outcome/file-room.ts';
import type { Comparison, QuantizeOutcome } from '../outcome/quantize.ts';
import { boardLine, forOption, profileFor } from './for-board.ts';
import { netOptions, unitsOf } from './net-options.ts';
import { LOIHI, quantizeForLoihi } from './quantize-for-loihi.ts';
import { refuseSameFile } from './same-file.ts';

const COMMAND = 'spikewire quantize';
const BITS = ['8', '4'];
const MEMBRANE_BITS = ['32', '16'];

/** `spikewire quantize`: a float model in, its exact integer form out. */
export const command: Command = {
  name: 'quantize',
  summary: 'store the weights of a model in 8 or 4 bits; the file of a very small model can become larger',
  group: 'Train, on a PC',
  examples: ['m.spike --data csv:samples.csv --out q.spike'],
  positionals: [
    {
      name: 'model',
      doc: 'model with floating-point weights (.spike, its text form .json, or an ONNX file)',
    },
  ],
  options: {
    bits: { type: 'string', value: '<8|4>', doc: 'bits of a weight (default 8, or what the board of --for takes)' },
    for: {
      ...forOption,
      doc: `${forOption.doc}; or ${LOIHI}, which needs no samples, and can write a NIR file for nengo-loihi and Lava`,
    },
    membrane: {
      type: 'string',
      value: '<32|16>',
      doc: 'bits of the state (membrane) of a neuron (default 32, or what the board of --for takes)',
    },
    ...netOptions,
    data: {
      type: 'string',
      value: '<name[:path]>',
      doc:
        'samples, to measure the ranges and how much accuracy the rounding costs, such as csv:FILE ' +
        '(required with --input-scale, --input-mean or --input-std; without --data, the ranges in the model are used)',
    },
    limit: { type: 'string', value: '<n>', doc: 'measure the accuracy on the first n samples only' },
    out: {
      type: 'string',
      value: '<file>',
      doc: `model file to write, .spike, or also .nir with --for ${LOIHI} (required)`,
    },
    overwrite: overwriteOption('model'),
  },

  async run(args, console) {
    const [{ loadDataSet }, { loadModel }, { quantizeModel }, { netForSamples }, { bitsFor }] = await Promise.all([
      import('spikewire/data'),
      import('spikewire/cli'),
      import('../outcome/quantize.ts'),
      import('../conversion/net-for-samples.ts'),
      import('../outcome/for-board.ts'),
    ]);
    const board = args.text('for');
    const profile = board === undefined || board === LOIHI ? undefined : await profileFor('quantize', board);
    const usual = profile === undefined ? { bits: 8, membraneBits: 32 } : bitsFor(profile);
    const bits = choice('bits', args.text('bits') ?? String(usual.bits), BITS) as 8 | 4;
    const membrane = args.text('membrane') ?? String(usual.membraneBits);
    const membraneBits = choice('membrane', membrane, MEMBRANE_BITS) as 32 | 16;
    const limit = args.number('limit', { minimum: 1, whole: true });
    const out = args.needed('out', 'a file for the model');
    await refuseSameFile(COMMAND, { 'the model': args.positionals[0]!, '--out': out });
    await refuseExisting(args, { '--out': out });
    if (board === LOIHI) return quantizeForLoihi(args, console, out);
    const units = unitsOf(COMMAND, args);
    const address = args.text('data');
    if (address === undefined && Object.values(units).some((value) => value !== undefined)) {
      const given = '--input-scale, --input-mean and --input-std';
      throw new SpikewireError('usage', COMMAND, `${given} have no effect without samples`, '--data <name[:path]>');
    }
    const ends = { input: args.text('from'), output: args.text('to') };
    const net = await loadModel(args.positionals[0]!, console, undefined, ends);
    const data = address === undefined ? undefined : await loadDataSet(address);
    const model = data === undefined ? net : netForSamples(net, data, units);
    const outcome = await quantizeModel(model, {
      bits,
      membraneBits,
      out,
      ...(data !== undefined && { data }),
      ...(profile !== undefined && { profile }),
      ...(limit !== undefined && { limit }),
      signal: console.signal,
      warn: (line) => console.say(`warning: ${line}`),
      onProgress: (done, of) => console.progress(`${done} of ${of} samples`),
    });
    const { comparison, ...found } = outcome;
    const figures = comparison && { [comparison.measure.figure]: figuresOf(comparison) };
    const made = { out, bits, membraneBits, ...(profile && { board: profile.address }) };
    console.result({ ...made, ...found, ...figures }, () => format(out, outcome, profile));
  },
};

function choice(option: string, text: string, allowed: readonly string[]): number {
  if (allowed.includes(text)) return Number(text);
  throw new SpikewireError('usage', `${COMMAND} --${option}`, `is "${text}"`, allowed.join(' or '));
}

function figuresOf({ float, integer }: Comparison) {
  return { float: float.worth, integer: integer.worth, samples: integer.samples };
}

function lineOf(comparison: Comparison): string {
  const { float, integer, samples } = figuresOf(comparison);
  const { figure } = comparison.measure;
  return `${figure} ${percent(float)} before, ${percent(integer)} after, of ${samples} test samples`;
}

function format(
  out: string,
  { fileBytes, room, connections, comparison }: QuantizeOutcome,
  profile: BoardProfile | undefined,
): string[] {
  const why = whyLarger(room);
  return [
    ...connections.map(
      ({ node, weights, relativeError, lost }) =>
        `${node}: ${weights} weights, error ${(100 * relativeError).toFixed(2)} % of their size, ` +
        `${(100 * lost).toFixed(2)} % became 0`,
    ),
    ...(comparison === undefined ? [] : [lineOf(comparison)]),
    ...(profile === undefined ? [] : [boardLine(profile)]),
    `${out}: ${fileBytes} bytes${why && `, ${why}`}`,
  ];
}
