import type { Demand, Model, ResolvedGraph } from '@spikewire/models';
import { SpikewireError } from '@spikewire/models/error';
import type { Abilities } from './abilities.ts';
import type { ExecutorSource } from './executor.ts';

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
  const { demandOf, resolveGraph, writeModel } = await import('@spikewire/models');
  const graph = resolveGraph(model.graph, model.semantics);
  const declared = byAbilities(source.abilities, model, graph, demandOf(model, graph));
  const { problems, ofNodes } = isEmpty(declared) ? await byOpening(source, writeModel(model), graph) : declared;
  const nodes = graph.nodes.map(({ name, node: { type } }) => {
    const problem = ofNodes.get(name);
    return problem === undefined ? { name, type } : { name, type, problem };
  });
  return { executor: source.name, fits: problems.length + ofNodes.size === 0, nodes, problems };
}

interface Problems {
  readonly problems: readonly string[];
  readonly ofNodes: ReadonlyMap<string, string>;
}

function isEmpty({ problems, ofNodes }: Problems): boolean {
  return problems.length + ofNodes.size === 0;
}

function byAbilities(
  { neurons, synapses, weightBits, kinds, rules }: Abilities,
  model: Model,
  graph: ResolvedGraph,
  demand: Demand,
): Problems {
  const bits = model.quantization?.bits ?? 32;
  const problems = [
    ...overLimit('neurons', demand.neurons, neurons),
    ...overLimit('synapses', demand.synapses, synapses),
    ...(weightBits.includes(bits) ? [] : [`weights of ${bits} bits; it takes ${weightBits.join(', ')}`]),
  ];
  const ofNodes = new Map<string, string>();
  for (const { name, kind } of graph.nodes) {
    const isInside = kind.role === 'neuron' || kind.role === 'connection';
    if (isInside && kinds?.includes(kind.type) === false)
      ofNodes.set(name, `is a ${kind.type}; it runs ${kinds.join(', ')}`);
    const foreign = model.learning.get(name)?.find(({ rule }) => rules?.includes(rule) === false);
    if (foreign !== undefined)
      ofNodes.set(name, `learns by ${foreign.rule}; it learns by ${rules!.join(', ') || 'nothing'}`);
  }
  return { problems, ofNodes };
}

function overLimit(what: string, needed: number, most = Number.POSITIVE_INFINITY): string[] {
  return needed <= most ? [] : [`${needed} ${what}; it has room for ${most}`];
}

async function byOpening(source: ExecutorSource, model: Uint8Array, graph: ResolvedGraph): Promise<Problems> {
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
