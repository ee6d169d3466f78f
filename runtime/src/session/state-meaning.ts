import { type Graph, type Model, modelDigest, type Tensor, tensor } from '@spikewire/models';

/**
 * SHA-256 of everything in a model that gives the numbers of a saved state their meaning: graph, neurons, number formats, coding,
 * rules. What may differ between two models whose states can stand for each other is left out: the weights from which
 * learned connections start, the monitor's settings, the provenance and the self tests.
 */
export function stateMeaning(model: Model): string {
  const { monitor: _, ...rest } = model;
  return modelDigest({ ...rest, graph: withoutLearnedWeights(model), provenance: {}, selfTests: [] });
}

function withoutLearnedWeights({ graph, learning }: Model): Graph {
  const nodes = [...graph.nodes].map(([name, node]) => {
    const weight = learning.has(name) ? (node.parameters.weight as Tensor | undefined) : undefined;
    if (weight === undefined) return [name, node] as const;
    return [
      name,
      {
        ...node,
        parameters: {
          ...node.parameters,
          weight: tensor(
            weight.data.map(() => 0),
            weight.shape,
          ),
        },
      },
    ] as const;
  });
  return { ...graph, nodes: new Map(nodes) };
}
