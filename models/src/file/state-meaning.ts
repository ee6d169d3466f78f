import type { Graph } from '../graph/graph.ts';
import type { JsonValue, Model } from '../model/model.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { modelDigest } from './formats.ts';

/** What tells whether the states of one model can stand for those of another, as SHA-256 in hex. */
export interface StateMeaning {
  /**
   * Of everything that gives the numbers of a saved state their meaning: graph, neurons, number formats, coding, rules.
   * Left out are the weights from which learned connections start, what decoders know at the start, the monitor's
   * settings, the provenance and the self tests.
   */
  readonly meaning: string;
  /** The meaning of the float model of which it is a form, as its provenance says; of any other model its own. */
  readonly floatForm: string;
}

export function stateMeaning(model: Model): StateMeaning {
  const { monitors: _, base: __, ...rest } = model;
  const meaning = modelDigest({ ...rest, graph: withoutLearnedWeights(model), provenance: {}, selfTests: [] });
  const { floatForm = meaning } = (model.provenance.quantization ?? {}) as { readonly floatForm?: JsonValue };
  return { meaning, floatForm: String(floatForm) };
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
