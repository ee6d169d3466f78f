import { elementCount, type Model, RandomGenerator, resolveGraph } from '@spikewire/models';
import type { LabelledSamples } from 'spikewire/data';
import type { Backend } from '../backend/backend.ts';
import { programOf } from '../graph/program.ts';
import { lowerGraph } from '../lowering/lower.ts';
import { arctan } from '../surrogates/arctan.ts';
import { BatchEncoding, steadyInputs } from '../training/encoding.ts';

/** Samples that are looked at, and those of a batch. */
const [SAMPLES, BATCH] = [512, 64];

/**
 * The activations of an analogue net's units over some samples: of each ReLU node the value below which a share of
 * those lie that are not 0, by name.
 */
export async function activationsOf(
  model: Model,
  { samples }: LabelledSamples,
  share: number,
  backend: Backend,
): Promise<ReadonlyMap<string, number>> {
  const graph = resolveGraph(model.graph, model.semantics);
  const units = graph.nodes.filter(({ kind }) => kind.type === 'ReLU').map(({ name }) => name);
  const spikes = { surrogate: arctan.prepare({ alpha: 2 } as never) };
  const held = steadyInputs(model, graph);
  const net = lowerGraph(graph, { batch: BATCH, steps: 1, held, learned: [], spikes });
  const program = programOf(Object.fromEntries(units.map((name) => [name, net.signals.get(name)!.parts[0]!])));
  const executable = await backend.compile(program);
  const encoding = new BatchEncoding({ ...model, sample: { ...model.sample, steps: 1 } }, graph, BATCH);
  const seen = new Map<string, number[]>(units.map((name) => [name, []]));
  const outputs = Object.fromEntries(
    [...program.outputs].map(([name, { shape }]) => [name, new Float32Array(elementCount(shape))]),
  );
  for (let start = 0; start < Math.min(SAMPLES, samples.length); start += BATCH) {
    const part = samples.slice(start, start + BATCH);
    encoding.write(part, new RandomGenerator(1, `calibration ${start}`));
    await executable.run(encoding.arrays, outputs);
    for (const [name, values] of Object.entries(outputs)) {
      const rows = values.subarray(0, (values.length / BATCH) * part.length);
      for (const value of rows) if (value > 0) seen.get(name)!.push(value);
    }
  }
  await executable.close();
  return new Map([...seen].map(([name, values]) => [name, quantile(Float64Array.from(values), share)]));
}

/** The value below which a share of all lies; 1 where there are none. */
function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) return 1;
  return values.sort()[Math.min(values.length - 1, Math.floor(share * values.length))]!;
}
