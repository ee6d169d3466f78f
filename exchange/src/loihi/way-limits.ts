import { among, atMost, type BoardLimit } from '@spikewire/engine/executor';
import type { Net, Population } from '../net/net.ts';
import type { Projection } from '../net/projection.ts';
import { sources } from './chip.ts';

/** What stands on the ways of spikes into a population: one weight on each, and what else only sums and reorders. */
export function wayLimits(net: Net, population: Population): BoardLimit[] {
  const ways = net.projectionsInto(population.index);
  const weighted = (through: readonly number[]) => through.filter((at) => net.wiring.connectivity[at]!.weights);
  const odd = ways.find(({ through }) => weighted(through).length !== 1);
  const count = weighted((odd ?? ways[0])?.through ?? []).length;
  const one: BoardLimit = {
    ...{ node: population.name, what: 'weights on each way of a spike', needs: String(count), has: '1' },
    ...{ fits: odd === undefined, ...(odd && { missedBy: nameOfWay(net, odd) }), source: sources.weights },
  };
  if (odd !== undefined) return [one];
  const passed = new Set(ways.flatMap(({ through }) => through));
  const connections = new Set(ways.flatMap(({ through }) => weighted(through)));
  return [
    ...(ways.length === 0 ? [] : [one]),
    ...[...passed].flatMap((at) => factorOf(net, at)),
    ...(population.node.node.type === 'LoihiLIF'
      ? []
      : [...connections].flatMap((at) => ofRoundedWeights(net, population, at, ways))),
  ];
}

function nameOfWay({ nodes }: Net, { source, through }: Projection): string {
  return `the way ${[source, ...through].map((at) => nodes[at]!.name).join(' → ')}`;
}

function factorOf({ nodes, wiring }: Net, at: number): BoardLimit[] {
  const { gain } = wiring.connectivity[at]!;
  if (gain === 1) return [];
  return [among('factor of sums', String(gain), ['1'], sources.weights, nodes[at]!.name, 'its outputs')];
}

/** Weights that are rounded in the scale of their population, and the biases that become those of its neurons. */
function ofRoundedWeights(net: Net, population: Population, at: number, ways: readonly Projection[]): BoardLimit[] {
  const { nodes, wiring } = net;
  const { name } = nodes[at]!;
  const gains = gainsOfWeights(net, population, at, ways)?.mostShared ?? population.neurons;
  const isBiased = wiring.connectivity[at]!.bias?.some((each) => each !== 0) ?? false;
  const isBefore = wiring.incoming[population.index]!.some(({ source }) => source === at);
  return [
    atMost('populations and Outputs behind weights', endsOf(wiring, at), 1, sources.scale, name),
    atMost('different gains of the neurons behind a weight', gains, 1, sources.scale, name),
    ...(isBiased && !isBefore
      ? [among('bias', 'of arrivals', ['of compartments'], sources.compartment, name, 'its outputs')]
      : []),
  ];
}

/** What a membrane gains by a weight of 1, for each weight, and how many different gains share one at most. */
export interface SharedGains {
  readonly gains: Float64Array;
  readonly mostShared: number;
}

/** Absent where neurons of different gains lie behind more than the weights, so that nobody knows which they reach. */
export function gainsOfWeights(
  { wiring }: Net,
  { linear }: Population,
  at: number,
  ways: readonly Projection[],
): SharedGains | undefined {
  const connectivity = wiring.connectivity[at]!;
  const of = linear!.gain.map((each, n) => each * (linear!.current?.gain[n] ?? 1));
  const gains = new Float64Array(connectivity.weights!.length).fill(of[0] ?? 0);
  if (of.every((each) => each === of[0])) return { gains, mostShared: 1 };
  const isLast = ways.every(({ through }) => {
    const place = through.indexOf(at);
    return (
      place < 0 || through.slice(place + 1).every((each) => wiring.connectivity[each]!.structure === 'elementwise')
    );
  });
  if (!isLast) return undefined;
  const seen = new Map<number, Set<number>>();
  for (let input = 0; input < connectivity.inputs; input++) {
    connectivity.forEachSynapse(input, (output, weight) => {
      seen.set(weight, (seen.get(weight) ?? new Set()).add(of[output]!));
      gains[weight] = of[output]!;
    });
  }
  return { gains, mostShared: [...seen.values()].reduce((most, { size }) => Math.max(most, size), 1) };
}

/** How many populations and Outputs lie behind a connection. */
function endsOf({ outgoing, connectivity }: Net['wiring'], at: number): number {
  const reached = new Set([at]);
  // What is added on the way is visited, too.
  for (const node of reached)
    if (connectivity[node] !== undefined) for (const { target } of outgoing[node]!) reached.add(target);
  return [...reached].filter((node) => connectivity[node] === undefined).length;
}
