import type { TensorData } from '@spikewire/models';
import type { Net, Population } from '../net/net.ts';
import { gainsOfWeights } from './way-limits.ts';

/** What moves the membranes of a population, in the units of the model. */
export interface Drive {
  readonly connections: readonly {
    readonly index: number;
    readonly weights: TensorData;
    /** What the membrane gains by a weight of 1, for each weight. */
    readonly gains: Float64Array;
  }[];
  /** What each step adds beside the leak. */
  readonly bias: Float64Array;
}

/** What moves the membranes of a population whose ways meet the limits of `wayLimits`; approximations are notes. */
export function driveOf(net: Net, population: Population, notes: string[]): Drive {
  const { neurons, index } = population;
  const ways = net.projectionsInto(index);
  const weighted = (at: number) => net.wiring.connectivity[at]!.weights;
  const found = [...new Set(ways.flatMap(({ through }) => through.filter(weighted)))];
  return {
    connections: found.map((at) => {
      const { gains } = gainsOfWeights(net, population, at, ways)!;
      return { index: at, gains, weights: weighted(at)! };
    }),
    bias: biasOf(net, population, found, notes) ?? new Float64Array(neurons),
  };
}

/** The biases of connections, as a step adds them to the membrane once a current has settled. */
function biasOf(
  { nodes, wiring }: Net,
  { linear, neurons, name }: Population,
  connections: readonly number[],
  notes: string[],
): Float64Array | undefined {
  const biased = connections.filter((each) => wiring.connectivity[each]!.bias?.some((value) => value !== 0));
  if (biased.length === 0) return undefined;
  const { gain, current } = linear!;
  const sum = new Float64Array(neurons);
  for (const each of biased) {
    wiring.connectivity[each]!.bias!.forEach((value, n) => {
      const settled = current === undefined ? 1 : current.gain[n]! / (1 - current.decay[n]!);
      sum[n]! += gain[n]! * settled * value;
    });
    if (current !== undefined) notes.push(`node "${nodes[each]!.name}": its bias drives "${name}" from the first step`);
  }
  return sum;
}
