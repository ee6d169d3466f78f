import { basename } from 'node:path';
import {
  type ConnectionReport,
  type JsonObject,
  type JsonValue,
  type Model,
  modelDigest,
  quantizationReport,
  quantize,
  type SelfTest,
  SpikewireError,
  writeModel,
} from '@spikewire/models';
import { engineNamed, recordSelfTests, windowsOfSelfTests } from 'spikewire';
import { prepareFile, writeWhole } from 'spikewire/cli';
import { type DataSet, type EvaluateOptions, type Evaluation, evaluate } from 'spikewire/data';
import { InProcessExecutor } from 'spikewire/executor';
import { version } from '../version.ts';
import { calibrationOn } from './calibration.ts';
import { figuresOf } from './figures.ts';
import { selfTestsOf } from './self-tests.ts';

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

/** What both forms come to on the test samples, by the device engine. */
interface Comparison {
  readonly float: Evaluation;
  readonly integer: Evaluation;
}

/**
 * Writes the integer form of a float model. With data, ranges come from its training samples (its samples where it has
 * no such part), and both forms are evaluated; the device engine must agree with the integer reference on the first of
 * them. Self-test vectors are those of the float model with the answers of the integer form, or, where it has none,
 * recorded on the data.
 */
export async function quantizeModel(model: Model, options: QuantizeModelOptions): Promise<QuantizeOutcome> {
  const { bits, membraneBits, out, data, warn } = options;
  await prepareFile(out);
  const calibration = data && calibrationOn(model, data);
  const integer = quantize(model, { bits, membraneBits, ...(calibration && { calibration }), ...(warn && { warn }) });
  const comparison = data && (await compare(model, integer, data, options));
  const whole = {
    ...integer,
    provenance: provenanceOf(integer, options, comparison),
    selfTests: selfTestsFor(integer, model, data),
  };
  const bytes = writeModel(whole);
  await writeWhole(out, bytes);
  return {
    digest: modelDigest(bytes),
    fileBytes: bytes.length,
    connections: quantizationReport(model, integer).connections,
    ...(comparison && {
      accuracy: {
        float: comparison.float.accuracy,
        integer: comparison.integer.accuracy,
        samples: comparison.integer.samples,
      },
    }),
  };
}

function selfTestsFor(integer: Model, float: Model, data: DataSet | undefined): readonly SelfTest[] {
  const { length } = float.selfTests;
  if (length > 0) return recordSelfTests(integer, windowsOfSelfTests(float), length);
  return data === undefined ? [] : selfTestsOf(integer, data.training ?? data);
}

async function compare(
  model: Model,
  integer: Model,
  data: DataSet,
  { limit, signal, onProgress }: QuantizeModelOptions,
): Promise<Comparison> {
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
  return { float: before, integer: after };
}

/**
 * The card of the integer form: that of the float one, with other figures. Those that were not measured are left out:
 * the figures of the float form are not those of this file.
 */
function provenanceOf(
  integer: Model,
  { bits, membraneBits, data }: QuantizeModelOptions,
  comparison: Comparison | undefined,
): JsonObject {
  const { testSamples, accuracy, trainedAccuracy, spikesPerSample, synapticOpsPerSample, ...origin } =
    integer.provenance;
  const quantization = {
    spikewire: version(),
    bits,
    membraneBits,
    ...(origin.quantization as JsonObject),
    ...(data && { data: basename(data.name) }),
    ...floatFigures(comparison?.float, accuracy),
  };
  return { ...origin, ...(comparison && figuresOf(comparison.integer)), quantization };
}

function floatFigures(measured: Evaluation | undefined, known: JsonValue | undefined): JsonObject {
  const floatAccuracy = measured?.accuracy ?? known;
  return floatAccuracy === undefined ? {} : { floatAccuracy };
}
