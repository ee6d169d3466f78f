import { basename, extname } from 'node:path';
import type { DataSet } from '@spikewire/engine/data';
import { percent, type Report, reportLines, reportPage } from '@spikewire/exchange/report';
import { encoderKinds, FEWEST_SAMPLES, readParameters, SpikewireError } from '@spikewire/models';
import type { BoardProfile } from 'spikewire/accelerators';
import {
  type Command,
  type CommandArguments,
  type CommandConsole,
  type OptionDeclaration,
  overwriteOption,
  refuseExisting,
} from 'spikewire/cli';
import type { Evaluation } from 'spikewire/data';
import { majorityOf } from '../baselines/majority.ts';
import { named, readSpecification } from '../kinds/kind.ts';
import type { Method, Preset } from '../methods/method.ts';
import { methods } from '../methods/methods.ts';
import type { RunConfiguration, RunFolder } from '../outcome/run-folder.ts';
import type { TrainOutcome } from '../outcome/train.ts';
import { isGiven, recordingChoiceOf, recordingOptions } from '../recordings/options.ts';
import type { DividedWindows } from '../recordings/read-windows.ts';
import type { RecordedWindows } from '../recordings/windows.ts';
import { namedScore } from '../runs/tally.ts';
import { AUTO, type FeaturedSet, featuredParts, featuredSet, NO_FEATURES, type Parts } from '../samples/featured.ts';
import { runFolderOf } from '../sweeps/trial-folder.ts';
import { boardLine, forOption, profileFor } from './for-board.ts';
import { chosenParameters, methodOptions } from './method-options.ts';
import { ProgressLine } from './progress-line.ts';

const DEFAULT_METHOD = 'stbp';
/** Neurons of the hidden layer where no architecture was given. */
const HIDDEN = 64;

/** The command's own, which no method may name a parameter after. */
export const ownOptions: Readonly<Record<string, OptionDeclaration>> = {
  method: {
    type: 'string',
    value: '<name>',
    doc: `training method; keep the default unless you know the methods listed below (default ${DEFAULT_METHOD})`,
  },
  preset: {
    type: 'string',
    value: '<name>',
    doc:
      'repeat a published experiment, with its data and settings; the list of methods below names the presets of ' +
      'each',
  },
  data: {
    type: 'string',
    value: '<name[:path]>',
    doc:
      'labelled samples, such as mnist, csv:FILE, recorded:FILE (a file of spikewire record) or recordings:FOLDER ' +
      '(tables, WAV or npy files in a folder for each class); "spikewire eval --help" lists more ' +
      '(required, except with --preset or --resume)',
  },
  features: {
    type: 'string',
    value: `${AUTO}|<names>|${NO_FEATURES}`,
    doc:
      'input features, such as rms,kurtosis (names: docs/reference.md in the source code); ' +
      `${AUTO}: the features that best separate the classes; ${NO_FEATURES}: raw samples`,
  },
  model: { type: 'string', value: '<file>', doc: 'train this model further, instead of a new net' },
  for: forOption,
  out: { type: 'string', value: '<file>', doc: 'model file to write, .spike (required, except with --resume)' },
  seed: { type: 'string', value: '<n>', doc: 'random seed (default 1)' },
  run: {
    type: 'string',
    value: '<folder>',
    doc: 'folder for the checkpoints, curves and report of this training (default: m.run, if the model is m.spike)',
  },
  resume: {
    type: 'string',
    value: '<folder>',
    doc: 'continue the training that is kept in this folder (its --run), with its settings',
  },
  overwrite: overwriteOption('model and its folder of --run'),
  sweep: {
    type: 'string',
    value: '<option=a,b,…>',
    doc: 'train once with each value, several at a time; --sweep again for all combinations; lr is the learning rate',
    multiple: true,
  },
  database: {
    type: 'string',
    value: '<file|postgres://…>',
    doc:
      'with --sweep: share the trainings with other machines that run the same command with this PostgreSQL database, ' +
      'or with other processes here by an SQLite file (Node 24); each prints the table of all',
  },
  'sweep-name': {
    type: 'string',
    value: '<name>',
    doc: 'with --database: name of the sweep (default: made from the options)',
  },
  'no-teachable': {
    type: 'boolean',
    doc:
      'keep the trained output layer, which labels cannot teach later ' +
      '(default: replace it by an output layer that they can teach)',
  },
  backend: {
    type: 'string',
    value: '<name>',
    doc: 'program that computes the training: onnx (fast) or interpreter',
    default: 'onnx',
  },
  ...recordingOptions,
  threads: { type: 'string', value: '<n>', doc: 'threads (default: one per core)' },
};

