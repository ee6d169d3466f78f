import type { ElementwiseConnectivity } from '@spikewire/models';
import type { Draft } from '../draft.ts';
import { packInOrder } from '../packed-weights.ts';
import type { Stream } from '../program.ts';
import { type Sums, sourceOperands, suffixOf, targetOperands } from '../sums.ts';
import type { Lowering } from './lowering.ts';
import { placeWeights } from './weights.ts';

/** Every event adds its value, or as many times the weight of its element. */
export const scaleElements: Lowering<ElementwiseConnectivity> = (draft, site) => {
  const { index, connectivity, arrival, sums } = site;
  const { isInteger, shift } = draft.placed.weightsOf(index);
  const packing = packInOrder(connectivity.inputs, isInteger ? 'int8' : 'float32');
  const weights = connectivity.weights === undefined ? 0 : placeWeights(draft, site, packing);
  addElements(draft, arrival, sums, weights, shift);
};

/** Adds what arrives to sums, element by element; as it is, where there are no weights. */
export function addElements(draft: Draft, arrival: Stream, sums: Sums, weights = 0, shift = 0): void {
  draft.emit(`addElements${suffixOf[sums.format]}`, {
    ...sourceOperands(arrival),
    ...targetOperands(sums),
    weights,
    shift,
  });
}

/** Elements that pass late, each by its own number of steps. */
export function delayElements(draft: Draft, index: number, delays: Int32Array, sums: Sums): void {
  const longest = delays.reduce((most, steps) => Math.max(most, steps), 0);
  const arrivals = draft.wiring.incoming[index]!.map((edge) => draft.follow(edge));
  for (const { list, delay } of arrivals) list.lookBack(delay + longest);
  draft.appendPart({ role: 'late elements', plan: { arrivals, delays, ...sums } });
}
