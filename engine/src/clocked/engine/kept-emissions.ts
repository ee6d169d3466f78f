import { anything, type KeptState, kept, type NumberRange, whole } from '@spikewire/models';
import type { EmissionRingPlan } from '../emission-ring.ts';
import { listSlot } from '../kernels/kernel-constants.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import type { Layout } from '../layout.ts';

/** Bits of float32 that are no number. */
const EXPONENT = 0x7f800000;

/** What a node has emitted in the steps that somebody looks back to, as it is saved: words of any format. */
export function keptEmissions(plan: EmissionRingPlan, { int32 }: MemoryViews, values: 'int32' | 'float32'): KeptState {
  const { descriptor, base, slots, slotBytes, valuesOffset, capacity, layout } = plan;
  const value = values === 'int32' ? anything : finiteBits;
  const position = positionIn(layout);
  const ofSlot = Array.from({ length: slotBytes / 4 }, (_, word) => {
    if (word === 0) return whole(0, capacity);
    if (word === 1) return whole(0, listSlot.repeated);
    if (word < listSlot.header / 4) return anything;
    return word < valuesOffset / 4 ? position : value;
  });
  const emitted = int32.subarray(base / 4, (base + slots * slotBytes) / 4);
  return {
    head: kept(int32.subarray(descriptor / 4, descriptor / 4 + 1), whole(0, slots - 1)),
    emitted: { view: emitted, rangeOf: (k) => ofSlot[k % ofSlot.length]! },
  };
}

const finiteBits: NumberRange = {
  expected: 'the bits of a finite float32',
  has: (bits) => (bits & EXPONENT) !== EXPONENT,
};

/** A position in memory at which an element lies. */
function positionIn({ length, stride, channels, pixels }: Layout): NumberRange {
  return {
    expected: `a position of one of ${channels * pixels} elements`,
    has: (at) => at >= 0 && at < length && at % stride < channels && Math.floor(at / stride) < pixels,
  };
}
