import type { Shape } from '@spikewire/models';
import { sumOf } from '../graph/operations/time.ts';
import type { Value } from '../graph/operations/value.ts';
import { coefficientOf, times } from './neurons/coefficient.ts';
import type { Population } from './neurons/population.ts';
import { silence } from './signal.ts';

/** Elements that pass some steps late, each by its own delay: of each delay a mask on what came that long ago. */
export function lateElements(delays: Int32Array, shape: Shape): Population {
  const masks = [...new Set(delays)].map((steps) => ({
    steps,
    mask: coefficientOf(
      Float64Array.from(delays, (delay) => Number(delay === steps)),
      shape,
    ),
  }));
  const past: Value[] = [];
  return {
    membranes: [],
    step([arriving]) {
      past.push(arriving!);
      const passing = masks.flatMap(({ steps, mask }) => {
        const source = past.at(-1 - steps);
        return source === undefined ? [] : [times(source, mask)];
      });
      return passing.length > 0 ? sumOf(passing) : silence(arriving!.shape[0]!, shape);
    },
  };
}