/**
 * `spikewire train`: data in, a float model and its run folder out. What a method lets people choose comes from its
 * table.
 */
export const command: Command = {
  name: 'train',
  summary: 'train a model on labelled samples',
  group: 'Train, on a PC',
  examples: [
    '--data csv:samples.csv --out m.spike',
    '--data recordings:FOLDER --out m.spike',
    '--data mnist --arch 784-256-10 --out m.spike',
  ],
  options: { ...ownOptions, ...methodOptions(methods) },
  common: [
    ...[
      'data',
      'out',
      'method',
      'preset',
      'model',
      'for',
      'features',
      'rate',
      'length',
      'hop',
      'channels',
      'label-column',
    ],
    ...['group', 'split', 'epochs', 'learning-rate', 'arch', 'bits', 'run', 'resume', 'overwrite', 'seed'],
  ],
  listing: async () => ({
    title: 'Methods',
    rows: methods.map(({ name, summary, source, presets = {} }) => {
      const names = Object.keys(presets);
      const known = names.length === 0 ? '' : `; presets: ${names.join(', ')}`;
      return [name, `${summary} (${source})${known}`] as const;
    }),
  }),

  async run(args, console) {
    const [cli, { backendsWith }, { RunFolder }, { train }] = await Promise.all([
      import('spikewire/cli'),
      import('../backend/backends.ts'),
      import('../outcome/run-folder.ts'),
      import('../outcome/train.ts'),
    ]);
    const resumed = args.text('resume');
    if (resumed !== undefined) refuseChanges(args);
    if (args.texts('sweep').length > 0)
      return (await import('./sweep.ts')).sweep({ command, configurationOf }, args, console);
    for (const option of ['database', 'sweep-name']) {
      if (args.text(option) === undefined) continue;
      throw new SpikewireError('usage', `spikewire train --${option}`, 'has no effect without --sweep', '--sweep');
    }
    const asked = resumed === undefined ? configurationOf(args) : await new RunFolder(resumed).readConfiguration();
    const overwrite = args.flag('overwrite');
    if (resumed === undefined) await refuseExisting(args, { '--out': asked.out });
    const folder = new RunFolder(resumed ?? args.text('run') ?? runFolderOf(asked.out));
    const threads = args.number('threads', { minimum: 1, whole: true });
    const backend = named('backend', backendsWith(threads), args.text('backend')!);
    const { data, divided, featured } = await dataOf(asked);
    for (const line of featured?.choice ? cli.choiceLines(featured.choice) : []) console.say(line);
    const configuration = withNetFor(featured?.data ?? data, asked);
    const { arch } = configuration.parameters;
    if (arch !== asked.parameters.arch)
      console.say(`architecture ${arch}, chosen for these data; change it with --arch`);
    const model = configuration.model === undefined ? undefined : await cli.loadModel(configuration.model, console);
    const profile = configuration.board === undefined ? undefined : await profileFor('train', configuration.board);
    const line = new ProgressLine(() => performance.now());
    const started = performance.now();
    const outcome = await train({
      folder,
      configuration,
      data,
      ...(featured && { featured }),
      ...(divided && { evalData: `run:${folder.path}` }),
      ...(model && { model }),
      ...(profile && { profile }),
      backend,
      resume: resumed !== undefined,
      overwrite,
      // Asked for once the first step is compiled, which hears no signal: before, nothing can be lost.
      get signal() {
        return console.signal;
      },
      endedBySignals: (work) =>
        console.endedBySignals(() => {
          console.say('the next stage is prepared');
          return work();
        }),
      warn: (text) => console.say(`warning: ${text}`),
      onBatch: (report, run) => console.progress(line.batch(report, run)),
      onEpoch: (record, run) => console.say(line.epoch(record, run)),
      onEvaluation: (done, of) => console.progress(`test: ${done} of ${of} samples`),
    });
    if (outcome === undefined) sayStopped(console, folder.path);
    else
      sayOutcome(console, outcome, {
        out: configuration.out,
        run: folder.path,
        seconds: (performance.now() - started) / 1000,
        ...(profile && { profile }),
        majority: majorityOf(data.labels),
        ...(divided && (await reported(folder, divided, featured!, outcome))),
      });
  },
};

/** What is learned and tested; of recordings how they are divided, and what features make of readings. */
async function dataOf({ data: name, recordings, features }: RunConfiguration) {
  const divided = recordings && (await (await import('../recordings/read-windows.ts')).readWindows(recordings));
  const data = divided?.windows ?? (await (await import('spikewire/data')).loadDataSet(name));
  return { data, divided, featured: featuredOf(features, data, divided) };
}

