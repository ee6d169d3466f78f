import type { JsonObject } from '@spikewire/models';
import type { Evaluation } from 'spikewire/data';

/** What an evaluation leaves on a model's card. */
export function figuresOf({ samples, accuracy, spikesPerSample, synapticOpsPerSample }: Evaluation): JsonObject {
  return { testSamples: samples, accuracy, spikesPerSample, synapticOpsPerSample };
}
