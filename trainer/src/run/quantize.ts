import { basename } from 'node:path';
import {
  type Calibration,
  type ConnectionReport,
  type JsonObject,
  type Model,
  modelDigest,
  quantizationReport,
  quantize,
  SpikewireError,
  writeModel,
} from '@spikewire/models';
import { calibrate, engineNamed } from 'spikewire';
import { type DataSet, type EvaluateOptions, evaluate, windowsOf } from 'spikewire/data';
import { InProcessExecutor } from 'spikewire/executor';
import { version } from '../version.ts';
import { writeWhole } from './atomic-file.ts';

/** Samples that set the ranges. */
const CALIBRATED = 200;
/** Test samples on which the device engine must agree with the integer reference. */
const CHECKED = 20;

export interface QuantizeModelOptions extends Pick<EvaluateOptions, 'limit' | 'signal' | 'onProgress'> {
  readonly bits: 8 | 4;
  readonly membraneBits: 32 | 16;
  readonly out: string;
  /** Sets the ranges and tells the accuracy; without it the ranges are those that the model declares. */
  readonly data?: DataSet;
  readonly warn?: (line: string) => void;
}

export interface QuantizeOutcome {
  readonly digest: string;
  readonly fileBytes: number;
  readonly connections: readonly ConnectionReport[];
  /** Of both forms on the test samples, by the device engine. */
  readonly accuracy?: { readonly float: number; readonly integer: number; readonly samples: number };
}

/**
 * Writes the integer form of a float model. With data, ranges come from its training samples (its samples where it has no such
 * part), and both forms are evaluated; the device engine must agree with the integer reference on the first of them.
 */
export async function quantizeModel(model: Model, options: QuantizeModelOptions): Promise<QuantizeOutcome> {
  const { bits, membraneBits, out, data, warn } = options;
  const calibration = data && calibrationOn(model, data);
  const integer = quantize(model, { bits, membraneBits, ...(calibration && { calibration }), ...(warn && { warn }) });
  const accuracy = data && (await compare(model, integer, data, options));
  const whole = { ...integer, provenance: provenanceOf(model, options, accuracy) };
  const bytes = writeModel(whole);
  await writeWhole(out, bytes);
  return {
    digest: modelDigest(bytes),
    fileBytes: bytes.length,
    connections: quantizationReport(model, integer).connections,
    ...(accuracy && { accuracy }),
  };
}

function calibrationOn(model: Model, data: DataSet): Calibration {
  const { samples } = data.training ?? data;
  return calibrate(model, windowsOf(model, { samples: samples.slice(0, CALIBRATED) }));
}

async function compare(
  model: Model,
  integer: Model,
  data: DataSet,
  { limit, signal, onProgress }: QuantizeModelOptions,
): Promise<NonNullable<QuantizeOutcome['accuracy']>> {
  const run = (form: Model, engine: string, samples: number | undefined) =>
    evaluate(form, new InProcessExecutor(engineNamed(engine), form, { seed: 1 }), data, {
      seed: 1,
      ...(samples !== undefined && { limit: samples }),
      ...(signal && { signal }),
      ...(onProgress && samples !== CHECKED && { onProgress }),
    });
  const [device, reference] = [await run(integer, 'clocked', CHECKED), await run(integer, 'integer', CHECKED)];
  if (device.accuracy !== reference.accuracy || device.spikesPerSample !== reference.spikesPerSample) {
    throw new SpikewireError(
      'unsupported',
      'quantize',
      'the device engine differs from the integer reference',
      'equal spikes',
    );
  }
  const [before, after] = [await run(model, 'clocked', limit), await run(integer, 'clocked', limit)];
  signal?.throwIfAborted();
  return { float: before.accuracy, integer: after.accuracy, samples: after.samples };
}

function provenanceOf(
  { provenance }: Model,
  { bits, membraneBits, data }: QuantizeModelOptions,
  accuracy: QuantizeOutcome['accuracy'],
): JsonObject {
  const quantization = {
    spikewire: version(),
    bits,
    membraneBits,
    ...(data && { data: basename(data.name) }),
    ...(accuracy && { testSamples: accuracy.samples, floatAccuracy: accuracy.float }),
  };
  return { ...provenance, ...(accuracy && { accuracy: accuracy.integer }), quantization };
}
