import type { FlowTable, PlanarNeuron } from './flow-table.ts';

/** For how many steps, and how many spikes, a table is compared with the equations. */
const [STEPS, SPIKES] = [20_000, 24];

/**
 * Whether a neuron that runs by a table spikes within a step of when it does by its equations alone, from `start` on.
 * Where each spike makes a difference grow, as by the step in which it falls, no table does.
 */
export function isFaithful(table: FlowTable, advance: PlanarNeuron['advance'], start: Float64Array): boolean {
  const [near, exact] = [spikesOf(advance, start, table), spikesOf(advance, start)];
  const off = near.slice(0, exact.length).map((step, k) => Math.abs(step - exact[k]!));
  return Math.abs(near.length - exact.length) <= 1 && Math.max(0, ...off) <= 1;
}

function spikesOf(advance: PlanarNeuron['advance'], start: Float64Array, table?: FlowTable): number[] {
  const state = start.slice();
  const spikes: number[] = [];
  for (let step = 0; step < STEPS && spikes.length < SPIKES; ) {
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
