import type { RunningNetwork } from './engine.ts';

/**
 * Neurons whose membranes left all bounds: not a number, or beyond ±2^100, where the clocked engine holds them; the
 * node of the first.
 */
export interface NonFinite {
  readonly neurons: number;
  readonly node: string;
}

const BOUND = 2 ** 100;
/** Steps after which membranes are looked at again, at most. */
const LONGEST_INTERVAL = 1000;

/**
 * Looks at the end of a window whether all membranes are in bounds: after twice as many steps each time, and then every
 * so many, so that looking costs nothing beside running. A membrane that swings beyond all bounds does not come back.
 */
export class FiniteWatch {
  #last = 0;
  #next = 0;
  #found: NonFinite | undefined;

  /** What was found when it last looked; undefined where all was in bounds. */
  look(network: RunningNetwork): NonFinite | undefined {
    const { step } = network;
    // A net that was given an older state is looked at anew.
    if (step >= this.#last && step < this.#next) return this.#found;
    this.#last = step;
    this.#next = step + Math.min(step, LONGEST_INTERVAL);
    this.#found = findNonFinite(network);
    return this.#found;
  }
}

export function findNonFinite(network: RunningNetwork): NonFinite | undefined {
  let neurons = 0;
  let node: string | undefined;
  for (const { name, kind } of network.graph.nodes) {
    if (kind.role !== 'neuron') continue;
    for (const v of network.readState(name, 'v')) {
      if (Math.abs(v) < BOUND) continue;
      neurons++;
      node ??= name;
    }
  }
  return node === undefined ? undefined : { neurons, node };
}

/** For people, one line. */
export function describeNonFinite({ neurons, node }: NonFinite): string {
  const which = neurons === 1 ? 'a membrane' : `${neurons} membranes`;
  return `node "${node}": ${which} left all bounds; a shorter dt, or "integrate": "exact", keeps them in`;
}