function featuredOf(
  asked: string | undefined,
  data: DataSet,
  divided: DividedWindows | undefined,
): FeaturedSet | undefined {
  if (divided === undefined) return asked === undefined ? undefined : featuredSet(data, asked);
  return featuredWindows(divided, asked ?? AUTO);
}

function featuredWindows({ windows, parts }: DividedWindows, asked: string): FeaturedSet {
  if (asked === AUTO) expectEnoughToChoose(windows, parts);
  const { channels, length, rate } = windows;
  const shape = { channels: channels.length, block: length, ...(rate !== undefined && { rate }) };
  return featuredParts(windows, shape, parts, asked);
}

/** Throws `input` where features cannot be chosen by the windows that are learned, with what makes more of them. */
function expectEnoughToChoose({ name, classes, labels, length }: RecordedWindows, { learned }: Parts): void {
  for (const [c, label] of classes.entries()) {
    const count = learned.filter((k) => labels[k] === c).length;
    if (count >= FEWEST_SAMPLES) continue;
    const problem = `gives ${count} windows of "${label}" to choose features by`;
    const more = `more recordings, --length below ${length}, a smaller --hop, or --features by name`;
    const expected = `${FEWEST_SAMPLES}: ${more}`;
    throw new SpikewireError('input', name, problem, expected);
  }
}

/** What is said of a training on recordings, and the page in its run folder. */
async function reported(folder: RunFolder, divided: DividedWindows, featured: FeaturedSet, outcome: TrainOutcome) {
  const [{ recordingsOutcome }, { recordingsReport }] = await Promise.all([
    import('../recordings/outcome.ts'),
    import('../recordings/report.ts'),
  ]);
  const { trained, evaluation } = outcome;
  // Samples as they are tell baselines little: they get what features make of them.
  const besides = featured.data.shape === undefined ? featured : featuredWindows(divided, AUTO);
  const report = recordingsReport(recordingsOutcome(divided, besides, outcome.answers), divided, {
    unknown: 'unknown' in evaluation ? evaluation.unknown : 0,
    ...(trained && { trained: trained.accuracy }),
  });
  const page = await folder.writeReport(reportPage(basename(folder.path), report));
  return { report, page };
}

function configurationOf(args: CommandArguments): RunConfiguration {
  const need = (option: string, expected: string) => {
    const text = args.text(option);
    if (text !== undefined) return text;
    throw new SpikewireError('usage', 'spikewire train', `--${option} is missing`, expected);
  };
  const method = named('method', methods, args.text('method') ?? DEFAULT_METHOD);
  const { name, parameters: table } = method;
  const preset = presetNamed(method, args.text('preset'));
  const given = { ...preset?.parameters, ...chosenParameters('spikewire train', args, method, methods) };
  const model = args.text('model');
  const board = args.text('for');
  const asked = args.text('features');
  const data = args.text('data') ?? preset?.data ?? need('data', 'a data set such as mnist or csv:FILE');
  const recordings = recordingChoiceOf(args, data);
  // Without features, recordings are still windows that were cut.
  const features = asked === NO_FEATURES && recordings === undefined ? undefined : asked;
  if (model !== undefined && (features ?? recordings) !== undefined)
    throw new SpikewireError('usage', 'spikewire train --model', 'cannot be combined with recordings', 'a new net');
  return {
    method: name,
    parameters: readParameters(`method ${name}`, given, table, 'usage'),
    data,
    ...(recordings && { recordings }),
    ...(model !== undefined && { model }),
    ...(features !== undefined && { features }),
    ...(board !== undefined && { board }),
    seed: args.number('seed', { minimum: 0, whole: true }) ?? 1,
    out: modelFileIn(need('out', 'a file for the model, such as m.spike')),
    ...(args.flag('no-teachable') && { teachable: false }),
  };
}

/** Another ending would say that the file has another format. Throws `usage`. */
function modelFileIn(path: string): string {
  const extension = extname(path);
  if (extension === '' || extension.toLowerCase() === '.spike') return path;
  throw new SpikewireError('usage', 'spikewire train --out', `has the extension "${extension}"`, '.spike');
}

/**
 * With a net of one hidden layer where no architecture was asked for: nobody knows beforehand how many numbers features
 * give, and rows need no other. Images and signals do, and so do encoders that spread a number over several elements.
 */
