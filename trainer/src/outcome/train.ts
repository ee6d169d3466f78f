import { basename } from 'node:path';
import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { DataSet } from '@spikewire/engine/data';
import {
  type FeatureStage,
  type JsonObject,
  type Model,
  modelDigest,
  SpikewireError,
  writeModel,
} from '@spikewire/models';
import type { BoardProfile } from 'spikewire/accelerators';
import { prepareFile, writeWhole } from 'spikewire/cli';
import type { Evaluation, NumbersEvaluation } from 'spikewire/data';
import type { Backend } from '../backend/backend.ts';
import { named } from '../kinds/kind.ts';
import { methods } from '../methods/methods.ts';
import { whyConstant } from '../runs/gradient/divergence.ts';
import { bestOf, type EpochRecord } from '../runs/history.ts';
import type { BatchReport, Run } from '../runs/run.ts';
import type { ScoreName } from '../runs/tally.ts';
import type { FeaturedSet } from '../samples/featured.ts';
import { csvRows, withTestPart } from '../samples/test-part.ts';
import { zerosIn } from '../samples/zeros.ts';
import { trainedNet, whyNotTeachable } from '../stream-eval/teachable-net.ts';
import { version } from '../version.ts';
import { figuresOf, test } from './figures.ts';
import { integerFor } from './for-board.ts';
import type { RunConfiguration, RunFolder } from './run-folder.ts';
import { selfTestsOf } from './self-tests.ts';
import { withTaughtReadout } from './teach.ts';

export interface TrainOptions {
  readonly folder: RunFolder;
  readonly configuration: RunConfiguration;
  readonly data: DataSet;
  /** The same behind features, which the model is to have in front. */
  readonly featured?: FeaturedSet;
  /** The data set by which `spikewire eval` finds the test samples; absent: that of `data`, or a table of them. */
  readonly evalData?: string;
  /** What is trained further; absent: a new net. */
  readonly model?: Model;
  /** The board for which the model is made, in whole numbers; absent: a float model, or what the method gives. */
  readonly profile?: BoardProfile;
  readonly backend: Backend;
  /** Goes on from the folder's last checkpoint. */
  readonly resume: boolean;
  /** Takes the place of a run that is in the folder. */
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
  /** Does what hears no signal and may be ended at any time. */
  endedBySignals?(work: () => Promise<void>): Promise<void>;
  /** Told in a line what was not as it should be, such as a damaged checkpoint that another stands in for. */
  readonly warn?: (line: string) => void;
  onBatch?(report: BatchReport, run: Run): void;
  onEpoch?(record: EpochRecord, run: Run): void;
  onEvaluation?(done: number, of: number): void;
}

/** What a training that came to its end gives. */
export interface TrainOutcome {
  readonly model: Model;
  readonly digest: string;
  readonly fileBytes: number;
  /** Of the model on the test samples, by the device engine: what `spikewire eval` says. */
  readonly evaluation: Evaluation | NumbersEvaluation;
  /** The same with the output that was trained, where the model has a read-out that is taught in its place. */
  readonly trained?: Evaluation;
  /** The data set by which `spikewire eval` finds these samples. */
  readonly evalData: string;
  /** Of each test sample the class that was named, −1 where none of them was. */
  readonly answers: Int32Array;
  readonly best: EpochRecord;
  /** What its scores are named. */
  readonly scoreName: ScoreName;
  readonly epochs: number;
}

/** Milliseconds of an epoch after which its state is saved before it has ended. */
const MOST_UNSAVED = 30_000;

/**
 * Runs a method to the end, or until the signal: the last state is then in the folder and the outcome undefined. At the
 * end the model of the best epoch is evaluated by the engine that runs it on devices.
 */
