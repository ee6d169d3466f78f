import { clamped } from '../kernels/float-numbers.ts';
import { floatOf, type SynapticOperands } from '../kernels/instructions.ts';
import { ASLEEP, turns } from '../kernels/kernel-constants.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { Emissions } from './arrivals.ts';
import { countSpikes } from './sums.ts';

const { fround } = Math;

/** The step of equal neurons behind one or two exponential synapses; those who rest stand in a queue. */
export function stepSynaptic(memory: MemoryViews, operands: SynapticOperands): () => void {
  const { float32, int32 } = memory;
  const { neurons, length, refractorySteps } = operands;
  const reals = (address: number) => float32.subarray(address / 4, address / 4 + length);
  const integers = (address: number, count: number) => int32.subarray(address / 4, address / 4 + count);
  const v = reals(operands.membrane);
  const first = reals(operands.first);
  const second = operands.second === 0 ? undefined : reals(operands.second);
  const states = second === undefined ? [v, first] : [v, first, second];
  const wakes = integers(operands.wakes, length);
  const queue = integers(operands.queue, length);
  /** Steps done, head of the queue, its length. */
  const clock = integers(operands.clock, 3);
  const [decay, firstDecay, secondDecay] = [operands.decay, operands.firstDecay, operands.secondDecay].map(floatOf);
  const [ratio, threshold, reset] = [operands.ratio, operands.threshold, operands.reset].map(floatOf);
  const emissions = new Emissions(memory, float32, operands.list, false);
  const partLength = 4 * Math.ceil(length / 4 / turns.parts);

  const settlePart = () => {
    const start = (clock[0]! % turns.parts) * partLength;
    const end = Math.min(length, start + partLength);
    for (const state of states) for (let i = start; i < end; i++) state[i] = clamped(state[i]!);
  };

  const drive = (i: number) => {
    const brought = first[i]!;
    first[i]! *= firstDecay!;
    if (second === undefined) return brought;
    const sum = fround(brought + fround(ratio! * second[i]!));
    second[i]! *= secondDecay!;
    return sum;
  };

  const putToSleep = (i: number) => {
    v[i] = ASLEEP;
    wakes[i] = clock[0]! + 1 + refractorySteps;
    queue[(clock[1]! + clock[2]!) % length] = i;
    clock[2]!++;
  };

  const wake = () => {
    while (clock[2]! > 0) {
      const i = queue[clock[1]!]!;
      if (wakes[i]! > clock[0]!) return;
      v[i] = reset!;
      clock[1] = (clock[1]! + 1) % length;
      clock[2]!--;
    }
  };

  return () => {
    settlePart();
    v.fill(ASLEEP, neurons);
    emissions.open();
    let spikes = 0;
    for (let i = 0; i < length; i++) {
      v[i] = fround(decay! * v[i]!) + drive(i);
      if (!(v[i]! > threshold!)) continue;
      putToSleep(i);
      emissions.push(i, 1);
      spikes++;
    }
    emissions.close();
    countSpikes(memory, spikes);
    clock[0]!++;
    wake();
    if (clock[0]! < turns.round) return;
    clock[0] = 0;
    for (let i = 0; i < length; i++) wakes[i] = Math.max(0, wakes[i]! - turns.round);
  };
}
