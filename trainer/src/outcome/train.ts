import { basename } from 'node:path';
import { setImmediate as otherEvents } from 'node:timers/promises';
import { type JsonObject, type Model, modelDigest, writeModel } from '@spikewire/models';
import { prepareFile, writeWhole } from 'spikewire/cli';
import type { DataSet, Evaluation, NumbersEvaluation } from 'spikewire/data';
import type { Backend } from '../backend/backend.ts';
import { csvRows, withTestPart } from '../data/test-part.ts';
import { named } from '../kinds/kind.ts';
import { methods } from '../methods/methods.ts';
import { bestOf, type EpochRecord } from '../runs/history.ts';
import type { BatchReport, Run } from '../runs/run.ts';
import { version } from '../version.ts';
import { figuresOf, test } from './figures.ts';
import type { RunConfiguration, RunFolder } from './run-folder.ts';
import { selfTestsOf } from './self-tests.ts';

export interface TrainOptions {
  readonly folder: RunFolder;
  readonly configuration: RunConfiguration;
  readonly data: DataSet;
  /** What is trained further; absent: a new net. */
  readonly model?: Model;
  readonly backend: Backend;
  /** Goes on from the folder's last checkpoint. */
  readonly resume: boolean;
  /** Takes the place of a run that is in the folder. */
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
  /** Told in a line what was not as it should be, such as a damaged checkpoint that another stands in for. */
  readonly warn?: (line: string) => void;
  onBatch?(report: BatchReport, epochs: number): void;
  onEpoch?(record: EpochRecord, epochs: number): void;
  onEvaluation?(done: number, of: number): void;
}

/** What a training that came to its end gives. */
export interface TrainOutcome {
  readonly model: Model;
  readonly digest: string;
  readonly fileBytes: number;
  /** Of the model on the test samples, by the device engine: what `spikewire eval` says. */
  readonly evaluation: Evaluation | NumbersEvaluation;
  /** The data set by which `spikewire eval` finds these samples. */
  readonly evalData: string;
  readonly best: EpochRecord;
  readonly epochs: number;
}

/**
 * Runs a method to the end, or until the signal: the last state is then in the folder and the outcome undefined. At the
 * end the model of the best epoch is evaluated by the engine that runs it on devices.
 */
export async function train(options: TrainOptions): Promise<TrainOutcome | undefined> {
  const { folder, configuration, backend, resume, model, warn } = options;
  const { method, parameters, seed } = configuration;
  await prepareFile(configuration.out);
  const data = withTestPart(options.data);
  const run = await named('method', methods, method).start(
    { data, backend, seed, ...(model && { model }), ...(warn && { warn }) },
    parameters,
  );
  try {
    if (resume) await folder.restore(run, warn);
    else await folder.create(configuration, options.overwrite);
    for (const warning of run.warnings) warn?.(warning);
    await runSaving(run, options);
    if (!run.finished) return undefined;
    const evalData = options.data.training ? configuration.data : `csv:${await folder.writeTestSamples(csvRows(data))}`;
    return await finish(run, data, evalData, options);
  } finally {
    await run.close();
  }
}

/** Steps until the run is finished or stopped; the last state, and that of the best epoch, are then in the folder. */
async function runSaving(run: Run, { folder, signal, onBatch, onEpoch }: TrainOptions): Promise<void> {
  while (!run.finished && !signal?.aborted) {
    const epochs = run.history.length;
    const report = await run.step();
    onBatch?.(report, run.epochs);
    if (run.history.length > epochs) {
      const record = run.history.at(-1)!;
      if (bestOf(run.history) === record) await folder.saveBest(run);
      await folder.saveLast(run);
      await folder.writeHistory(run.history);
      onEpoch?.(record, run.epochs);
    }
    await otherEvents();
  }
  await folder.saveLast(run);
}

async function finish(
  run: Run,
  data: DataSet,
  evalData: string,
  { folder, configuration, signal, onEvaluation }: TrainOptions,
): Promise<TrainOutcome | undefined> {
  const best = bestOf(run.history)!;
  const model = { ...run.model(await folder.readBest()), labels: data.classes, selfTests: [] };
  const evaluation = await test(model, data, {
    ...(signal && { signal }),
    ...(onEvaluation && { onProgress: onEvaluation }),
  });
  if (signal?.aborted) return undefined;
  const provenance = provenanceOf(configuration, data.name, run, evaluation);
  const whole = { ...model, provenance, selfTests: selfTestsOf(model, data.training ?? data) };
  const bytes = writeModel(whole);
  await writeWhole(configuration.out, bytes);
  await folder.writeCard(configuration.out, provenance);
  const digest = modelDigest(bytes);
  const epochs = run.history.length;
  return { model: whole, digest, fileBytes: bytes.length, evaluation, evalData, best, epochs };
}

/** Nothing of time and machine stands in it, so that the same command gives the same file. */
function provenanceOf(
  { method, parameters, seed, model }: RunConfiguration,
  data: string,
  { samples, history }: Run,
  evaluation: Evaluation | NumbersEvaluation,
): JsonObject {
  const best = bestOf(history)!;
  return {
    spikewire: version(),
    method,
    data: basename(data),
    ...(model !== undefined && { trainedFrom: basename(model) }),
    seed,
    ...(JSON.parse(JSON.stringify(parameters)) as JsonObject),
    learnedSamples: samples.learned.samples.length,
    validationSamples: samples.validation.samples.length,
    trainedEpochs: history.length,
    bestEpoch: best.epoch,
    validationAccuracy: best.validation.accuracy,
    ...figuresOf(evaluation),
  };
}
