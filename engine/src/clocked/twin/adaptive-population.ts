import { clamped } from '../kernels/float-numbers.ts';
import { type AdaptiveOperands, adaptiveFlags, floatOf } from '../kernels/instructions.ts';
import { SMALL_SCALE, turns } from '../kernels/kernel-constants.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { Emissions } from './arrivals.ts';
import { countSpikes } from './sums.ts';

const { fround } = Math;

/** Neurons that fall asleep together, and steps in which all blocks of them have their turn. */
const BLOCK = 16;

/** A conductance: its state, what arrives, what a step leaves of it and where it pulls to. */
interface Conductance {
  readonly state: Float32Array;
  readonly arriving: Float32Array;
  readonly decay: number;
  readonly reversal: number;
}

/**
 * The step of equal neurons under an adaptive threshold; those who rest stand in a queue, and blocks that are still
 * sleep.
 */
export function stepAdaptive(memory: MemoryViews, operands: AdaptiveOperands): () => void {
  const { float32, float64, int32 } = memory;
  const { length, stride, channels, flags, refractorySteps } = operands;
  const reals = (address: number) => float32.subarray(address / 4, address / 4 + length);
  const integers = (address: number, count = length) => int32.subarray(address / 4, address / 4 + count);
  const [v, theta, held] = [reals(operands.membrane), reals(operands.theta), reals(operands.held)];
  const [wakes, queue, asleep] = [integers(operands.wakes), integers(operands.queue), integers(operands.asleep)];
  /** Steps done, head of the queue, its length. */
  const clock = integers(operands.clock, 3);
  /** By what theta is multiplied, and what a step leaves of that. */
  const scaling = float64.subarray(operands.scale / 8, operands.scale / 8 + 2);
  const [share, leak, reset] = [operands.share, operands.leak, operands.reset].map(floatOf) as [number, number, number];
  const [threshold, minimum, rise] = [operands.threshold, operands.minimum, operands.rise].map(floatOf) as [
    number,
    number,
    number,
  ];
  const conductances: Conductance[] = [
    {
      state: reals(operands.first),
      arriving: reals(operands.firstArrivals),
      decay: floatOf(operands.firstDecay),
      reversal: floatOf(operands.firstReversal),
    },
    {
      state: reals(operands.second),
      arriving: reals(operands.secondArrivals),
      decay: floatOf(operands.secondDecay),
      reversal: floatOf(operands.secondReversal),
    },
  ].slice(0, flags & adaptiveFlags.conductances);
  const current = conductances.length > 0 ? undefined : reals(operands.firstArrivals);
  const resistance = floatOf(operands.firstReversal);
  const arrivals = current === undefined ? conductances.map(({ arriving }) => arriving) : [current];
  const marks = [operands.firstMark, operands.secondMark].slice(0, arrivals.length).filter((mark) => mark !== 0);
  const lowest = float32.subarray(operands.lowest / 4, operands.lowest / 4 + length / BLOCK);
  const emissions = new Emissions(memory, float32, operands.list, false);

  const findLowest = (block: number) => {
    lowest[block / BLOCK] = Math.min(...theta.subarray(block, block + BLOCK));
  };

  const fallBack = () => {
    scaling[0]! *= scaling[1]!;
    if (scaling[0]! >= SMALL_SCALE) return;
    const factor = fround(scaling[0]!);
    for (let i = 0; i < length; i++) theta[i] = clamped(fround(theta[i]! * factor));
    scaling[0] = 1;
    for (let block = 0; block < length; block += BLOCK) findLowest(block);
  };

  const hasArrivals = (first: number) =>
    arrivals.some((arriving) => arriving.subarray(first, first + BLOCK).some((value) => !Object.is(value, 0)));

  const above = (i: number) => {
    const limit = fround(threshold + fround(theta[i]! * fround(scaling[0]!)));
    return flags & adaptiveFlags.atThreshold ? v[i]! >= limit : v[i]! > limit;
  };

  /** Only then is there a lowest membrane, which is also where what is not a number goes at once. */
  const isHeld = (flags & (adaptiveFlags.atThreshold | adaptiveFlags.minimum)) !== 0;
  const move = (i: number) => {
    const before = v[i]!;
    let pull = fround(leak - before);
    if (current !== undefined) {
      pull = fround(pull + fround(resistance * current[i]!));
      current[i] = 0;
    }
    for (const { state, arriving, decay, reversal } of conductances) {
      const conductance = fround(state[i]! + arriving[i]!);
      arriving[i] = 0;
      pull = fround(pull + fround(conductance * fround(reversal - before)));
      state[i] = decay * conductance;
    }
    v[i] = before + fround(share * pull);
    if (isHeld && !(v[i]! > minimum)) v[i] = minimum;
  };

  const fire = (i: number) => {
    const limit = fround(threshold + fround(theta[i]! * fround(scaling[0]!)));
    const after = flags & adaptiveFlags.subtract ? fround(v[i]! - fround(limit - reset)) : reset;
    v[i] = Math.max(minimum, after);
    theta[i]! += fround(rise / fround(scaling[0]!));
    const block = Math.floor(i / BLOCK);
    lowest[block] = Math.min(lowest[block]!, theta[i]!);
    if (refractorySteps === 0) return;
    wakes[i] = clock[0]! + 1 + refractorySteps;
    const slot = (clock[1]! + clock[2]!) % length;
    queue[slot] = i;
    held[slot] = v[i]!;
    clock[2]!++;
  };

  const hold = () => {
    const [now, head, resting] = clock as unknown as [number, number, number];
    for (let k = 0; k < resting; k++) {
      const slot = (head + k) % length;
      const i = queue[slot]!;
      v[i] = held[slot]!;
      if (wakes[i]! > now + 1) continue;
      clock[1] = (slot + 1) % length;
      clock[2]!--;
    }
  };

  const isStill = (first: number) => {
    for (let i = first; i < first + BLOCK; i++) {
      const limit = fround(threshold + fround(theta[i]! * fround(scaling[0]!)));
      const below = v[i]! < limit && v[i]! < threshold;
      if (!below || wakes[i]! > clock[0]! + 1 || fround(v[i]! + fround(share * fround(leak - v[i]!))) !== v[i])
        return false;
      if (conductances.some(({ state }) => state[i] !== 0)) return false;
    }
    return true;
  };

  const takeTurn = () => {
    const each = Math.ceil(length / BLOCK / turns.parts);
    const first = (clock[0]! % turns.parts) * each * BLOCK;
    const end = Math.min(length, first + each * BLOCK);
    for (let block = first; block < end; block += BLOCK) {
      if (asleep[block / BLOCK] !== 0) continue;
      for (let i = block; i < block + BLOCK; i++) {
        v[i] = clamped(v[i]!);
        for (const { state } of conductances) state[i] = clamped(state[i]!);
      }
      asleep[block / BLOCK] = isStill(block) ? 1 : 0;
      findLowest(block);
    }
  };

  return () => {
    fallBack();
    emissions.open();
    let spikes = 0;
    for (let block = 0; block < length; block += BLOCK) {
      if (asleep[block / BLOCK] !== 0 && !hasArrivals(block)) continue;
      asleep[block / BLOCK] = 0;
      for (let i = block; i < block + BLOCK; i++) {
        move(i);
        if (!above(i) || i % stride >= channels || wakes[i]! > clock[0]!) continue;
        fire(i);
        emissions.push(i, 1);
        spikes++;
      }
    }
    emissions.close();
    countSpikes(memory, spikes);
    for (const mark of marks) int32[mark / 4] = 0;
    hold();
    takeTurn();
    clock[0]!++;
    if (clock[0]! < turns.round) return;
    clock[0] = 0;
    for (let i = 0; i < length; i++) wakes[i] = Math.max(0, wakes[i]! - turns.round);
  };
}
