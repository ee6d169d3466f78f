import {
  defaultSemantics,
  type Firing,
  type LinearDynamics,
  type NeuronKind,
  type NeuronQuantization,
  RandomGenerator,
  type ResolvedNode,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { newCounters } from '../engine.ts';
import { createIntegerPopulation } from './integer-population.ts';

const size = 5;
const each = (value: number) => new Float64Array(size).fill(value);
const whole = (...values: number[]) => Int32Array.from({ length: size }, (_, i) => values[i % values.length]!);

const firing: Firing = {
  threshold: each(1),
  comparison: 'gt',
  reset: 'subtract',
  resetValue: each(0),
  spikesPerStep: 'one',
  refractorySteps: whole(0, 3),
  minimum: undefined,
};

/**
 * A population with a synaptic current in front of its membrane; the gain from current to membrane is above 1 for some.
 */
const dynamics: LinearDynamics = {
  decay: each(0.9),
  gain: Float64Array.of(0.1, 0.5, 1, 2, 4),
  bias: each(0),
  current: { decay: each(0.8), gain: each(0.5) },
  firing,
  initial: { v: each(0), i: each(0), refractory: each(0) },
};

const kind: NeuronKind = {
  type: 'Current',
  role: 'neuron',
  examples: [],
  emits: 'spikes',
  parameters: {},
  prepare: () => {
    throw new Error('not used');
  },
  linear: () => dynamics,
};

const resolved: ResolvedNode = {
  name: 'population',
  kind,
  node: { type: kind.type, parameters: {} },
  inputShape: [size],
  shape: [size],
  semantics: defaultSemantics,
};

const constants = (membraneBits: 16 | 32, fraction: number): NeuronQuantization => ({
  membraneBits,
  scale: each(0.01),
  fraction,
  decay: whole(29491, 32768, -12000),
  bias: whole(3, -7, 0),
  initial: whole(40, 0),
  threshold: whole(100, 2500),
  subtract: whole(90, 3000),
  minimum: whole(-2000),
  current: { decay: whole(26214, 32768), gain: whole(3277, 32768), bias: whole(-5, 11), initial: whole(0, 17) },
});

describe('integer population', () => {
  it('runs a synaptic current before the membrane as the text says, also while it is refractory', () => {
    for (const [membraneBits, fraction] of [
      [32, 3],
      [16, 2],
      [16, -2],
    ] as const) {
      const numbers = constants(membraneBits, fraction);
      const { current } = numbers;
      const counters = newCounters();
      const population = createIntegerPopulation(resolved, numbers, counters);
      const random = new RandomGenerator(7, 'arrivals');
      const limit = 1n << BigInt(membraneBits - 1);
      let held = 0;
      const saturate = (value: bigint) => {
        if (value >= -limit && value < limit) return value;
        held++;
        return value < 0n ? -limit : limit - 1n;
      };
      const multiply = (value: bigint, factor: number) => (value * BigInt(factor) + 16384n) >> 15n;
      const v = Array.from(numbers.initial, BigInt);
      const j = Array.from(current!.initial, BigInt);
      const rest = new Array<number>(size).fill(0);
      const emitted = new Float64Array(size);
      for (let step = 0; step < 300; step++) {
        const x = Float64Array.from({ length: size }, () => random.nextInteger(4000) - 1800);
        population.visit([x], emitted);
        const expected = v.map((_, n) => {
          const F = BigInt(fraction);
          const wide = BigInt(x[n]!);
          const shifted = F >= 0n ? wide << F : (wide + (1n << (-F - 1n))) >> -F;
          j[n] = saturate(multiply(j[n]!, current!.decay[n]!) + shifted + BigInt(current!.bias[n]!));
          if (rest[n]! > 0) {
            rest[n]!--;
            return 0;
          }
          const pushed = multiply(j[n]!, current!.gain[n]!) + BigInt(numbers.bias[n]!);
          v[n] = saturate(multiply(v[n]!, numbers.decay[n]!) + pushed);
          const floor = BigInt(numbers.minimum![n]!);
          if (v[n]! < floor) v[n] = floor;
          if (v[n]! <= BigInt(numbers.threshold![n]!)) return 0;
          v[n] = saturate(v[n]! - BigInt(numbers.subtract![n]!));
          if (v[n]! < floor) v[n] = floor;
          rest[n] = firing.refractorySteps[n]!;
          return 1;
        });
        expect(Array.from(emitted)).toEqual(expected);
      }
      expect(Array.from(population.state.v!)).toEqual(v.map(Number));
      expect(Array.from(population.state.i!)).toEqual(j.map(Number));
      expect(counters.saturatedHigh + counters.saturatedLow).toBe(held);
      if (membraneBits === 16 && fraction > 0) expect(held).toBeGreaterThan(0);
      // A gain above 1 is kept in the current's unit: j/gain in real numbers.
      const real = j.map((value, n) => (Number(value) * 0.01 * 2 ** -fraction) / Math.max(1, dynamics.gain[n]!));
      population.readReal('i')!.forEach((value, n) => {
        expect(value).toBeCloseTo(real[n]!, 9);
      });
      population.reset();
      expect(Array.from(population.state.i!)).toEqual(Array.from(current!.initial));
    }
  });
});
