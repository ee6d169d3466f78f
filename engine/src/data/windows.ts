import { type Model, resolveGraph, windowSteps } from '@spikewire/models';
import { InputStage } from '../coding/input-stage.ts';
import type { CalibrationWindow } from '../engines/calibration.ts';
import { EventBuffer } from '../event-buffer.ts';
import { checkSamples, type Samples } from './check-samples.ts';

/**
 * What a net gets of each sample: the events of its encoders, as `calibrate` takes them. Throws `input` for samples
 * that do not fit.
 */
export function* windowsOf(model: Model, data: Samples): Iterable<CalibrationWindow> {
  const graph = resolveGraph(model.graph, model.semantics);
  const stage = new InputStage(model, graph, 1);
  checkSamples(data, stage.channels, graph);
  for (const sample of data.samples) {
    const input = stage.encode(Float64Array.from(sample));
    if (input !== undefined) yield { steps: windowSteps(model.sample), input: EventBuffer.of(input) };
  }
}
