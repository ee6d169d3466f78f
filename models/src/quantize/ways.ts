import { SpikewireError } from '../error.ts';
import type { ResolvedGraph } from '../resolve/resolve.ts';
import { type Wiring, wire } from '../resolve/wiring.ts';

/**
 * Most ways through connection nodes between two populations; a net that needs more was not made by hand or training.
 */
const MOST_WAYS = 1000;

/**
 * The wiring of a graph whose weights are or become whole: what follows the ways through its connections, as the scales
 * of weights do, comes to an end. Throws `unsupported` for cycles of connections alone, and for connections that branch
 * and join without end.
 */
export function wireWithFewWays(graph: ResolvedGraph): Wiring {
  const wiring = wire(graph);
  countWays(wiring);
  return wiring;
}

/** Ways from Inputs and populations to each connection node. */
function countWays(wiring: Wiring): void {
  const ways = new Map<number, number | 'open'>();
  const count = (index: number): number => {
    if (wiring.connectivity[index] === undefined) return 1;
    const known = ways.get(index);
    if (typeof known === 'number') return known;
    const { name } = wiring.graph.nodes[index]!;
    const refuse = (problem: string, expected: string) =>
      new SpikewireError('unsupported', `integer form of "${name}"`, problem, expected);
    if (known === 'open') throw refuse('lies in a cycle of connections alone', 'a population in every cycle');
    ways.set(index, 'open');
    const sum = wiring.incoming[index]!.reduce((total, { source }) => total + count(source), 0);
    if (sum > MOST_WAYS) throw refuse(`is reached in more than ${MOST_WAYS} ways`, 'fewer branches that join again');
    ways.set(index, sum);
    return sum;
  };
  for (let index = 0; index < wiring.graph.nodes.length; index++) count(index);
}
