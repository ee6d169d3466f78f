import { basename } from 'node:path';
import { type JsonObject, type Model, modelDigest, writeModel } from '@spikewire/models';
import { prepareFile, writeWhole } from 'spikewire/cli';
import type { DataSet } from 'spikewire/data';
import { tryMethods } from '../conversion/choose.ts';
import { type Conversion, type ConvertOptions, convert } from '../conversion/convert.ts';
import { type ConversionSite, parametersOf } from '../conversion/method.ts';
import { conversionReport, warningsOf } from '../conversion/report.ts';
import { conversionSite, type SiteOptions } from '../conversion/site.ts';
import type { AnswerOptions } from '../conversion/sweep.ts';
import { withTestPart } from '../data/test-part.ts';
import type { Report } from '../report/report.ts';
import { reportPage } from '../report/report-page.ts';
import { version } from '../version.ts';
import { selfTestsOf } from './self-tests.ts';
import { trainedNet } from './teachable-net.ts';

export interface ConvertModelOptions extends SiteOptions, Pick<ConvertOptions, 'sweep' | 'onStage'>, AnswerOptions {
  /** Absent: all are tried with their defaults, with as many steps or fewer, and the best is taken. */
  readonly method?: Pick<ConvertOptions, 'method' | 'parameters'>;
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
  const data = withTestPart(options.data);
  onStage?.('calibration');
  const site = await conversionSite(trainedNet(analogue), { ...options, data });
  const { tried, method, steps } = await chosenMethod(site, data, options);
  const conversion = await convert({ ...site, steps }, { ...options, ...method, data });
  const report = conversionReport(conversion, tried);
  for (const line of warningsOf(conversion)) warn?.(line);
  const { model } = conversion;
  const selfTests = selfTestsOf(model, data.training ?? data);
  const bytes = writeModel({ ...model, provenance: provenanceOf(conversion, data), selfTests });
  await writeWhole(out, bytes);
  await writeWhole(page, reportPage(`${basename(out)}: converted by ${conversion.method.name}`, report));
  return { conversion, report, digest: modelDigest(bytes), fileBytes: bytes.length };
}

/** The method that was asked for; otherwise all, the best first. */
async function chosenMethod(site: ConversionSite, data: DataSet, options: ConvertModelOptions) {
  const { method, steps, sweep, onStage } = options;
  if (method !== undefined) return { tried: [], method, steps };
  onStage?.('methods');
  const budget = [...new Set([...sweep, steps])].filter((count) => count <= steps);
  const tried = await tryMethods(site, data, budget, options);
  const [best] = tried;
  return { tried, method: { method: best.method, parameters: parametersOf(best.method) }, steps: best.steps };
}

/** The card of the analogue net with the figures of the spiking one, and what was done to it. */
function provenanceOf({ method, parameters, model, analogue, chosen }: Conversion, { name }: DataSet): JsonObject {
  const { steps, ...origin } = model.provenance;
  const { accuracy, spikesPerSample, synapticOpsPerSample } = chosen;
  const conversion = {
    spikewire: version(),
    method: method.name,
    ...(JSON.parse(JSON.stringify(parameters)) as JsonObject),
    data: basename(name),
    analogueAccuracy: analogue.accuracy,
  };
  return {
    ...origin,
    steps: chosen.steps,
    testSamples: analogue.samples,
    accuracy,
    spikesPerSample,
    synapticOpsPerSample,
    conversion,
  };
}
