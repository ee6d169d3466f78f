import { basename } from 'node:path';
import type { DataSet } from '@spikewire/engine/data';
import { type Report, reportPage } from '@spikewire/exchange/report';
import { type JsonObject, type Model, modelDigest, SpikewireError, writeModel } from '@spikewire/models';
import { prepareFile, writeWhole } from 'spikewire/cli';
import { type Conversion, type ConvertOptions, convert } from '../conversion/convert.ts';
import type { Bits } from '../conversion/integer-form.ts';
import { type ConversionSite, parametersOf } from '../conversion/method.ts';
import { conversionSite, type SiteOptions } from '../conversion/site.ts';
import { figureOf } from '../measures/measure.ts';
import { partOf } from '../samples/part-of.ts';
import { withTestPart } from '../samples/test-part.ts';
import { trainedNet } from '../stream-eval/teachable-net.ts';
import { version } from '../version.ts';
import { type Tried, tryMethods } from './choose-conversion.ts';
import { conversionReport, warningsOf } from './conversion-report.ts';
import { withoutFigures } from './figures.ts';
import { selfTestsOf } from './self-tests.ts';

export interface ConvertModelOptions
  extends SiteOptions,
    Pick<ConvertOptions, 'sweep' | 'membraneBits' | 'expectFit' | 'lessons' | 'onStage' | 'onProgress'> {
  /** Only the first so many test samples. */
  readonly limit?: number;
  /** Absent: all are tried with their defaults, with as many steps or fewer, and the best is taken. */
  readonly method?: Pick<ConvertOptions, 'method' | 'parameters'>;
  /** Weights of the integer form; absent: a float model, or where all are tried what fits into the budget. */
  readonly bits?: Bits;
  /** Bytes that the file may have, where all are tried. */
  readonly budget?: number;
  readonly out: string;
  /** Where the report goes as a page. */
  readonly page: string;
  readonly warn?: (line: string) => void;
}

export interface ConvertOutcome {
  readonly conversion: Conversion;
  readonly report: Report;
  readonly digest: string;
  readonly fileBytes: number;
}

/** Converts an analogue net and writes the spiking one and the report's page; warns before, where much was lost. */
export async function convertModel(analogue: Model, options: ConvertModelOptions): Promise<ConvertOutcome> {
  const { out, page, warn, onStage } = options;
  await Promise.all([prepareFile(out), prepareFile(page)]);
  const data = partOf(withTestPart(options.data), 0, options.limit);
  onStage?.('calibration');
  const site = await conversionSite(trainedNet(analogue), { ...options, data });
  const found = await (options.method === undefined ? bestThatFits(site, data, options) : asked(site, data, options));
  const { conversion, bytes, tried } = found;
  const report = conversionReport(conversion, tried);
  for (const line of warningsOf(conversion)) warn?.(line);
  await writeWhole(out, bytes);
  const title = `${basename(out)}: converted by ${conversion.method.name}`;
  await writeWhole(page, reportPage(title, report)).catch((problem: SpikewireError) => {
    // What long work came to stays, and nobody has to look whether it is there.
    const line = `${problem.message}; the model was written: ${out}`;
    throw SpikewireError.restore(problem.code, page, line);
  });
  return { conversion, report, digest: modelDigest(bytes), fileBytes: bytes.length };
}

interface Found {
  readonly conversion: Conversion;
  /** The model's file. */
  readonly bytes: Uint8Array;
  /** The best that fits first. */
  readonly tried: readonly Tried[];
}

/** By the method that was asked for. */
async function asked(site: ConversionSite, data: DataSet, options: ConvertModelOptions): Promise<Found> {
  const conversion = await convert(site, { ...options, ...options.method!, data });
  return { conversion, bytes: fileOf(conversion, data), tried: [] };
}

/** The best of all methods, in the widest form of which a file fits into the budget. */
async function bestThatFits(site: ConversionSite, data: DataSet, options: ConvertModelOptions): Promise<Found> {
  const { steps, sweep, onStage, bits, budget = Infinity } = options;
  const counts = [...new Set([...sweep, steps])].filter((count) => count <= steps);
  let least = Infinity;
  for (const form of bits === undefined ? ([undefined, 8, 4] as const) : [bits]) {
    onStage?.(form === undefined ? 'methods' : `methods in ${form} bits`);
    const tried = await tryMethods(site, data, counts, { ...options, bits: form });
    // Without card and self-test vectors; what fits so is measured with them.
    const [fitting, larger] = [true, false].map((fits) =>
      tried.filter(({ fileBytes }) => fileBytes <= budget === fits),
    );
    least = Math.min(least, ...larger!.map(({ fileBytes }) => fileBytes));
    for (const best of fitting!) {
      const { method } = best;
      const chosen = { ...options, method, parameters: parametersOf(method), bits: form, data };
      const conversion = await convert({ ...site, steps: best.steps }, chosen);
      const bytes = fileOf(conversion, data);
      if (bytes.length <= budget) return { conversion, bytes, tried: [best, ...tried.filter((each) => each !== best)] };
      least = Math.min(least, bytes.length);
    }
  }
  throw new SpikewireError('unsupported', `a file of ${budget} bytes`, 'is too small for this net', `${least} or more`);
}

/** The file of the spiking net, with its card and self-test vectors. */
function fileOf(conversion: Conversion, data: DataSet): Uint8Array {
  const { model } = conversion;
  const selfTests = selfTestsOf(model, data.training ?? data);
  return writeModel({ ...model, provenance: provenanceOf(conversion, data), selfTests });
}

/** The card of the analogue net with the figures of the spiking one, and what was done to it. */
function provenanceOf(
  { method, parameters, model, bits, membraneBits, measure, analogue, chosen }: Conversion,
  { name }: DataSet,
): JsonObject {
  const origin = withoutFigures(model.provenance);
  const { worth, spikesPerSample, synapticOpsPerSample, multiplicationsPerSample } = chosen;
  const conversion = {
    spikewire: version(),
    method: method.name,
    ...(JSON.parse(JSON.stringify(parameters)) as JsonObject),
    data: basename(name),
    [figureOf('analogue', measure)]: analogue.worth,
  };
  const quantization = {
    ...(origin.quantization as JsonObject),
    spikewire: version(),
    bits: bits ?? 32,
    membraneBits,
  };
  return {
    ...origin,
    steps: chosen.steps,
    testSamples: analogue.samples,
    [measure.figure]: worth,
    spikesPerSample,
    synapticOpsPerSample,
    multiplicationsPerSample,
    conversion,
    ...(bits !== undefined && { quantization: { ...quantization, data: basename(name) } }),
  };
}
