import type { Model } from '@spikewire/models';
import { SpikewireError } from '@spikewire/models/error';
import type { ExecutorSource } from './executor.ts';

/**
 * Rejects with `unsupported` where a model is beyond the abilities of an executor: one line with the node, the number
 * and the limit. What drivers call when they open a net.
 */
export async function refuseMisfits(
  { name, abilities }: Pick<ExecutorSource, 'name' | 'abilities'>,
  model: Model,
): Promise<void> {
  // Loaded here, because a thread that leaves all nets to a worker does without what reads models.
  const [{ resolveGraph }, { misfitsOf }] = await Promise.all([import('@spikewire/models'), import('./misfits.ts')]);
  const { problems, ofNodes } = misfitsOf(abilities, model, resolveGraph(model.graph, model.semantics));
  const [problem] = problems;
  if (problem !== undefined) throw new SpikewireError('unsupported', 'model', `has ${problem}`, `a model for ${name}`);
  for (const [node, misfit] of ofNodes)
    throw new SpikewireError('unsupported', `node "${node}"`, misfit, `a model for ${name}`);
}
