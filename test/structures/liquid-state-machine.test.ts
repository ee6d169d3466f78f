import { liquidStateMachine, type Model, RandomGenerator, solveDecoders } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { type Event, NetPlayer } from './net-player.ts';

const INPUTS = 4;
/** Steps of 1 ms in which the rates of the inputs stay. */
const SEGMENT = 30;
const SEGMENTS = 800;
const TRAINED = 500;
/** Spikes per step at the inputs that a bit does not mean, and at those that it means. */
const RATES = [0.04, 0.24] as const;
/** Memory of the states and of the raw inputs that are read for comparison. */
const LEFT = Math.exp(-1 / 30);

const seeds = [1, 2, 3];

interface Recording {
  readonly bits: number[];
  /** After each segment: one number per neuron, and a constant. */
  readonly liquid: Float64Array[];
  /** The same of the low-passed inputs. */
  readonly raw: Float64Array[];
}

/** Random bits, one in each segment: inputs 0 and 1 are strong for a 1, inputs 2 and 3 for a 0. */
function record(seed: number): Recording {
  const player = new NetPlayer(liquidStateMachine({ inputs: INPUTS, seed }));
  const random = new RandomGenerator(seed, 'bits');
  const traces = new Float64Array(INPUTS);
  const recording: Recording = { bits: [], liquid: [], raw: [] };
  for (let n = 0; n < SEGMENTS; n++) {
    const bit = random.nextInteger(2);
    const events: Event[] = [];
    for (let step = 0; step < SEGMENT; step++) {
      for (let i = 0; i < INPUTS; i++) {
        traces[i]! *= LEFT;
        if (random.nextUniform() >= RATES[i < INPUTS / 2 ? bit : 1 - bit]!) continue;
        events.push([step, i, 1]);
        traces[i]! += 1;
      }
    }
    player.run(SEGMENT, { in: events });
    recording.bits.push(bit);
    recording.liquid.push(withConstant(player.network.readState('traces', 'v'), 50));
    recording.raw.push(withConstant(traces, 1));
  }
  return recording;
}

function withConstant(values: Float64Array, constant: number): Float64Array {
  return Float64Array.of(...values, constant);
}

/** Share of the segments that a linear read-out, trained on the first ones, answers rightly in the others. */
function accuracy(states: readonly Float64Array[], answer: (segment: number) => boolean): number {
  const neurons = states[0]!.length;
  const activities = Float64Array.from(states.slice(0, TRAINED).flatMap((state) => [...state]));
  const targets = Float64Array.from({ length: TRAINED }, (_, n) => (answer(n) ? 1 : -1));
  const decoders = solveDecoders(activities, targets, { points: TRAINED, neurons, regularisation: 0.03 });
  const tested = states.slice(TRAINED);
  const right = tested.filter((state, k) => {
    return state.reduce((sum, value, i) => sum + value * decoders[i]!, 0) > 0 === answer(TRAINED + k);
  });
  return right.length / tested.length;
}

describe.each(seeds)('liquid %d', (seed) => {
  const { bits, liquid, raw } = record(seed);
  const before = (lag: number) => (segment: number) => bits[Math.max(0, segment - lag)] === 1;

  it('remembers the segment before, which the raw input does not, and forgets what lies farther back', () => {
    expect(accuracy(liquid, before(0))).toBeGreaterThan(0.93);
    expect(accuracy(raw, before(0))).toBeGreaterThan(0.93);
    const memory = [1, 2, 5].map((lag) => accuracy(liquid, before(lag)));
    expect(memory[0]).toBeGreaterThan(0.7);
    expect(accuracy(raw, before(1))).toBeLessThan(0.62);
    expect(memory[1]).toBeLessThan(memory[0]!);
    expect(Math.abs(memory[2]! - 0.5)).toBeLessThan(0.12);
  });

  it('beats the raw input where the answer is no sum of its parts: whether the bit changed', () => {
    const changed = (segment: number) => bits[segment] !== bits[Math.max(0, segment - 1)];
    expect(accuracy(liquid, changed)).toBeGreaterThan(accuracy(raw, changed) + 0.05);
    expect(accuracy(liquid, changed)).toBeGreaterThan(0.58);
  });
});

describe('the states of a liquid', () => {
  const model: Model = liquidStateMachine({ inputs: INPUTS });
  const trains = (seed: number, steps: number): Event[] => {
    const random = new RandomGenerator(seed, 'trains');
    return Array.from({ length: steps * INPUTS }, (_, k): Event => [Math.floor(k / INPUTS), k % INPUTS, 1]).filter(
      () => random.nextUniform() < 0.1,
    );
  };
  const distance = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((value, i) => value - b[i]!));

  /** Mean distance of the states of two nets over the second half of a run. */
  const separation = (first: readonly Event[], second: readonly Event[], steps: number) => {
    const nets = [first, second].map((events) => ({ player: new NetPlayer(model), events }));
    let sum = 0;
    for (let step = 0; step < steps; step++) {
      for (const { player, events } of nets) {
        player.run(1, { in: events.filter(([at]) => at === step).map(([, i, value]): Event => [0, i, value]) });
      }
      const [a, b] = nets.map(({ player }) => player.network.readState('traces', 'v'));
      if (step >= steps / 2) sum += distance(a!, b!) / (steps / 2);
    }
    return sum;
  };

  it('separate inputs, the more so the more they differ', () => {
    const base = trains(1, 200);
    // A share of the spikes comes from another train.
    const mixed = (share: number) => {
      const random = new RandomGenerator(4, 'mix');
      const pick = () => random.nextUniform() < share;
      return [...base.filter(() => !pick()), ...trains(2, 200).filter(pick)].sort((a, b) => a[0] - b[0]);
    };
    const distances = [0, 0.1, 1].map((share) => separation(base, mixed(share), 200));
    expect(distances[0]).toBe(0);
    expect(distances[1]).toBeGreaterThan(10);
    expect(distances[2]).toBeGreaterThan(1.1 * distances[1]!);
  });
});
