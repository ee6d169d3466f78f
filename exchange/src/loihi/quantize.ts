import { missOf } from '@spikewire/engine/executor';
import { type Graph, type GraphNode, type Model, resolveGraph, SpikewireError } from '@spikewire/models';
import { withChipDelays } from './chip-delays.ts';
import { explicitNet } from './explicit-net.ts';
import { loihiLimits } from './limits.ts';
import { type PopulationReport, quantizePopulation } from './quantize-population.ts';

/** A model in the integers of Loihi. */
export interface LoihiForm {
  /** Runs in every engine: each population is a `LoihiLIF`, and a spike takes a step to the next population. */
  readonly model: Model;
  /** The same nodes with the edges of the float model, without the chip's own steps. */
  readonly graph: Graph;
  /** What was rounded, in the order of the graph. */
  readonly populations: readonly PopulationReport[];
  /** What else is different from the float model, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * The same net in Loihi's integers: decays of 12 bits, weights of 8 bits with an exponent for each connection,
 * thresholds of 17 bits times 64, biases of 12 bits times a power of two (nengo-loihi e564f66, builder/discretize.py).
 * A population is scaled so that its weights use all their bits and no sum of arrivals, current or membrane can wrap,
 * whatever spikes. Read-outs whose state is read stay as they are, for the machine beside the chip. Throws
 * `unsupported` with the node for the first limit of `loihiLimits` that is missed.
 */
export function quantizeForLoihi(given: Model): LoihiForm {
  refuseMisses(given);
  const net = explicitNet(given);
  const { model } = net;
  const nodes = new Map<string, GraphNode>(model.graph.nodes);
  const notes: string[] = [];
  const populations = net.spiking
    .filter(({ node }) => node.node.type !== 'LoihiLIF')
    .map((population) => {
      const { report, changed } = quantizePopulation(net, population, notes);
      for (const [name, node] of changed) nodes.set(name, node);
      return report;
    });
  const graph: Graph = { nodes, edges: model.graph.edges };
  for (const name of model.learning.keys()) notes.push(`node "${name}": its learning is left out`);
  const onChip: Model = {
    ...model,
    graph: withChipDelays(graph, resolveGraph(graph, model.semantics), notes),
    learning: new Map(),
    selfTests: [],
  };
  return { model: onChip, graph, populations, notes };
}

function refuseMisses(model: Model): void {
  const limit = loihiLimits(model).find(({ fits }) => !fits);
  if (limit === undefined) return;
  const { node, what, needs, has } = limit;
  const where = node === undefined ? 'model for Loihi' : `node "${node}" for Loihi`;
  const miss = missOf(limit);
  throw new SpikewireError('unsupported', where, `${what}: ${needs}${miss && ` (${miss})`}`, has);
}
