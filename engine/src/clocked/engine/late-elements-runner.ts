import type { EmissionRing } from '../emission-ring.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import type { LateElementsPlan } from '../program.ts';

/** Adds to a sum what its sources emitted, element by element some steps ago. */
export function lateElementsRunner(
  { arrivals, delays, address, format, layout }: LateElementsPlan,
  ringOf: (plan: LateElementsPlan['arrivals'][number]['list']) => EmissionRing,
  memory: MemoryViews,
): () => void {
  const values = memory[format];
  const sums = values.subarray(address / values.BYTES_PER_ELEMENT);
  const sources = arrivals.map(({ list, delay }) => ({ list: ringOf(list), delay }));
  const distinct = [...new Set(delays)];
  const add = (list: EmissionRing, delay: number, late: number) => {
    const slot = list.slot(delay + late);
    for (let k = list.count(slot) - 1; k >= 0; k--) {
      const index = list.plan.layout.index(list.position(slot, k));
      if (delays[index] === late) sums[layout.position(index)]! += list.value(slot, k);
    }
  };
  return () => {
    for (const { list, delay } of sources) for (const late of distinct) add(list, delay, late);
  };
}
