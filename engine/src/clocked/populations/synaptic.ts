import { type NumberRange, whole } from '@spikewire/models';
import { clampedFloat32, HELD } from '../kernels/float-numbers.ts';
import { encode, floatOperand } from '../kernels/instructions.ts';
import { ASLEEP, turns } from '../kernels/kernel-constants.ts';
import type { MemoryPlan, MemoryViews } from '../kernels/memory.ts';
import type { Layout } from '../layout.ts';
import type { PlannedPopulation, PopulationSite } from '../number-form.ts';
import type { StateVariable } from '../program.ts';
import type { SharedLeak, SynapticDrive } from '../synaptic-drive.ts';

/**
 * Lays out a synapse as its arrivals are added to it: decayed for the step to come, in units of what arrives. The state
 * that is read is x = gain/decay times that.
 */
export function planSynapse(memory: MemoryPlan, layout: Layout, { decay, gain, initial }: SharedLeak): StateVariable {
  const start = initial.map((value) => clampedFloat32((value * decay) / gain));
  const address = memory.float32(layout.arrange(start));
  const real = (value: number) => (value * gain) / decay;
  return { address, format: 'float32', length: layout.length, layout, resets: true, ranges: [HELD], real };
}

/** Lays out equal neurons behind synapses, whose states have their addresses already. */
export function planSynapticPopulation(
  { memory, index, layout, list }: Pick<PopulationSite, 'memory' | 'index' | 'layout' | 'list'>,
  drive: SynapticDrive,
  synapses: readonly number[],
): PlannedPopulation {
  const { membrane, comparison, reset, refractorySteps } = drive;
  const { decay, gain, bias } = membrane;
  const [first, second] = drive.synapses;
  // v = origin + unit·kept: with that the step is kept ← decay·kept + first + ratio·second.
  const origin = bias === 0 ? 0 : bias / (1 - decay);
  const unit = gain * first!.gain;
  const inUnits = (v: number) => clampedFloat32((v - origin) / unit);
  const threshold = Math.fround((drive.threshold - origin) / unit);
  const v = memory.float32(layout.arrange(membrane.initial.map(inUnits), ASLEEP));
  const [wakes, queue, clock] = [layout.length, layout.length, 3].map((length) => memory.reserve(4 * length));
  const instruction = encode('stepSynaptic', {
    membrane: v,
    first: synapses[0]!,
    second: synapses[1] ?? 0,
    neurons: layout.size,
    length: layout.length,
    list: list.descriptor,
    wakes: wakes!,
    queue: queue!,
    clock: clock!,
    decay: floatOperand(decay),
    firstDecay: floatOperand(first!.decay),
    secondDecay: floatOperand(second?.decay ?? 0),
    ratio: floatOperand((second?.gain ?? 0) / first!.gain),
    threshold: floatOperand(comparison === 'gt' ? threshold : below(threshold)),
    reset: floatOperand(inUnits(reset)),
    refractorySteps,
  });
  /** Steps for which a neuron rests still. */
  const rest = (index: number, { int32 }: MemoryViews) =>
    Math.max(0, int32[wakes! / 4 + layout.position(index)]! - int32[clock! / 4]!);
  const position = whole(0, layout.length - 1);
  const perNeuron = { length: layout.length, layout, resets: true } as const;
  const state = new Map<string, StateVariable>([
    [
      'v',
      {
        ...perNeuron,
        address: v,
        format: 'float32',
        ranges: [HELD],
        real: (value, index, all) => (rest(index, all) > 0 ? reset : origin + unit * value),
      },
    ],
    [
      'refractory',
      {
        ...perNeuron,
        address: wakes!,
        format: 'int32',
        ranges: [whole(0, turns.round + 1 + refractorySteps)],
        real: (_value, index, all) => rest(index, all),
      },
    ],
    ['queue', { address: queue!, format: 'int32', length: layout.length, ranges: [position], resets: true }],
    ['clock', { address: clock!, format: 'int32', length: 3, ranges: clockRanges(layout.length), resets: true }],
  ]);
  return { plan: { index, list, spikes: true, state }, instruction };
}

/** Steps done, head of the queue of those who rest, and how many stand in it. */
export function clockRanges(length: number): NumberRange[] {
  return [whole(0, turns.round - 1), whole(0, length - 1), whole(0, length)];
}

/** The next smaller float32 number: v > below(θ) is v ≥ θ. */
function below(value: number): number {
  if (value === 0) return -(2 ** -149);
  const bits = new Int32Array(Float32Array.of(value).buffer);
  bits[0]! += value > 0 ? -1 : 1;
  return new Float32Array(bits.buffer)[0]!;
}
