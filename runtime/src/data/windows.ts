import { type Model, resolveGraph } from '@spikewire/models';
import type { CalibrationWindow } from '../engine/calibration.ts';
import { EventBuffer } from '../engine/event-buffer.ts';
import { InputStage } from '../stream/input-stage.ts';
import type { LabelledSamples } from './data-set.ts';

/** What a net gets of each sample: the events of its encoders, as `calibrate` takes them. Throws `input` for samples that do not fit. */
export function* windowsOf(model: Model, { samples }: Pick<LabelledSamples, 'samples'>): Iterable<CalibrationWindow> {
  const stage = new InputStage(model, resolveGraph(model.graph, model.semantics), 1);
  for (const sample of samples) {
    const input = stage.encode(Float64Array.from(sample));
    if (input !== undefined) yield { steps: model.sample.steps, input: EventBuffer.of(input) };
  }
}
