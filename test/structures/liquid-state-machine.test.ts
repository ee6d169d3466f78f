import { liquidStateMachine, RandomGenerator, solveDecoders, type Tensor } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { type Event, NetPlayer } from './net-player.ts';

const INPUTS = 4;
/** Longer than the builder's own step, which makes all delays exact; cheaper. */
const DT = 0.0005;
/** Steps in which the rates of the inputs stay: 30 ms. */
const SEGMENT = 60;
const SEGMENTS = 800;
const TRAINED = 500;
/** Hz at the inputs that a bit does not mean, and at those that it means. */
const RATES = [40, 240] as const;
/** Memory of the states and of the raw inputs that are read for comparison. */
const LEFT = Math.exp(-DT / 0.03);

const seeds = [1, 2, 3, 4, 5];

interface Recording {
  readonly bits: number[];
  /** After each segment: one number per neuron, and a constant. */
  readonly liquid: Float64Array[];
  /** The same of the low-passed inputs. */
  readonly raw: Float64Array[];
}

/** Random bits, one in each segment: inputs 0 and 1 are strong for a 1, inputs 2 and 3 for a 0. */
function record(seed: number): Recording {
  const player = new NetPlayer(liquidStateMachine({ inputs: INPUTS, seed, dt: DT }));
  const random = new RandomGenerator(seed, 'bits');
  const traces = new Float64Array(INPUTS);
  const recording: Recording = { bits: [], liquid: [], raw: [] };
  for (let n = 0; n < SEGMENTS; n++) {
    const bit = random.nextInteger(2);
    const events: Event[] = [];
    for (let step = 0; step < SEGMENT; step++) {
      for (let i = 0; i < INPUTS; i++) {
        traces[i]! *= LEFT;
        if (random.nextUniform() >= RATES[i < INPUTS / 2 ? bit : 1 - bit]! * DT) continue;
        events.push([step, i, 1]);
        traces[i]! += 1;
      }
    }
    player.run(SEGMENT, { in: events }, 200 * SEGMENT);
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
    expect(memory[0]).toBeGreaterThan(0.72);
    expect(accuracy(raw, before(1))).toBeLessThan(0.62);
    expect(memory[1]).toBeLessThan(memory[0]! - 0.05);
    expect(Math.abs(memory[2]! - 0.5)).toBeLessThan(0.12);
  });

  it('beats the raw input where the answer is not a sum of its parts: whether the bit changed', () => {
    const changed = (segment: number) => bits[segment] !== bits[Math.max(0, segment - 1)];
    expect(accuracy(liquid, changed)).toBeGreaterThan(accuracy(raw, changed) + 0.1);
    expect(accuracy(liquid, changed)).toBeGreaterThan(0.65);
  });
});

describe('the wiring of a liquid', () => {
  it('has the refractory periods of the paper: 3 ms of the four in five that excite, 2 ms of the others', () => {
    const nodes = [...liquidStateMachine({ inputs: INPUTS, seed: 1 }).graph.nodes.values()];
    const [periods] = nodes.flatMap(({ parameters }) => (parameters.tau_ref as Tensor | undefined) ?? []);
    const excitatory = Math.round(0.8 * periods!.data.length);
    expect([...periods!.data].map((seconds) => Math.round(1e6 * seconds))).toEqual([
      ...new Array(excitatory).fill(3000),
      ...new Array(periods!.data.length - excitatory).fill(2000),
    ]);
  });

  it('has the delays of the paper, and weights that deviate by all of their mean', () => {
    const ratios: number[] = [];
    for (const seed of seeds) {
      const { graph, semantics } = liquidStateMachine({ inputs: INPUTS, seed });
      const { edges, nodes } = graph;
      for (const from of ['excitatory', 'inhibitory']) {
        for (const to of ['excitatory', 'inhibitory']) {
          const name = `${from}-${to}`;
          const delays = edges.filter(({ target }) => target === name).map(({ delay }) => delay * semantics.dt);
          expect(delays).toEqual([expect.closeTo(name === 'excitatory-excitatory' ? 0.0015 : 0.0008, 12)]);
          const weights = Array.from((nodes.get(name)!.parameters.weight as Tensor).data);
          const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
          if (weights.length > 100) ratios.push(...weights.map((weight) => Math.abs(weight / mean)));
        }
      }
    }
    expect(ratios.length).toBeGreaterThan(2500);
    const variance = ratios.reduce((sum, ratio) => sum + (ratio - 1) ** 2, 0) / ratios.length;
    expect(Math.abs(Math.sqrt(variance) - 1)).toBeLessThan(0.1);
  });
});

describe.each(seeds)('the states of liquid %d', (seed) => {
  /** Trains of 20 Hz, as the paper has them. */
  const trains = (name: string, steps: number): Event[] => {
    const random = new RandomGenerator(seed, name);
    return Array.from({ length: steps * INPUTS }, (_, k): Event => [Math.floor(k / INPUTS), k % INPUTS, 1]).filter(
      () => random.nextUniform() < 20 * DT,
    );
  };

  /** Distances per neuron (Hz) of the states that two inputs lead to, every 10 ms. */
  const distances = (first: readonly Event[], second: readonly Event[], steps: number, strength: number) => {
    const part = 20;
    const players = [first, second].map((events) => {
      return { player: new NetPlayer(liquidStateMachine({ inputs: INPUTS, seed, dt: DT, strength })), events };
    });
    return Array.from({ length: steps / part }, (_, n) => {
      const [a, b] = players.map(({ player, events }) => {
        const own = events.filter(([at]) => Math.floor(at / part) === n);
        player.run(part, { in: own.map(([at, i, value]): Event => [at - n * part, i, value]) }, 200 * part);
        return player.network.readState('traces', 'v');
      });
      return Math.hypot(...a!.map((value, i) => value - b![i]!)) / Math.sqrt(a!.length);
    });
  };
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  it('separate inputs, the more so the more they differ', () => {
    const [base, other] = [trains('one', 2000), trains('other', 2000)];
    // A share of the spikes comes from another train.
    const mixed = (share: number) => {
      const random = new RandomGenerator(seed, 'mix');
      const pick = () => random.nextUniform() < share;
      return [...base.filter(() => !pick()), ...other.filter(pick)].sort((a, b) => a[0] - b[0]);
    };
    const [none, tenth, some, all] = [0, 0.1, 0.4, 1].map((share) => {
      return mean(distances(base, mixed(share), 2000, 1).slice(50));
    }) as [number, number, number, number];
    expect(none).toBe(0);
    expect(tenth).toBeGreaterThan(3);
    expect(some).toBeGreaterThan(1.15 * tenth);
    expect(all).toBeGreaterThan(1.15 * some);
  });

  it('forget: what was different half a second ago and is equal since no longer matters a second later', () => {
    const [base, other] = [trains('one', 3000), trains('other', 1000)];
    const course = distances(base, [...other, ...base.filter(([at]) => at >= 1000)], 3000, 0.5);
    expect(mean(course.slice(25, 50))).toBeGreaterThan(8);
    expect(mean(course.slice(60, 70))).toBeLessThan(0.6 * mean(course.slice(25, 50)));
    expect(mean(course.slice(140))).toBeLessThan(0.01 * mean(course.slice(25, 50)));
  });
});