export async function train(options: TrainOptions): Promise<TrainOutcome | undefined> {
  const { folder, configuration, backend, resume, model, profile, warn } = options;
  const { parameters, seed } = configuration;
  const method = named('method', methods, configuration.method);
  if (options.data.targets !== undefined && !method.takesNumbers) {
    throw new SpikewireError('input', options.data.name, 'has numbers for answers', `classes, for ${method.name}`);
  }
  if (model !== undefined && method.startsAnew) {
    throw new SpikewireError('usage', 'spikewire train --model', `cannot be combined with ${method.name}`, 'a new net');
  }
  await prepareFile(configuration.out);
  const data = options.featured?.data ?? withTestPart(options.data);
  const run = await method.start(
    { data, backend, seed, ...(model && { model: trainedNet(model) }), ...(warn && { warn }) },
    parameters,
  );
  try {
    if (profile !== undefined && run.beginning !== undefined)
      await profile.expectFit(integerFor(profile, run.beginning, data));
    if (resume) await folder.restore(run, warn);
    else await folder.create(configuration, options.overwrite);
    for (const warning of run.warnings) warn?.(warning);
    await runSaving(run, options);
    if (!run.finished) return undefined;
    return await finish(run, data, options.evalData ?? (await testSamplesOf(data, options)), options);
  } finally {
    await run.close();
  }
}

/** The data set that has the test samples: the one that was given, or a table of them in the run folder. */
async function testSamplesOf(data: DataSet, { folder, configuration, featured, ...given }: TrainOptions) {
  if (given.data.training !== undefined) return configuration.data;
  return `csv:${await folder.writeTestSamples(csvRows(featured?.readings ?? data))}`;
}

/** Steps until the run is finished or stopped; the last state, and that of the best epoch, are then in the folder. */
async function runSaving(run: Run, { folder, signal, onBatch, onEpoch, ...options }: TrainOptions): Promise<void> {
  let saved = performance.now();
  while (!run.finished && !signal?.aborted) {
    const { preparation } = run;
    if (preparation !== undefined) await (options.endedBySignals?.(preparation) ?? preparation());
    const epochs = run.history.length;
    const report = await run.step();
    onBatch?.(report, run);
    if (run.history.length > epochs) {
      const record = run.history.at(-1)!;
      if (bestOf(run.history) === record) await folder.saveBest(run);
      await folder.saveLast(run);
      await folder.writeHistory(run.history, run.scoreName);
      onEpoch?.(record, run);
      saved = performance.now();
    } else if (performance.now() - saved > MOST_UNSAVED) {
      await folder.saveLast(run);
      saved = performance.now();
    }
    await yieldToEventLoop();
  }
  await folder.saveLast(run);
}

async function finish(
  run: Run,
  data: DataSet,
  evalData: string,
  { folder, configuration, featured, profile, signal, warn, onEvaluation }: TrainOptions,
): Promise<TrainOutcome | undefined> {
  const best = bestOf(run.history)!;
  const found = run.model(await folder.readBest());
  const learned = profile === undefined ? found : integerFor(profile, found, data);
  const zeros = featured?.zeros ?? zerosIn(run.samples.learned.samples);
  const sample = { ...learned.sample, ...(data.targets === undefined && zeros) };
  const trained: Model = {
    ...learned,
    channels: channelsOf(learned, data),
    sample,
    labels: data.classes,
    selfTests: [],
  };
  const answers = new Int32Array(data.samples.length).fill(-1);
  const tested = (model: Model) =>
    test(inFront(model, featured), featured?.readings ?? data, {
      onAnswer: (index, answer) => {
        answers[index] = answer;
      },
      ...(signal && { signal }),
      ...(onEvaluation && { onProgress: onEvaluation }),
    });
  const ofTrained = await tested(trained);
  if (signal?.aborted) return undefined;
  const useless = data.targets === undefined ? whyConstant(answers, data.labels, data.classes) : undefined;
  if (useless !== undefined) warn?.(useless);
  const mayBe = 'accuracy' in ofTrained && mayBeTaught(trained, configuration, warn);
  const taught = mayBe ? await withTaughtReadout(trained, run.samples, configuration.seed) : trained;
  const misfit = mayBe ? await misfitOf(taught, profile) : undefined;
  if (misfit !== undefined) warn?.(`${WITHOUT_READOUT}: ${misfit}`);
  const isTeachable = mayBe && misfit === undefined;
  const model = isTeachable ? taught : trained;
  await profile?.expectFit(model);
  const evaluation = isTeachable ? await tested(model) : ofTrained;
  if (signal?.aborted) return undefined;
  const provenance = {
    ...provenanceOf(configuration, data.name, run, evaluation),
    ...(isTeachable && { trainedAccuracy: ofTrained.accuracy }),
  };
  const selfTests = selfTestsOf(model, data.training ?? data);
  const whole = { ...inFront(model, featured), provenance, selfTests };
  const bytes = writeModel(whole);
  await writeWhole(configuration.out, bytes);
  await folder.writeCard(configuration.out, provenance);
  const digest = modelDigest(bytes);
  const epochs = run.history.length;
  const own = isTeachable ? { trained: ofTrained } : {};
  const { scoreName = 'accuracy' } = run;
  const outcome = { evaluation, ...own, evalData, answers, best, scoreName, epochs };
  return { model: whole, digest, fileBytes: bytes.length, ...outcome };
}

