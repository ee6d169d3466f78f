import { engineNamed } from '@spikewire/engine';
import { classifierModel, type Model, writeModel } from '@spikewire/models';
import { inProcess } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import type { Standard } from '../samples/standard.ts';

/** Spike counts of the neurons of a front, one row per sample. */
export type Counts = readonly Uint8Array[];

export interface FrontOptions {
  readonly standard: Standard;
  readonly classes: readonly string[];
  /** Neurons that see one view. */
  readonly neurons: number;
  /** Whether lessons of rare classes count more. */
  readonly weighted: boolean;
  readonly seed: number;
}

/** What a stream cost the front. */
export interface FrontCost {
  samples: number;
  spikes: number;
  synapticOperations: number;
}

/** A classifier that knows what is usual from a base: its front is random, and its read-out knows nothing yet. */
export function classifierOf({ standard, classes, neurons, weighted, seed }: FrontOptions): Model {
  return classifierModel({
    channels: Array.from(standard.mean, (_, k) => ({ name: `number ${k}`, unit: '' })),
    labels: classes,
    standardise: { mean: [...standard.mean], deviation: [...standard.deviation] },
    neurons,
    decoder: { balance: weighted ? 'classes' : 'none' },
    seed,
  });
}

/**
 * The counts of a classifier's front for a stream, which begins anew, by a session on the engine of devices. What its
 * read-out is taught has no influence on them, so they serve for all draws of labels.
 */
export async function frontCounts(
  model: Model,
  samples: readonly ArrayLike<number>[],
  cost: FrontCost = { samples: 0, spikes: 0, synapticOperations: 0 },
): Promise<Counts> {
  const session = new Session(model, await inProcess(engineNamed('clocked')).open(writeModel(model)));
  try {
    const rows: Uint8Array[] = [];
    const size = session.graph.nodes.find(({ name }) => name === 'front')!.shape[0]!;
    for (const [time, sample] of samples.entries()) {
      const { window, spikes, synapticOperations } = await session.feed({ time, values: Float64Array.from(sample) });
      const row = new Uint8Array(size);
      for (const index of window!.output.index) row[index]!++;
      rows.push(row);
      cost.samples++;
      cost.spikes += spikes;
      cost.synapticOperations += synapticOperations;
    }
    return rows;
  } finally {
    await session.close();
  }
}
