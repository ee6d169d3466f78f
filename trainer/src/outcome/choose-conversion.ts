import type { DataSet } from '@spikewire/engine/data';
import { type Model, writeModel } from '@spikewire/models';
import { type Bits, inForm, type MembraneBits } from '../conversion/integer-form.ts';
import { type ConversionMethod, type ConversionSite, parametersOf } from '../conversion/method.ts';
import { conversionMethods } from '../conversion/methods/methods.ts';
import { spikingModel } from '../conversion/spiking-model.ts';
import { type SweepPoint, sweepPoint } from '../conversion/sweep.ts';
import { type JudgeOptions, judge } from '../measures/measure.ts';
import { partOf } from '../samples/part-of.ts';

/** Calibration samples on which methods are compared, and what agreement may be below the best for fewer steps. */
const [SAMPLES, CLOSE] = [256, 0.005];

/** A method with its defaults, and so many steps. */
export interface Tried extends Pick<SweepPoint, 'steps' | 'agreement' | 'synapticOpsPerSample'> {
  readonly method: ConversionMethod;
  readonly bits?: Bits;
  /** Of the model's file, without what is said of it. */
  readonly fileBytes: number;
}

export interface TryOptions extends Omit<JudgeOptions, 'engine'> {
  /** Of the form that is tried. */
  readonly bits?: Bits;
  readonly membraneBits?: MembraneBits;
}

/**
 * Every method with its defaults at all these steps, the best first: by how alike the answers of the spiking net are to
 * those of the analogue one for calibration samples, right or wrong, so that nothing that is wanted is looked at; of
 * those nearly as good the one of the fewest steps, then of the fewest operations.
 */
export async function tryMethods(
  site: ConversionSite,
  data: DataSet,
  sweep: readonly number[],
  { signal, onProgress, bits, membraneBits }: TryOptions = {},
): Promise<readonly [Tried, ...Tried[]]> {
  const { measure, samples } = site;
  const last = partOf({ ...data, ...data.training }, -SAMPLES);
  const options = signal === undefined ? {} : { signal };
  const known = await judge(measure, site.net.model, last, options);
  const tried: Tried[] = [];
  for (const method of conversionMethods) {
    const parameters = parametersOf(method);
    for (const steps of sweep) {
      const balance = await method.balance({ ...site, steps }, parameters);
      const model = inForm(spikingModel(site.net, balance, steps, site.inputs), samples, bits, membraneBits);
      const { agreement, synapticOpsPerSample } = await sweepPoint(measure, model, last, known, options);
      tried.push({ method, bits, steps, agreement, synapticOpsPerSample, fileBytes: bareBytes(model) });
      onProgress?.(tried.length, conversionMethods.length * sweep.length);
    }
  }
  return ranked(tried) as [Tried, ...Tried[]];
}

function bareBytes(model: Model): number {
  return writeModel({ ...model, provenance: {}, selfTests: [] }).length;
}

/** The best first. */
export function ranked(tried: readonly Tried[]): Tried[] {
  const enough = Math.max(...tried.map(({ agreement }) => agreement)) - CLOSE;
  const isGood = ({ agreement }: Tried) => agreement >= enough;
  return [...tried].sort(
    (a, b) =>
      Number(isGood(b)) - Number(isGood(a)) ||
      (isGood(a) ? a.steps - b.steps : 0) ||
      b.agreement - a.agreement ||
      a.synapticOpsPerSample - b.synapticOpsPerSample,
  );
}