/** Channels that the model names, else those of the data, so that messages may say readings by the same names. */
function channelsOf({ channels }: Model, { channels: names = [], shape, frames = 1 }: DataSet) {
  if (channels.length > 0 || shape !== undefined || frames > 1) return channels;
  return names.map((name) => ({ name, unit: '' }));
}

/** Far beyond what encoders take: they clip to what was learned, and so know how far a number lies beyond that. */
const UNCLIPPED = 1000;

/** The net that learned what features made of readings, with these in front: it takes readings. */
function inFront(model: Model, featured: FeaturedSet | undefined): Model {
  if (featured === undefined) return model;
  const { stages, channels } = featured;
  return {
    ...model,
    channels,
    features: new Map([...model.encoder.keys()].map((input) => [input, stages.map(unclipped)])),
  };
}

/** Encoders know no number beyond those that were learned, which were clipped: the spikes are the same. */
function unclipped(stage: FeatureStage): FeatureStage {
  if (!('type' in stage) || stage.type !== 'standardise') return stage;
  return { ...stage, parameters: { ...stage.parameters, clip: UNCLIPPED } };
}

const WITHOUT_READOUT = 'it leaves without a read-out that can be taught';

/** Why a board does not hold a model; undefined where it does. */
async function misfitOf(model: Model, profile: BoardProfile | undefined): Promise<string | undefined> {
  return profile?.expectFit(model).then(
    () => undefined,
    ({ message }: Error) => message,
  );
}

/** Whether a classifier is to leave with a read-out that is taught; where it cannot, a line says why. */
function mayBeTaught(model: Model, { teachable = true }: RunConfiguration, warn?: (line: string) => void): boolean {
  if (!teachable || model.learning.size > 0) return false;
  const reason = whyNotTeachable(model);
  if (reason !== undefined) warn?.(`${WITHOUT_READOUT}: ${reason}`);
  return reason === undefined;
}

/** Nothing of time and machine stands in it, so that the same command gives the same file. */
function provenanceOf(
  { method, parameters, seed, model, features, board }: RunConfiguration,
  data: string,
  { samples, history, scoreName = 'accuracy' }: Run,
  evaluation: Evaluation | NumbersEvaluation,
): JsonObject {
  const best = bestOf(history)!;
  return {
    spikewire: version(),
    method,
    data: basename(data),
    ...(model !== undefined && { trainedFrom: basename(model) }),
    ...(features !== undefined && { features }),
    ...(board !== undefined && { board }),
    seed,
    ...(JSON.parse(JSON.stringify(parameters)) as JsonObject),
    learnedSamples: samples.learned.samples.length,
    validationSamples: samples.validation.samples.length,
    trainedEpochs: history.length,
    bestEpoch: best.epoch,
    [`validation${scoreName[0]!.toUpperCase()}${scoreName.slice(1)}`]: best.validation.accuracy,
    ...figuresOf(evaluation),
  };
}
