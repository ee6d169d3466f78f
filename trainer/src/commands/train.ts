import { basename, dirname, join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { Command, CommandArguments, CommandConsole } from 'spikewire/cli';
import type { Recipe } from '../methods/method.ts';
import type { RunConfiguration } from '../run/run-folder.ts';
import type { TrainOutcome } from '../run/train.ts';
import { ProgressLine } from './progress-line.ts';

const DEFAULT_STEPS = 10;
const DEFAULT_EPOCHS = 5;

/** `spikewire train`: data in, a float model and its run folder out. */
export const command: Command = {
  name: 'train',
  summary: 'train a model on labelled samples',
  options: {
    method: { type: 'string', value: '<name>', doc: 'how to train: stbp (default)' },
    data: { type: 'string', value: '<name[:path]>', doc: 'the samples, such as mnist, digits or csv:FILE' },
    arch: { type: 'string', value: '<layers>', doc: 'layers, such as 784-256-10 or 12C5-P2-32C5-P2-10' },
    steps: { type: 'string', value: '<n>', doc: `steps of a sample (default ${DEFAULT_STEPS})` },
    epochs: { type: 'string', value: '<n>', doc: `passes over the samples (default ${DEFAULT_EPOCHS})` },
    seed: { type: 'string', value: '<n>', doc: 'seed of everything random (default 1)' },
    out: { type: 'string', value: '<file>', doc: 'the model, a .spike file' },
    run: {
      type: 'string',
      value: '<folder>',
      doc: 'the run folder (default: beside the model, .run in place of .spike)',
    },
    resume: { type: 'string', value: '<folder>', doc: 'go on with the run in this folder, as it was configured' },
    'learning-rate': { type: 'string', value: '<x>', doc: "highest learning rate (default: the method's)" },
    batch: { type: 'string', value: '<n>', doc: "samples per step of learning (default: the method's)" },
    encoder: { type: 'string', value: '<name>', doc: "direct or bernoulli (default: the method's)" },
    surrogate: { type: 'string', value: '<name>', doc: "derivative of a spike (default: the method's)" },
    'read-out': { type: 'string', value: '<name>', doc: "rate or membrane (default: the method's)" },
    schedule: { type: 'string', value: '<name>', doc: "cosine or step (default: the method's)" },
    backend: { type: 'string', value: '<name>', doc: 'what computes: onnx or interpreter', default: 'onnx' },
  },

  async run(args, console) {
    const [{ loadDataSet }, { backends }, { RunFolder }, { train }, { named }] = await Promise.all([
      import('spikewire/data'),
      import('../backend/backends.ts'),
      import('../run/run-folder.ts'),
      import('../run/train.ts'),
      import('../named.ts'),
    ]);
    const resumed = args.text('resume');
    if (resumed !== undefined) refuseChanges(args);
    const configuration =
      resumed === undefined ? await configurationOf(args) : await new RunFolder(resumed).readConfiguration();
    const folder = new RunFolder(resumed ?? args.text('run') ?? runFolderOf(configuration.out));
    const backend = named('backend', backends, args.text('backend')!);
    const data = await loadDataSet(configuration.data);
    const line = new ProgressLine(configuration.epochs, () => performance.now());
    const started = performance.now();
    const outcome = await train({
      folder,
      configuration,
      data,
      backend,
      resume: resumed !== undefined,
      signal: console.signal,
      warn: (text) => console.say(`warning: ${text}`),
      onBatch: (report) => console.progress(line.batch(report)),
      onEpoch: (record) => console.say(line.epoch(record)),
      onEvaluation: (done, of) => console.progress(`test: ${done} of ${of} samples`),
    });
    if (outcome === undefined) sayStopped(console, folder.path);
    else
      sayOutcome(console, outcome, { configuration, run: folder.path, seconds: (performance.now() - started) / 1000 });
  },
};

async function configurationOf(args: CommandArguments): Promise<RunConfiguration> {
  const [{ methods }, { named }] = await Promise.all([import('../methods/methods.ts'), import('../named.ts')]);
  const need = (option: string, expected: string) => {
    const text = args.text(option);
    if (text !== undefined) return text;
    throw new SpikewireError('usage', 'spikewire train', `--${option} is missing`, expected);
  };
  const whole = (option: string, minimum: number) => args.number(option, { minimum, whole: true });
  const method = named('method', methods, args.text('method') ?? 'stbp');
  const learningRate = args.number('learning-rate', { minimum: 0 });
  const batch = whole('batch', 1);
  const changes: Partial<Recipe> = {
    ...(learningRate !== undefined && { learningRate }),
    ...(batch !== undefined && { batch }),
    ...textOf(args, 'encoder', 'encoder'),
    ...textOf(args, 'surrogate', 'surrogate'),
    ...textOf(args, 'read-out', 'readOut'),
    ...textOf(args, 'schedule', 'schedule'),
  };
  return {
    method: method.name,
    recipe: { ...method.recipe, ...changes },
    data: need('data', 'a data set such as mnist or csv:FILE'),
    architecture: need('arch', 'layers such as 784-256-10'),
    steps: whole('steps', 1) ?? DEFAULT_STEPS,
    epochs: whole('epochs', 1) ?? DEFAULT_EPOCHS,
    seed: whole('seed', 0) ?? 1,
    out: need('out', 'a file for the model, such as m.spike'),
  };
}

function textOf(args: CommandArguments, option: string, key: keyof Recipe): Partial<Recipe> {
  const text = args.text(option);
  return text === undefined ? {} : { [key]: text };
}

/** A run that goes on does so as it began; otherwise it would be another one. */
function refuseChanges(args: CommandArguments): void {
  const own = ['resume', 'backend', 'json', 'help'];
  const given = Object.keys(command.options).find((option) => !own.includes(option) && args.text(option) !== undefined);
  if (given === undefined) return;
  throw new SpikewireError(
    'usage',
    `spikewire train --${given}`,
    'does not go with --resume',
    'the configuration of the run, unchanged',
  );
}

function runFolderOf(out: string): string {
  return join(dirname(out), `${basename(out).replace(/\.spike$/, '')}.run`);
}

function sayStopped(console: CommandConsole, run: string): void {
  console.result({ stopped: true, run }, () => `stopped and saved; go on with: spikewire train --resume ${run}`);
}

function sayOutcome(
  console: CommandConsole,
  { digest, fileBytes, evaluation, evalData, best, epochs }: TrainOutcome,
  { configuration, run, seconds }: { configuration: RunConfiguration; run: string; seconds: number },
): void {
  const { out } = configuration;
  const document = {
    out,
    run,
    digest,
    fileBytes,
    epochs,
    bestEpoch: best.epoch,
    validation: best.validation,
    ...evaluation,
    evalData,
    seconds,
  };
  console.result(document, () =>
    [
      `accuracy ${(100 * evaluation.accuracy).toFixed(2)} % of ${evaluation.samples} test samples (epoch ${best.epoch} of ${epochs}, chosen by validation)`,
      `${evaluation.spikesPerSample.toFixed(1)} spikes and ${evaluation.synapticOpsPerSample.toFixed(0)} synaptic operations per sample`,
      `${out}: ${fileBytes} bytes; run in ${run}; ${seconds.toFixed(0)} s`,
      `again: spikewire eval ${out} --data ${evalData}`,
    ].join('\n'),
  );
}
