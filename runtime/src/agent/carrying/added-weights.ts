import { dequantize, type LearnedState, type LearnedWeightsState, learnedWeight, type Model } from '@spikewire/models';

/** Weights of a connection at the start, in the units of the graph. */
type Start = ArrayLike<number> | undefined;

/**
 * What was learned on `former`, as if the same had been learned on `next`: W_next + (W_learned − W_former), within the
 * bounds of the rules of `next`. What rules remember beside the weights stays. Undefined where weights have another
 * shape.
 */
export function addedWeights(former: Model, learned: LearnedState, next: Model): LearnedState | undefined {
  const [from, to] = [former, next].map((model) => (model.quantization === undefined ? model : dequantize(model)));
  const startOf = ({ graph }: Model, name: string): Start => {
    const weight = graph.nodes.get(name)?.parameters.weight;
    return typeof weight === 'object' && 'data' in weight ? (weight.data as ArrayLike<number>) : undefined;
  };
  const added = new Map<string, LearnedWeightsState>();
  for (const [name, own] of learned) {
    const [a, b] = [startOf(from!, name), startOf(to!, name)];
    if (a?.length !== own.weights.length || b?.length !== own.weights.length) return undefined;
    added.set(name, {
      ...own,
      weights: moved(own, (k) => bounded(next, name, learnedWeight(own, k) + (b[k]! - a[k]!))),
    });
  }
  return added;
}

function bounded({ learning }: Model, name: string, weight: number): number {
  const all = (learning.get(name) ?? []).flatMap(({ bounds }) => (bounds === undefined ? [] : [bounds]));
  return all.reduce((value, [low, high]) => Math.max(low, Math.min(high, value)), weight);
}

const LARGEST = { Int16Array: 32767, Int8Array: 127 };

/** The same kind of array with these weights; whole numbers are rounded and held within their format. */
function moved(own: LearnedWeightsState, weightOf: (k: number) => number): LearnedWeightsState['weights'] {
  const { stepsPerUnit } = own;
  const weights = own.weights.slice();
  const largest = LARGEST[weights.constructor.name as keyof typeof LARGEST];
  for (let k = 0; k < weights.length; k++) {
    const steps = stepsPerUnit?.[Math.floor((k * stepsPerUnit.length) / weights.length)];
    const weight = weightOf(k);
    weights[k] = steps === undefined ? weight : Math.max(-largest, Math.min(largest, Math.round(weight * steps)));
  }
  return weights;
}
