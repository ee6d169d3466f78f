import type { PlanarNeuron } from './flow-table.ts';

/** Steps for which a neuron is followed under each drive. */
const STEPS = 4000;
/** Steps before a spike that are left to the equations. */
const UPSTROKE = 8;
/** Steps between spikes below which no stronger drive is tried. */
const SHORTEST_INTERVAL = 100;
/** Drives are powers of two, by their exponents. */
const [WEAKEST, STRONGEST] = [-40, 40];
/** How much further than the neuron went the grid reaches, as a share. */
const MARGIN = 0.1;

type Box = PlanarNeuron['box'];

/**
 * Between what the state variables of a neuron lie with all that may arrive at it: followed from its start by itself,
 * under stronger and stronger drives until it spikes often or no more, and under the opposite of the one that first
 * makes it spike. `advanceUnder` gives the step with a drive added to what is there all the time.
 */
export function visitedStates(advanceUnder: (drive: number) => PlanarNeuron['advance'], start: Float64Array): Box {
  const alone = follow(advanceUnder(0), start);
  let box = alone.box;
  let most = alone.spikes;
  for (let exponent = WEAKEST; exponent <= STRONGEST && most < STEPS / SHORTEST_INTERVAL; exponent++) {
    const driven = follow(advanceUnder(2 ** exponent), start);
    if (driven.spikes < most) break;
    if (driven.spikes > most && most === alone.spikes)
      box = union(box, follow(advanceUnder(-(2 ** exponent)), start).box);
    if (driven.spikes > most) box = union(box, driven.box);
    most = driven.spikes;
  }
  const [lowV, highV, lowU, highU] = box;
  const [marginV, marginU] = [marginOf(lowV, highV), marginOf(lowU, highU)];
  return [lowV - marginV, highV + marginV, lowU - marginU, highU + marginU];
}

/** Of a variable that never moves, so that there is a grid at all. */
function marginOf(low: number, high: number): number {
  return high > low ? MARGIN * (high - low) : Math.max(1e-9, 1e-3 * Math.abs(low));
}

function follow(advance: PlanarNeuron['advance'], start: Float64Array): { readonly spikes: number; readonly box: Box } {
  const state = start.slice();
  const box: [number, number, number, number] = [start[0]!, start[0]!, start[1]!, start[1]!];
  /** The states since the last spike that are not yet far enough from the next. */
  const recent: (readonly [number, number])[] = [];
  let spikes = 0;
  for (let step = 0; step < STEPS; step++) {
    if (advance(state)) {
      spikes++;
      recent.length = 0;
    }
    recent.push([state[0]!, state[1]!]);
    if (recent.length <= UPSTROKE) continue;
    const [v, u] = recent.shift()!;
    box[0] = Math.min(box[0], v);
    box[1] = Math.max(box[1], v);
    box[2] = Math.min(box[2], u);
    box[3] = Math.max(box[3], u);
  }
  return { spikes, box };
}

function union(a: Box, b: Box): Box {
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.max(a[3], b[3])];
}
