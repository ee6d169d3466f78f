import { elementCount, type Wiring } from '@spikewire/models';

/** What may arrive at each element in a step: the sums of all that is positive, and of all that is negative. */
export interface Extremes {
  readonly most: Float64Array;
  readonly least: Float64Array;
}

/** Weights in the place of those that a graph has, by index of their connection. */
export type OtherWeights = ReadonlyMap<number, ArrayLike<number>>;

/** What arrives at a node at most and at least, if any of the elements before it spike once. */
export function extremesAt(wiring: Wiring, index: number, others: OtherWeights): Extremes {
  const { nodes } = wiring.graph;
  const sums = emptyExtremes(elementCount(nodes[index]!.inputShape));
  for (const { source } of wiring.incoming[index]!) {
    const { most, least } = extremesOf(wiring, source, others);
    most.forEach((each, k) => {
      sums.most[k]! += each;
      sums.least[k]! += least[k]!;
    });
  }
  return sums;
}

/** What leaves a node: spikes, or what a connection makes of its arrivals, its bias apart. */
function extremesOf(wiring: Wiring, index: number, others: OtherWeights): Extremes {
  const size = elementCount(wiring.graph.nodes[index]!.shape);
  const connectivity = wiring.connectivity[index];
  if (connectivity === undefined) return { most: new Float64Array(size).fill(1), least: new Float64Array(size) };
  const arriving = extremesAt(wiring, index, others);
  const weights = others.get(index) ?? connectivity.weights;
  const sums = emptyExtremes(size);
  for (let input = 0; input < connectivity.inputs; input++) {
    connectivity.forEachSynapse(input, (output, weight) => {
      const factor = connectivity.gain * (weights?.[weight] ?? 1);
      const ends = [factor * arriving.most[input]!, factor * arriving.least[input]!];
      sums.most[output]! += Math.max(...ends);
      sums.least[output]! += Math.min(...ends);
    });
  }
  return sums;
}

function emptyExtremes(size: number): Extremes {
  return { most: new Float64Array(size), least: new Float64Array(size) };
}
