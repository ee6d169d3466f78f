import { reportLines } from '@spikewire/exchange/report';
import { type Model, SpikewireError } from '@spikewire/models';
import {
  type Command,
  type CommandArguments,
  type OptionDeclaration,
  overwriteOption,
  refuseExisting,
} from 'spikewire/cli';
import type { Bits } from '../conversion/integer-form.ts';
import { parametersOf } from '../conversion/method.ts';
import { conversionMethods } from '../conversion/methods/methods.ts';
import { named } from '../kinds/kind.ts';
import { bitsFor } from '../outcome/for-board.ts';
import { boardLine, forOption, profileFor } from './for-board.ts';
import { chosenParameters, methodOptions } from './method-options.ts';
import { netOptions, unitsOf } from './net-options.ts';
import { refuseSameFile } from './same-file.ts';

const COMMAND = 'spikewire convert';
const DEFAULT_METHOD = 'rueckauer';
const MOST_STEPS = 10_000;

/** The command's own, which no method may name a parameter after. */
export const ownOptions: Readonly<Record<string, OptionDeclaration>> = {
  method: {
    type: 'string',
    value: '<name>',
    doc: `conversion method (default ${DEFAULT_METHOD}, which suits most nets); list below`,
  },
  auto: {
    type: 'boolean',
    doc:
      'try all methods with up to --steps steps, and keep the method whose answers agree best with the non-spiking ' +
      'net; if several are nearly equal, the method that needs the fewest steps; you need not know the methods',
  },
  steps: {
    type: 'string',
    value: '<n>',
    doc: 'time steps per sample; more are slower and more accurate',
    default: '32',
  },
  candidates: {
    type: 'string',
    value: '<n,n,…>',
    doc: 'the report shows the accuracy for each of these numbers of steps',
    default: '1,2,4,8,16,32,64,128',
  },
  ...netOptions,
  encoder: {
    type: 'string',
    value: '<name[:key=value,…]>',
    doc: 'code the input as spikes, such as bernoulli (default: as numbers)',
  },
  for: forOption,
  bits: {
    type: 'string',
    value: '<8|4>',
    doc: 'write integer weights of 8 or 4 bits (default: float; 8 with --for)',
  },
  budget: {
    type: 'string',
    value: '<bytes>',
    doc: 'with --auto: largest size of the file; if a float model is larger, convert tries 8, then 4 bits',
  },
  lessons: {
    type: 'string',
    value: '<rate>',
    doc: 'let labels teach the output layer later, while the model runs; the number is the learning rate, such as 0.01',
  },
  data: {
    type: 'string',
    value: '<name[:path]>',
    doc: 'samples for calibration and for the report, such as csv:FILE ("spikewire eval --help" lists more; required)',
  },
  limit: { type: 'string', value: '<n>', doc: 'measure the accuracy on the first n samples only' },
  backend: {
    type: 'string',
    value: '<name>',
    doc: 'program that computes the non-spiking net during calibration: onnx (fast) or interpreter',
    default: 'onnx',
  },
  out: { type: 'string', value: '<file>', doc: 'model file to write, .spike (required)' },
  overwrite: overwriteOption('model and report'),
  report: {
    type: 'string',
    value: '<file>',
    doc: 'HTML report to write (default: m.html, if the model is m.spike)',
  },
};

