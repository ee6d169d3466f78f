import { basename } from 'node:path';
import { type JsonObject, type Model, modelDigest, writeModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { type DataSet, type Evaluation, evaluate } from 'spikewire/data';
import { InProcessExecutor } from 'spikewire/executor';
import type { Backend } from '../backend/backend.ts';
import { csvRows, withTestPart } from '../data/test-part.ts';
import { exportModel } from '../network/export.ts';
import { bestOf, type EpochRecord } from '../training/progress.ts';
import { type BatchReport, Training } from '../training/training.ts';
import { version } from '../version.ts';
import { prepareFile, writeWhole } from './atomic-file.ts';
import { figuresOf } from './figures.ts';
import type { RunConfiguration, RunFolder } from './run-folder.ts';
import { selfTestsOf } from './self-tests.ts';

export interface TrainOptions {
  readonly folder: RunFolder;
  readonly configuration: RunConfiguration;
  readonly data: DataSet;
  readonly backend: Backend;
  /** Goes on from the folder's last checkpoint. */
  readonly resume: boolean;
  readonly signal?: AbortSignal;
  /** Told in a line what was not as it should be, such as a damaged checkpoint that another stands in for. */
  readonly warn?: (line: string) => void;
  onBatch?(report: BatchReport): void;
  onEpoch?(record: EpochRecord): void;
  onEvaluation?(done: number, of: number): void;
}

/** What a training that came to its end gives. */
export interface TrainOutcome {
  readonly model: Model;
  readonly digest: string;
  readonly fileBytes: number;
  /** Of the model on the test samples, by the device engine: what `spikewire eval` says. */
  readonly evaluation: Evaluation;
  /** The data set by which `spikewire eval` finds these samples. */
  readonly evalData: string;
  readonly best: EpochRecord;
  readonly epochs: number;
}

/**
 * Trains to the end, or until the signal: the last state is then in the folder and the outcome undefined. At the end the best
 * epoch's net is exported, and evaluated by the engine that runs it on devices.
 */
export async function train(options: TrainOptions): Promise<TrainOutcome | undefined> {
  const { folder, configuration, backend, resume } = options;
  await prepareFile(configuration.out);
  const data = withTestPart(options.data);
  const training = await Training.open(configuration, data, backend);
  try {
    if (!resume) await folder.create(configuration);
    else training.progress = (await folder.restore(training.arrays, options.warn)) ?? training.progress;
    warnOfFewUpdates(training, options);
    await runSaving(training, options);
    if (!training.finished) return undefined;
    const evalData = options.data.training ? configuration.data : `csv:${await folder.writeTestSamples(csvRows(data))}`;
    return await finish(training, data, evalData, options);
  } finally {
    await training.close();
  }
}

/** Updates of the weights below which a small data set mostly stays where it began. */
const FEW_UPDATES = 200;

function warnOfFewUpdates({ batchesPerEpoch }: Training, { configuration, warn }: TrainOptions): void {
  const updates = batchesPerEpoch * configuration.epochs;
  if (updates >= FEW_UPDATES) return;
  warn?.(`the weights change only ${updates} times in all; a smaller --batch or more --epochs learns more`);
}

/** Saves after every epoch, and where the training was stopped. */
async function runSaving(training: Training, { folder, signal, onBatch, onEpoch }: TrainOptions): Promise<void> {
  await training.run({
    ...(signal && { signal }),
    ...(onBatch && { onBatch }),
    async onEpoch(record) {
      const { history } = training.progress;
      if (bestOf(history) === record) await folder.saveBest(training.arrays, training.progress);
      await folder.saveLast(training.arrays, training.progress);
      await folder.writeHistory(history);
      onEpoch?.(record);
    },
  });
  await folder.saveLast(training.arrays, training.progress);
}

async function finish(
  training: Training,
  data: DataSet,
  evalData: string,
  { folder, configuration, signal, onEvaluation }: TrainOptions,
): Promise<TrainOutcome | undefined> {
  const { plan, ranges, progress } = training;
  const parameters = await folder.readBest();
  const best = bestOf(progress.history)!;
  const exportWith = (provenance: JsonObject) =>
    exportModel(parameters, { plan, ranges, labels: data.classes, provenance });
  const model = exportWith({});
  const evaluation = await evaluate(model, new InProcessExecutor(engineNamed('clocked'), model, { seed: 1 }), data, {
    seed: 1,
    ...(signal && { signal }),
    ...(onEvaluation && { onProgress: onEvaluation }),
  });
  if (signal?.aborted) return undefined;
  const provenance = provenanceOf(configuration, data.name, training, best, evaluation);
  const whole = { ...exportWith(provenance), selfTests: selfTestsOf(model, data.training ?? data) };
  const bytes = writeModel(whole);
  await writeWhole(configuration.out, bytes);
  await folder.writeCard(configuration.out, provenance);
  const digest = modelDigest(bytes);
  return { model: whole, digest, fileBytes: bytes.length, evaluation, evalData, best, epochs: progress.epochs };
}

/** Nothing of time and machine stands in it, so that the same command gives the same file. */
function provenanceOf(
  { method, recipe, architecture, steps, epochs, seed }: RunConfiguration,
  data: string,
  { samples, progress }: Training,
  best: EpochRecord,
  evaluation: Evaluation,
): JsonObject {
  return {
    spikewire: version(),
    method,
    data: basename(data),
    architecture,
    steps,
    epochs,
    seed,
    recipe: recipe as unknown as JsonObject,
    learnedSamples: samples.learned.samples.length,
    validationSamples: samples.validation.samples.length,
    trainedEpochs: progress.epochs,
    bestEpoch: best.epoch,
    validationAccuracy: best.validation.accuracy,
    ...figuresOf(evaluation),
  };
}
