import { basename } from 'node:path';
import { type JsonObject, type Model, modelDigest, writeModel } from '@spikewire/models';
import { prepareFile, writeWhole } from 'spikewire/cli';
import { type Conversion, type ConvertOptions, convert } from '../conversion/convert.ts';
import { conversionReport, warningsOf } from '../conversion/report.ts';
import { withTestPart } from '../data/test-part.ts';
import type { Report } from '../report/report.ts';
import { reportPage } from '../report/report-page.ts';
import { version } from '../version.ts';
import { selfTestsOf } from './self-tests.ts';
import { trainedNet } from './teachable-net.ts';

export interface ConvertModelOptions extends ConvertOptions {
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
  const { out, page, warn } = options;
  await Promise.all([prepareFile(out), prepareFile(page)]);
  const data = withTestPart(options.data);
  const conversion = await convert(trainedNet(analogue), { ...options, data });
  const report = conversionReport(conversion);
  for (const line of warningsOf(conversion)) warn?.(line);
  const { model } = conversion;
  const selfTests = selfTestsOf(model, data.training ?? data);
  const bytes = writeModel({ ...model, provenance: provenanceOf(conversion, options), selfTests });
  await writeWhole(out, bytes);
  await writeWhole(page, reportPage(`${basename(out)}: converted by ${conversion.method.name}`, report));
  return { conversion, report, digest: modelDigest(bytes), fileBytes: bytes.length };
}

/** The card of the analogue net with the figures of the spiking one, and what was done to it. */
function provenanceOf(
  { method, parameters, model, analogue, chosen }: Conversion,
  { data }: ConvertOptions,
): JsonObject {
  const { steps, ...origin } = model.provenance;
  const { accuracy, spikesPerSample, synapticOpsPerSample } = chosen;
  const conversion = {
    spikewire: version(),
    method: method.name,
    ...(JSON.parse(JSON.stringify(parameters)) as JsonObject),
    data: basename(data.name),
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