/** `spikewire convert`: an analogue net in, a spiking one of the same answers out, and a report on what was lost. */
export const command: Command = {
  name: 'convert',
  summary: 'convert a non-spiking net, such as an ONNX file, to a spiking one',
  group: 'Train, on a PC',
  examples: ['net.onnx --data csv:samples.csv --out m.spike'],
  positionals: [
    {
      name: 'model',
      doc:
        'the non-spiking net: an ONNX file, or a model of "spikewire train --neuron relu --steps 1" (see train ' +
        '--help-all)',
    },
  ],
  options: { ...ownOptions, ...methodOptions(conversionMethods) },
  listing: async () => ({
    title: 'Methods',
    rows: conversionMethods.map(({ name, summary, source }) => [name, `${summary} (${source})`] as const),
  }),

  async run(args, console) {
    const method = args.flag('auto') ? undefined : methodOf(args);
    if (method === undefined) refuseChoices(args);
    const steps = args.number('steps', { minimum: 1, maximum: MOST_STEPS, whole: true })!;
    const board = args.text('for');
    const profile = board === undefined ? undefined : await profileFor('convert', board);
    const forBoard = profile && { ...bitsFor(profile), expectFit: (model: Model) => profile.expectFit(model) };
    const bits = bitsOf(args.text('bits'));
    const lessons = args.number('lessons', { minimum: 0 });
    const budget = args.number('budget', { minimum: 1, whole: true });
    if (budget !== undefined && method !== undefined) {
      throw new SpikewireError('usage', `${COMMAND} --budget`, 'goes with --auto alone', '--auto');
    }
    const sweep = stepsOf(args.text('candidates')!);
    const address = args.needed('data', 'samples such as mnist or csv:FILE');
    const out = args.needed('out', 'a file for the model');
    const page = args.text('report') ?? `${out.replace(/\.spike$/, '')}.html`;
    await refuseSameFile(COMMAND, { 'the model': args.positionals[0]!, '--out': out, '--report': page });
    await refuseExisting(args, { '--out': out, '--report': page });
    const [limit, encoder] = [args.number('limit', { minimum: 1, whole: true }), args.text('encoder')];
    const units = unitsOf(COMMAND, args);
    const [{ backends }, { loadDataSet }, { loadModel }, { convertModel }, { netForSamples }] = await Promise.all([
      import('../backend/backends.ts'),
      import('spikewire/data'),
      import('spikewire/cli'),
      import('../outcome/convert.ts'),
      import('../conversion/net-for-samples.ts'),
    ]);
    const backend = named('backend', backends, args.text('backend')!);
    const ends = { input: args.text('from'), output: args.text('to') };
    const net = await loadModel(args.positionals[0]!, console, undefined, ends);
    const data = await loadDataSet(address);
    const analogue = netForSamples(net, data, units);
    let stage = '';
    const { report, digest, fileBytes } = await convertModel(analogue, {
      ...(method && { method }),
      ...forBoard,
      ...(bits !== undefined && { bits }),
      ...(lessons !== undefined && { lessons }),
      ...(budget !== undefined && { budget }),
      data,
      steps,
      sweep,
      out,
      page,
      backend,
      ...(encoder !== undefined && { encoder }),
      ...(limit !== undefined && { limit }),
      signal: console.signal,
      warn: (line) => console.say(`warning: ${line}`),
      onStage(line) {
        stage = line;
        console.progress(line);
      },
      onProgress: (done, of) => console.progress(`${stage}: ${done} of ${of}`),
    });
    console.result(
      { out, page, ...(profile && { board: profile.address }), digest, fileBytes, ...report.document },
      () => [
        ...reportLines(report),
        '',
        ...(profile === undefined ? [] : [boardLine(profile)]),
        `${out}: ${fileBytes} bytes; as a page: ${page}`,
      ],
    );
  },
};

function methodOf(args: CommandArguments) {
  const method = named('method', conversionMethods, args.text('method') ?? DEFAULT_METHOD);
  return { method, parameters: parametersOf(method, chosenParameters(COMMAND, args, method, conversionMethods)) };
}

/** What tries all methods leaves nothing to choose of them. */
function refuseChoices(args: CommandArguments): void {
  if (args.text('method') !== undefined) {
    throw new SpikewireError('usage', `${COMMAND} --method`, 'cannot be combined with --auto', 'one of them');
  }
  chosenParameters(COMMAND, args, { name: '--auto', parameters: {} }, conversionMethods);
}

function bitsOf(text: string | undefined): Bits {
  if (text === undefined) return undefined;
  if (text === '8' || text === '4') return Number(text) as Bits;
  throw new SpikewireError('usage', `${COMMAND} --bits`, `is "${text}"`, '8 or 4');
}

function stepsOf(text: string): number[] {
  const steps = text.split(',').map(Number);
  if (steps.every((count) => Number.isSafeInteger(count) && count > 0 && count <= MOST_STEPS)) return steps;
  throw new SpikewireError('usage', `${COMMAND} --candidates`, `is "${text}"`, 'steps such as 4,8,16');
}
