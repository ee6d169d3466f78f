import { SpikewireError, type TensorData } from '@spikewire/models';
import type { Net, Population } from '../net/net.ts';

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

/**
 * What moves the membranes of a population that is linear between spikes. Throws `unsupported` where a weight is not
 * one synapse; what is approximated is a note.
 */
export function driveOf(net: Net, population: Population, notes: string[]): Drive {
  const { linear, neurons, index, name } = population;
  const gain = linear!.gain.map((each, n) => each * (linear!.current?.gain[n] ?? 1));
  const connections = new Map<number, Float64Array>();
  for (const { through } of net.projectionsInto(index)) {
    const at = weightedOf(net, through, name);
    if (!connections.has(at)) connections.set(at, gainsOf(net, at, through, gain));
  }
  const weights = (at: number) => net.wiring.connectivity[at]!.weights!;
  return {
    connections: [...connections].map(([at, gains]) => ({ index: at, gains, weights: weights(at) })),
    bias: biasOf(net, population, [...connections.keys()], notes) ?? new Float64Array(neurons),
  };
}

/** The one connection with weights on a way; what else is on it only sums and reorders. */
function weightedOf({ nodes, wiring }: Net, through: readonly number[], target: string): number {
  const weighted = through.filter((each) => wiring.connectivity[each]!.weights !== undefined);
  const refuse = (index: number, problem: string, expected: string) =>
    new SpikewireError('unsupported', `node "${nodes[index]!.name}" for Loihi`, problem, expected);
  const [first, second] = weighted;
  if (second !== undefined) throw refuse(second, 'follows other weights', 'one weight for each synapse');
  const scaled = through.find((each) => wiring.connectivity[each]!.gain !== 1);
  if (scaled !== undefined) throw refuse(scaled, 'takes means', 'sums');
  const { role } = nodes[first!]!.kind;
  const ends = endsOf(wiring, first!);
  if (role === 'connection' && ends.size > 1)
    throw refuse(first!, `leads to more than "${target}"`, 'weights for each population of their own');
  return first!;
}

/** Populations and Outputs behind a connection. */
function endsOf(wiring: Net['wiring'], index: number): Set<number> {
  const ends = new Set<number>();
  for (const { target } of wiring.outgoing[index]!) {
    if (wiring.connectivity[target] === undefined) ends.add(target);
    else for (const end of endsOf(wiring, target)) ends.add(end);
  }
  return ends;
}

/** What a membrane gains by a weight of 1, for each weight; refuses weights that neurons of other gains share. */
function gainsOf({ nodes, wiring }: Net, index: number, through: readonly number[], gain: Float64Array): Float64Array {
  const connectivity = wiring.connectivity[index]!;
  const gains = new Float64Array(connectivity.weights!.length).fill(gain[0] ?? 0);
  if (gain.every((each) => each === gain[0])) return gains;
  const isLast = through
    .slice(through.indexOf(index) + 1)
    .every((each) => wiring.connectivity[each]!.structure === 'elementwise');
  const seen = new Map<number, number>();
  for (let input = 0; input < connectivity.inputs; input++) {
    connectivity.forEachSynapse(input, (output, weight) => {
      const own = gain[output]!;
      if (!isLast || (seen.get(weight) ?? own) !== own)
        throw new SpikewireError(
          'unsupported',
          `node "${nodes[index]!.name}" for Loihi`,
          'has weights that neurons of different gains share',
          'one gain for all neurons of the population',
        );
      seen.set(weight, own);
      gains[weight] = own;
    });
  }
  return gains;
}

/** The biases of connections, as a step adds them to the membrane once a current has settled. */
function biasOf(
  { nodes, wiring }: Net,
  { linear, neurons, index, name }: Population,
  connections: readonly number[],
  notes: string[],
): Float64Array | undefined {
  const biased = connections.filter((each) => wiring.connectivity[each]!.bias?.some((value) => value !== 0));
  if (biased.length === 0) return undefined;
  const { gain, current } = linear!;
  const sum = new Float64Array(neurons);
  for (const each of biased) {
    const { name: connection } = nodes[each]!;
    if (!wiring.incoming[index]!.some(({ source }) => source === each))
      throw new SpikewireError(
        'unsupported',
        `node "${connection}" for Loihi`,
        'has a bias and stands before others',
        'a bias before neurons',
      );
    wiring.connectivity[each]!.bias!.forEach((value, n) => {
      const settled = current === undefined ? 1 : current.gain[n]! / (1 - current.decay[n]!);
      sum[n]! += gain[n]! * settled * value;
    });
    if (current !== undefined) notes.push(`node "${connection}": its bias drives "${name}" from the first step`);
  }
  return sum;
}