function withNetFor({ samples, classes, shape, frames = 1 }: DataSet, asked: RunConfiguration): RunConfiguration {
  const { method, parameters, model } = asked;
  const { parameters: table } = named('method', methods, method);
  const isOpen = Object.hasOwn(table, 'arch') && parameters.arch === undefined && model === undefined;
  if (!isOpen || shape !== undefined || frames > 1 || classes.length === 0 || !hasElementEach(parameters.encoder))
    return asked;
  const arch = `${samples[0]!.length}-${HIDDEN}-${classes.length}`;
  return { ...asked, parameters: { ...parameters, arch } };
}

function hasElementEach(encoder: unknown): boolean {
  if (encoder === undefined) return true;
  const { name } = readSpecification(String(encoder));
  return encoderKinds.find(({ type }) => type === name)?.examples.every(({ elements = 1 }) => elements === 1) ?? false;
}

function presetNamed({ name, presets = {} }: Method, wanted: string | undefined): Preset | undefined {
  if (wanted === undefined || Object.hasOwn(presets, wanted)) return presets[wanted ?? ''];
  const expected = Object.keys(presets).join(', ') || 'none: this method has no presets';
  throw new SpikewireError('usage', 'spikewire train --preset', `${name} has no preset "${wanted}"`, expected);
}

/** A run that goes on does so as it began; otherwise it would be another one. */
function refuseChanges(args: CommandArguments): void {
  const own = ['resume', 'backend', 'threads'];
  const given = Object.entries(command.options).find((entry) => !own.includes(entry[0]) && isGiven(args, ...entry));
  if (given === undefined) return;
  throw new SpikewireError(
    'usage',
    `spikewire train --${given[0]}`,
    'cannot be combined with --resume',
    'the configuration of the run, unchanged',
  );
}

function sayStopped(console: CommandConsole, run: string): void {
  console.result({ stopped: true, run }, () => `stopped and saved; continue with: spikewire train --resume ${run}`);
}

interface Said {
  readonly out: string;
  readonly run: string;
  readonly seconds: number;
  /** The board for which the model was made. */
  readonly profile?: BoardProfile;
  /** Of recordings, and its page. */
  readonly report?: Report;
  readonly page?: string;
  /** What always naming the most frequent class would reach. */
  readonly majority: number;
}

function sayOutcome(
  console: CommandConsole,
  { digest, fileBytes, evaluation, trained, evalData, best, scoreName, epochs }: TrainOutcome,
  { out, run, seconds, profile, report, page, majority }: Said,
): void {
  const document = {
    out,
    run,
    digest,
    fileBytes,
    epochs,
    bestEpoch: best.epoch,
    validation: namedScore(best.validation, scoreName),
    ...evaluation,
    ...('accuracy' in evaluation && { majority }),
    ...(trained && { trainedAccuracy: trained.accuracy }),
    evalData,
    ...(profile && { board: profile.address }),
    ...(report && { report: report.document, page }),
    seconds,
  };
  console.result(document, () =>
    [
      ...(report ? [...reportLines(report), '', `as a page: ${page}`] : []),
      `${worthOf(evaluation)} of ${evaluation.samples} test samples ` +
        `(epoch ${best.epoch} of ${epochs}, chosen by validation)${trained === undefined ? '' : READOUT}`,
      ...('accuracy' in evaluation ? [`always the most frequent class: ${percent(majority)}`] : []),
      ...('unknown' in evaluation && trained !== undefined ? [readoutLine(evaluation, trained)] : []),
      `${evaluation.spikesPerSample.toFixed(1)} spikes and ` +
        `${evaluation.synapticOpsPerSample.toFixed(0)} synaptic operations per sample`,
      ...(profile ? [boardLine(profile)] : []),
      `${out}: ${fileBytes} bytes; run in ${run}; ${seconds.toFixed(0)} s`,
      `again: spikewire eval ${out} --data ${evalData}`,
    ].join('\n'),
  );
}

function worthOf(evaluation: TrainOutcome['evaluation']): string {
  if ('accuracy' in evaluation) return `accuracy ${percent(evaluation.accuracy)}`;
  const { overlap, correlation, error } = evaluation;
  if (overlap !== undefined) return `overlap ${percent(overlap)} with the masks`;
  return `correlation ${correlation.toFixed(4)}, error ${error.toFixed(4)}`;
}

/**
 * Of which output the accuracy is that of a net that leaves with a read-out in place of the output that was trained.
 */
const READOUT = ', by the read-out that labels can teach, which run uses';

function readoutLine({ unknown, samples }: Evaluation, trained: Evaluation): string {
  const share = `it answers ${percent(unknown / samples)} with "unknown"`;
  return `${share}; the trained output, which it replaces, had ${percent(trained.accuracy)}`;
}
