import type { DataSet } from '@spikewire/engine/data';
import type { Model } from '@spikewire/models';
import type { Backend } from '../backend/backend.ts';
import { measureOf } from '../measures/measure-of.ts';
import { activationsOf } from './analogue/activations.ts';
import { analogueNet } from './analogue/analogue-net.ts';
import type { ConversionSite } from './method.ts';
import { spikingInputs } from './spiking-input.ts';

export interface SiteOptions {
  /** With a training part, which calibrates. */
  readonly data: DataSet;
  /** Of a sample of the spiking net. */
  readonly steps: number;
  /** A rate code in place of direct current, as `name:key=value,…`. */
  readonly encoder?: string;
  /** What computes the analogue net. */
  readonly backend: Backend;
  readonly signal?: AbortSignal;
}

/**
 * What methods work with: the analogue net, checked, and its activations over calibration samples.
 *
 * @throws `unsupported`, with the node, for nets that cannot be converted, and for those whose answers are not of the
 * sort that the samples have; `input` for samples that do not fit
 */
export async function conversionSite(
  analogue: Model,
  { data, steps, encoder, backend, signal }: SiteOptions,
): Promise<ConversionSite> {
  const net = analogueNet(analogue);
  const measure = measureOf(net.model, data);
  const { samples } = data.training ?? data;
  const activations = await activationsOf(net, { samples }, { backend, signal });
  const inputs = spikingInputs(net, encoder, samples);
  return { net, backend, activations, measure, samples, steps, inputs, signal };
}
