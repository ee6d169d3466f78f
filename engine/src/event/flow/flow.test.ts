import { fire, type LinearDynamics } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstStep } from './crossing.ts';
import { CurrentFlow } from './current-flow.ts';
import type { Flow } from './flow.ts';
import { LeakyFlow } from './leaky-flow.ts';

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
/** Fast and slow, none at all, and nearly none. */
const factor = fc.oneof(real(0.3, 0.99), fc.constant(0.9), fc.constant(1 - 1e-9), fc.constant(1));

const neuron = fc.record({
  decay: factor,
  gain: real(0.01, 1),
  bias: real(-0.1, 0.1),
  input: real(-0.5, 0.5),
  v: real(-2, 1.5),
  /** Absent: no current. */
  current: fc.option(
    fc.record({
      decay: fc.oneof(real(0.2, 0.99), fc.constant(0.9), fc.constant(0.9 + 1e-10)),
      gain: real(0.1, 1),
      i: real(-4, 4),
    }),
    { nil: undefined },
  ),
  minimum: fc.option(real(-1, 0), { nil: undefined }),
  comparison: fc.constantFrom<'gt' | 'ge'>('gt', 'ge'),
});

type Neuron = typeof neuron extends fc.Arbitrary<infer Value> ? Value : never;

const one = (value: number) => Float64Array.of(value);
const nothingForeseen = { isEmpty: true, has: () => false };

function dynamicsOf({ decay, gain, bias, v, current, minimum, comparison }: Neuron): LinearDynamics {
  const firing = {
    threshold: one(1),
    comparison,
    reset: 'value',
    resetValue: one(0),
    spikesPerStep: 'one',
    refractorySteps: Int32Array.of(0),
    minimum: minimum === undefined || current !== undefined ? undefined : one(minimum),
  } as const;
  return {
    decay: one(decay),
    gain: one(gain),
    bias: one(bias),
    ...(current === undefined ? {} : { current: { decay: one(current.decay), gain: one(current.gain) } }),
    firing,
    initial: { v: one(v), i: one(current?.i ?? 0) },
  };
}

function flowOf(each: Neuron, axis: 'grid' | 'continuous' = 'grid'): Flow {
  const dynamics = dynamicsOf(each);
  const flow = new (each.current === undefined ? LeakyFlow : CurrentFlow)(dynamics, axis, nothingForeseen);
  flow.reset(0);
  flow.setConstant(one(each.input), 0);
  return flow;
}

/** One step after the other as LinearDynamics describes it, without spikes; the floor is that of `fire`. */
function* stepByStep(each: Neuron): Generator<{ v: number; i: number; crosses: boolean }> {
  const { decay, gain, bias, current, firing, initial } = dynamicsOf(each);
  let [v, i] = [initial.v![0]!, initial.i![0]!];
  for (;;) {
    let drive = each.input;
    if (current !== undefined) {
      i = current.decay[0]! * i + current.gain[0]! * each.input;
      drive = i;
    }
    v = decay[0]! * v + gain[0]! * drive + bias[0]!;
    v = Math.max(v, firing!.minimum?.[0] ?? Number.NEGATIVE_INFINITY);
    yield { v, i, crosses: fire(firing!, 0, one(v), one(0)) > 0 };
  }
}

