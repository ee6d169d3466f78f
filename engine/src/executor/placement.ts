import type { Model, ResolvedGraph } from '@spikewire/models';
import { SpikewireError } from '@spikewire/models/error';
import type { ExecutorSource } from './executor.ts';
import type { Misfits } from './misfits.ts';

/** What of a model fits on an executor, and why the rest does not. */
export interface Placement {
  readonly executor: string;
  readonly fits: boolean;
  /** In the order of a step. */
  readonly nodes: readonly { readonly name: string; readonly type: string; readonly problem?: string }[];
  /** What hinders the model as a whole. */
  readonly problems: readonly string[];
}

/**
 * How a model lies on an executor: by what the executor says that it can run, and where that hinders nothing, by
 * opening a net that nothing keeps.
 */
export async function placementOn(source: ExecutorSource, model: Model): Promise<Placement> {
  // Loaded here, because a thread that leaves all nets to a worker does without what reads models.
  const [{ resolveGraph, writeModel }, { misfitsOf }] = await Promise.all([
    import('@spikewire/models'),
    import('./misfits.ts'),
  ]);
  const graph = resolveGraph(model.graph, model.semantics);
  const declared = misfitsOf(source.abilities, model, graph);
  const { problems, ofNodes } = isEmpty(declared) ? await byOpening(source, writeModel(model), graph) : declared;
  const nodes = graph.nodes.map(({ name, node: { type } }) => {
    const problem = ofNodes.get(name);
    return problem === undefined ? { name, type } : { name, type, problem };
  });
  return { executor: source.name, fits: problems.length + ofNodes.size === 0, nodes, problems };
}

function isEmpty({ problems, ofNodes }: Misfits): boolean {
  return problems.length + ofNodes.size === 0;
}

async function byOpening(source: ExecutorSource, model: Uint8Array, graph: ResolvedGraph): Promise<Misfits> {
  try {
    const executor = await source.open(model);
    await executor.close();
    return { problems: [], ofNodes: new Map() };
  } catch (problem) {
    if (!(problem instanceof SpikewireError)) throw problem;
    const node = graph.nodes.find(({ name }) => problem.where.includes(`"${name}"`));
    return node === undefined
      ? { problems: [problem.message], ofNodes: new Map() }
      : { problems: [], ofNodes: new Map([[node.name, problem.message]]) };
  }
}
