import type { Model } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import type { LabelledSamples } from 'spikewire/data';
import { InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { overlapOf } from '../losses/overlap.ts';

/** What a net that answers with masks is worth on samples. */
export interface OverlapEvaluation {
  /** Mean over the samples of intersection over union, 0…1. */
  readonly overlap: number;
  readonly spikesPerSample: number;
  readonly synapticOpsPerSample: number;
}

/** Runs samples with masks for targets through a net, on the engine of devices, learning off. */
export async function evaluateOverlap(
  model: Model,
  { samples, targets = [] }: LabelledSamples,
): Promise<OverlapEvaluation> {
  const session = new Session(model, new InProcessExecutor(engineNamed('clocked'), model, { seed: 1 }), { seed: 1 });
  let [overlap, spikes, operations] = [0, 0, 0];
  try {
    await session.setLearning(false);
    for (const [time, sample] of samples.entries()) {
      const outcome = await session.feed({ time, values: Float64Array.from(sample) });
      overlap += overlapOf(outcome.result as Float64Array, targets[time]!);
      spikes += outcome.spikes;
      operations += outcome.synapticOperations;
    }
  } finally {
    await session.close();
  }
  const { length } = samples;
  return {
    overlap: overlap / length,
    spikesPerSample: spikes / length,
    synapticOpsPerSample: operations / length,
  };
}
