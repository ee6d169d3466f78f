import type { FlowTable, PlanarNeuron } from './flow-table.ts';

/** For how many steps a table is compared with the equations, and how many spikes have to come within a step. */
const [STEPS, SPIKES] = [20_000, 10];
/** How far the counts of all spikes may be apart, as a share. */
const RATE = 0.01;

/**
 * Whether a neuron that runs by a table spikes as by its equations alone, from `start` on: its first spikes within a
 * step, and as often. Where each spike makes a difference grow, as by the step in which it falls, no table does better
 * for ever.
 */
export function isFaithful(table: FlowTable, advance: PlanarNeuron['advance'], start: Float64Array): boolean {
  const [near, exact] = [spikesOf(advance, start, table), spikesOf(advance, start)];
  const off = exact.slice(0, SPIKES).map((step, k) => Math.abs(step - (near[k] ?? STEPS)));
  return Math.abs(near.length - exact.length) <= RATE * exact.length && off.every((steps) => steps <= 1);
}

function spikesOf(advance: PlanarNeuron['advance'], start: Float64Array, table?: FlowTable): number[] {
  const state = start.slice();
  const spikes: number[] = [];
  for (let step = 0; step < STEPS; ) {
    const quiet = table?.quietSteps(state) ?? 0;
    if (quiet === Number.POSITIVE_INFINITY) break;
    if (quiet > 0) step += table!.forward(state, quiet);
    else {
      step++;
      if (advance(state)) spikes.push(step);
    }
  }
  return spikes;
}
