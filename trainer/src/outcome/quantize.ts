import { basename } from 'node:path';
import { recordSelfTests, windowsOfSelfTests } from '@spikewire/engine';
import type { DataSet } from '@spikewire/engine/data';
import {
  type ConnectionReport,
  type JsonObject,
  type Model,
  modelDigest,
  quantizationReport,
  quantize,
  resolveGraph,
  type SelfTest,
  SpikewireError,
  writeModel,
} from '@spikewire/models';
import type { BoardProfile } from 'spikewire/accelerators';
import { prepareFile, writeWhole } from 'spikewire/cli';
import { withSummedOutputs } from '../architecture/summed-outputs.ts';
import { figureOf, type Judged, type JudgeOptions, judge, type Measure } from '../measures/measure.ts';
import { measureOf, measures } from '../measures/measure-of.ts';
import { calibrationOn } from '../samples/calibration.ts';
import { partOf } from '../samples/part-of.ts';
import { withTestPart } from '../samples/test-part.ts';
import { version } from '../version.ts';
import { withoutFigures } from './figures.ts';
import { type FileRoom, fileRoom } from './file-room.ts';
import { selfTestsOf } from './self-tests.ts';

/** Test samples on which the device engine must agree with the integer reference. */
const CHECKED = 20;

export interface QuantizeModelOptions extends Omit<JudgeOptions, 'engine'> {
  readonly bits: 8 | 4;
  readonly membraneBits: 32 | 16;
  readonly out: string;
  /** Only the first so many test samples. */
  readonly limit?: number;
  /** Sets the ranges and tells what rounding costs; without it the ranges are those that the model declares. */
  readonly data?: DataSet;
  /** The board for which it is made: refused where it does not fit, and evaluated in its arithmetic. */
  readonly profile?: BoardProfile;
  readonly warn?: (line: string) => void;
}

export interface QuantizeOutcome {
  readonly digest: string;
  readonly fileBytes: number;
  readonly room: FileRoom;
  readonly connections: readonly ConnectionReport[];
  readonly comparison?: Comparison;
}

/**
 * What both forms come to on the test samples, by the device engine; the integer form for a board by its arithmetic.
 */
export interface Comparison {
  readonly measure: Measure;
  readonly float: Judged;
  readonly integer: Judged;
}

/**
 * Writes the integer form of a float model. With data, ranges come from its training samples, and both forms are
 * evaluated on its test samples; the device engine must agree with the integer reference on the first of them.
 * Self-test vectors are those of the float model with the answers of the integer form, or, where it has none, recorded
 * on the data.
 */
export async function quantizeModel(model: Model, options: QuantizeModelOptions): Promise<QuantizeOutcome> {
  const { bits, membraneBits, out, warn } = options;
  await prepareFile(out);
  const data = options.data && withTestPart(options.data);
  const ending = withReadOuts(model);
  const calibration = data && calibrationOn(ending, data);
  const integer = quantize(ending, { bits, membraneBits, ...(calibration && { calibration }), ...(warn && { warn }) });
  await options.profile?.expectFit(integer);
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
    room: fileRoom(model, whole, bytes.length),
    connections: quantizationReport(ending, integer).connections,
    ...(comparison && { comparison }),
  };
}

/**
 * An analogue net ends with weights, and whole numbers take populations behind these: integrators, which say the same
 * after the one step that a sample has.
 */
function withReadOuts(model: Model): Model {
  const { steps, between } = model.sample;
  const { nodes, edges } = resolveGraph(model.graph, model.semantics);
  const endsWithWeights = edges.some(
    ({ source, target }) => nodes[target]!.kind.role === 'output' && nodes[source]!.kind.role === 'connection',
  );
  if (steps > 1 || between !== 'reset' || !endsWithWeights) return model;
  return { ...model, graph: withSummedOutputs(model.graph, model.semantics) };
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
  const measure = measureOf(model, data);
  const signalled = { ...(signal && { signal }) };
  const first = partOf(data, 0, CHECKED);
  const device = await judge(measure, integer, first, signalled);
  const reference = await judge(measure, integer, first, { ...signalled, engine: 'integer' });
  if (device.worth !== reference.worth || device.spikesPerSample !== reference.spikesPerSample) {
    throw new SpikewireError(
      'unsupported',
      'quantize',
      'the device engine differs from the integer reference',
      'equal spikes',
    );
  }
  const tested = partOf(data, 0, limit);
  const options = { ...signalled, ...(onProgress && { onProgress }) };
  const float = await judge(measure, model, tested, options);
  // In whole numbers every engine, and every board, has the same bits.
  return { measure, float, integer: await judge(measure, integer, tested, options) };
}

/**
 * The card of the integer form: that of the float one, with other figures. Those that were not measured are left out:
 * the figures of the float form are not those of this file.
 */
function provenanceOf(
  integer: Model,
  { bits, membraneBits, data, profile }: QuantizeModelOptions,
  comparison: Comparison | undefined,
): JsonObject {
  const origin = withoutFigures(integer.provenance);
  const quantization = {
    spikewire: version(),
    bits,
    membraneBits,
    ...(origin.quantization as JsonObject),
    ...(data && { data: basename(data.name) }),
    ...(comparison
      ? { [figureOf('float', comparison.measure)]: comparison.float.worth }
      : floatFigures(integer.provenance)),
  };
  const board = profile && { board: profile.address };
  return { ...origin, ...board, ...(comparison && figuresOf(comparison)), quantization };
}

function figuresOf({ measure: { figure }, integer }: Comparison): JsonObject {
  const { samples, worth, spikesPerSample, synapticOpsPerSample, multiplicationsPerSample } = integer;
  return { testSamples: samples, [figure]: worth, spikesPerSample, synapticOpsPerSample, multiplicationsPerSample };
}

/** What the card of the float form says of it. */
function floatFigures(card: JsonObject): JsonObject {
  const found = measures.flatMap((measure) => {
    const known = card[measure.figure];
    return known === undefined ? [] : [[figureOf('float', measure), known] as const];
  });
  return Object.fromEntries(found);
}