describe('LeakyFlow on the grid', () => {
  const still = { gain: 1, bias: 0, current: undefined, minimum: undefined } as const;

  it.each(['gt', 'ge'] as const)(
    'without a memory is above its threshold where its input is, with %s',
    (comparison) => {
      for (const input of [0.5, 1, 1.5]) {
        const flow = flowOf({ ...still, decay: 0, input, v: 0, comparison });
        const spikes = comparison === 'ge' ? input >= 1 : input > 1;
        expect(flow.untilSpike(0), `input ${input}`).toBe(spikes ? 1 : Number.POSITIVE_INFINITY);
        expect(flow.peek('v', 0, 5)).toBe(input);
        const alert = new Int32Array(1);
        expect(flow.arrive(Int32Array.of(0), 1, Float64Array.of(-9), 1, alert), `input ${input}`).toBe(spikes ? 1 : 0);
        expect(flow.untilSpike(0)).toBe(spikes ? 1 : Number.POSITIVE_INFINITY);
      }
    },
  );

  it('never spikes once it is not a number, as after an overflow', () => {
    for (const axis of ['grid', 'continuous'] as const) {
      for (const decay of [0, 0.9, 1]) {
        const flow = flowOf({ ...still, decay, input: 5, v: Number.NaN, comparison: 'ge' }, axis);
        expect(flow.untilSpike(0)).toBe(Number.POSITIVE_INFINITY);
      }
    }
  });

  it('is searched no longer than steps are exact', () => {
    for (const guess of [Number.NaN, 1, 2 ** 60, Number.POSITIVE_INFINITY]) {
      expect(firstStep(guess, () => false)).toBe(Number.POSITIVE_INFINITY);
      expect(firstStep(guess, (k) => k >= 7)).toBe(7);
    }
  });

  it('is at its floor from the first step on where it starts below', () => {
    const each = { ...still, decay: 0.9, input: 0, v: -50, minimum: -0.5, comparison: 'gt' } as const;
    let k = 0;
    for (const { v } of stepByStep(each)) {
      k++;
      expect(flowOf(each).peek('v', 0, k)).toBeCloseTo(v, 12);
      const flow = flowOf(each);
      flow.arrive(Int32Array.of(0), 1, Float64Array.of(0), k, new Int32Array(1));
      // At the very end the floor is left to `fire`.
      expect(Math.max(-0.5, flow.state.v![0]!)).toBeCloseTo(v, 12);
      if (k === 20) break;
    }
  });
});

describe.each(['LeakyFlow', 'CurrentFlow'])('%s', (name) => {
  const neurons = neuron.filter(({ current }) => (current === undefined) === (name === 'LeakyFlow'));

  it('is after k steps where k single steps lead', () => {
    fc.assert(
      fc.property(neurons, (each) => {
        const flow = flowOf(each);
        let k = 0;
        for (const { v, i } of stepByStep(each)) {
          k++;
          expect(Math.abs(flow.peek('v', 0, k) - v)).toBeLessThan(1e-9 * Math.max(1, Math.abs(v)));
          if (each.current !== undefined) expect(Math.abs(flow.peek('i', 0, k) - i)).toBeLessThan(1e-9);
          if (k === 60) break;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('foresees the first spike of a thousand steps, or none', () => {
    fc.assert(
      fc.property(neurons, (each) => {
        let k = 0;
        let expected = Number.POSITIVE_INFINITY;
        for (const { v, crosses } of stepByStep(each)) {
          k++;
          // A tie belongs to neither.
          fc.pre(Math.abs(v - 1) > 1e-9);
          if (crosses) expected = k;
          if (crosses || k === 1000) break;
        }
        const foreseen = flowOf(each).untilSpike(0);
        if (expected === Number.POSITIVE_INFINITY) expect(foreseen).toBeGreaterThan(1000);
        else expect(foreseen).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('crosses its threshold in continuous time when it says, and not before', () => {
    fc.assert(
      fc.property(
        neurons.filter(({ v }) => v < 1),
        (each) => {
          const flow = flowOf(each, 'continuous');
          const time = flow.untilSpike(0);
          const until = Math.min(time, 2000);
          for (let k = 0; k < 200; k++) expect(flow.peek('v', 0, (k / 200) * until)).toBeLessThan(1 + 1e-9);
          if (time < 2000) expect(flow.peek('v', 0, time)).toBeCloseTo(1, 9);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('LeakyFlow in continuous time', () => {
  it('reaches the threshold after τ·ln((v∞ − v)/(v∞ − θ)), or (θ − v)/slope without a leak', () => {
    fc.assert(
      fc.property(real(0.5, 0.999), real(1.01, 50), real(-2, 0.99), (decay, settled, v) => {
        const each = { decay, gain: 1, bias: 0, input: settled * (1 - decay), v, current: undefined };
        const time = flowOf({ ...each, minimum: undefined, comparison: 'gt' }, 'continuous').untilSpike(0);
        const tau = -1 / Math.log(decay);
        expect(time / (tau * Math.log((settled - v) / (settled - 1)))).toBeCloseTo(1, 9);
      }),
    );
    const ramp = { decay: 1, gain: 0.5, bias: 0, input: 0.1, v: 0.25, current: undefined };
    expect(flowOf({ ...ramp, minimum: undefined, comparison: 'gt' }, 'continuous').untilSpike(0)).toBeCloseTo(15, 12);
  });
});
