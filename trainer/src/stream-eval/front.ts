import { engineNamed } from '@spikewire/engine';
import { classifierModel, type Model, resolveGraph, writeModel } from '@spikewire/models';
import { type NetShape, shapeOf } from 'spikewire/data';
import { inProcess } from 'spikewire/executor';
import { GradedWork, Session } from 'spikewire/session';
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
  multiplications: number;
  /** Of the net that did it, and all bytes that it takes, those from the first lesson on included. */
  shape?: NetShape;
  memoryBytes: number;
}

export const noCost = (): FrontCost => ({
  samples: 0,
  spikes: 0,
  synapticOperations: 0,
  multiplications: 0,
  memoryBytes: 0,
});

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
  cost: FrontCost = noCost(),
): Promise<Counts> {
  const graph = resolveGraph(model.graph, model.semantics);
  const graded = new GradedWork(model, graph);
  const executor = await inProcess(engineNamed('clocked')).open(writeModel(model));
  const session = new Session(model, executor, { graph, graded });
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
    cost.multiplications += graded.multiplications;
    cost.shape = shapeOf(model, graph, { featureWork: session.featureWork, taught: session.taughtCost });
    cost.memoryBytes = session.bytes;
    return rows;
  } finally {
    await session.close();
  }
}
