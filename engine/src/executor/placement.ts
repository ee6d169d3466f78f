import type { Model } from '@spikewire/models';
import { SpikewireError } from '@spikewire/models/error';
import type { ExecutorSource, Placement } from './executor.ts';

/**
 * How a model lies on an executor: by what the executor says that it can run, and where that hinders nothing, by
 * opening a net that nothing keeps.
 */
export async function placementOn(source: ExecutorSource, model: Model): Promise<Placement> {
  const declared = await declaredPlacement(source, model);
  return declared.fits ? byOpening(source, model, declared) : declared;
}

/** How a model lies on an executor by what the executor says that it can run. */
export async function declaredPlacement(source: PlacingSource, model: Model): Promise<Placement> {
  return source.placement?.(model) ?? byAbilities(source, model);
}

type PlacingSource = Pick<ExecutorSource, 'name' | 'abilities' | 'placement'>;

// Models are read by modules that are loaded in these functions, because a thread that leaves all nets to a worker does
// without them.

async function byAbilities({ name: executor, abilities }: PlacingSource, model: Model): Promise<Placement> {
  const [{ resolveGraph }, { misfitsOf }] = await Promise.all([import('@spikewire/models'), import('./misfits.ts')]);
  const graph = resolveGraph(model.graph, model.semantics);
  const { problems, ofNodes } = misfitsOf(abilities, model, graph);
  const nodes = graph.nodes.map(({ name, node: { type } }) => {
    const problem = ofNodes.get(name);
    return problem === undefined ? { name, type } : { name, type, problem };
  });
  return { executor, fits: problems.length + ofNodes.size === 0, nodes, problems };
}

async function byOpening(source: ExecutorSource, model: Model, declared: Placement): Promise<Placement> {
  const { writeModel } = await import('@spikewire/models');
  try {
    const executor = await source.open(writeModel(model));
    await executor.close();
    return declared;
  } catch (problem) {
    if (!(problem instanceof SpikewireError)) throw problem;
    const { where, message } = problem;
    const refused = declared.nodes.find(({ name }) => where.includes(`"${name}"`));
    if (refused === undefined) return { ...declared, fits: false, problems: [message] };
    const nodes = declared.nodes.map((node) => (node === refused ? { ...node, problem: message } : node));
    return { ...declared, fits: false, nodes };
  }
}
