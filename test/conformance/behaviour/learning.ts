import { type Model, parseModel, RandomGenerator } from '@spikewire/models';
import type { RunningNetwork } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { chain } from '../../chain.ts';
import type { EngineUnderTest } from '../engine-under-test.ts';
import { play } from '../play.ts';

const size = 40;

/** A population that is always active, decoded by weights that PES learns. */
function learner(learningRate = 2e-3): Model {
  const random = new RandomGenerator(5, 'learner');
  const each = (low: number, high: number) =>
    Array.from({ length: size }, () => low + (high - low) * random.nextUniform());
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      encode: { type: 'Affine', weight: each(0.3, 0.8).map((weight) => [weight]), bias: each(0.1, 0.2) },
      cell: { type: 'IF', r: 1000, v_threshold: 1 },
      decode: { type: 'Linear', weight: [each(-0.2, 0.2), each(-0.2, 0.2)] },
      filter: { type: 'Lowpass', tau: 0.02 },
      out: { type: 'Output', shape: [2] },
    },
    edges: chain('in', 'encode', 'cell', 'decode', 'filter', 'out'),
    semantics: { dt: 0.001, reset: 'subtract' },
    learning: { decode: { rule: 'pes', learningRate, tauPre: 0.01 } },
  });
}

/** [output, input] of the listed synapses, by input. */
const pairs = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 2],
] as const;

/** STDP of weights that do not matter for the spikes, because the drive makes them. */
function pairedSpikes(listed: boolean): Model {
  const learned = listed
    ? { type: 'Sparse', weight: [0.5, 0.5, 0.5, 0.5], target: [0, 1, 1, 0], offset: [0, 2, 3, 4], outputs: 2 }
    : { type: 'Linear', weight: new Array(2).fill([0.5, 0.5, 0.5]) };
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [3] },
      drive: { type: 'Input', shape: [2] },
      learned,
      strong: { type: 'Scale', scale: 100 },
      cell: { type: 'LIF', tau: 0.001, r: 1, v_threshold: 50 },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'learned'],
      ['learned', 'cell'],
      ['drive', 'strong'],
      ['strong', 'cell'],
      ['cell', 'out'],
    ],
    semantics: { dt: 0.001 },
    learning: { learned: { rule: 'stdp', aPlus: 0.04, aMinus: 0.03, tauPlus: 0.02, tauMinus: 0.02, bounds: [0, 2] } },
  });
}

function pairedStimulus() {
  const random = new RandomGenerator(9, 'pairs');
  const events = (size: number, share: number) =>
    Array.from({ length: 400 * size }, (_, k) => [Math.floor(k / size), k % size]).filter(
      () => random.nextUniform() < share,
    );
  return { in: events(3, 0.05), drive: events(2, 0.05) };
}

/**
 * Teaches after every step what the read-out should be; returns the mean error of the last hundred steps, by output.
 */
function teachTowards(net: RunningNetwork, target: readonly number[], steps: number): number[] {
  const errors = target.map(() => 0);
  for (let step = 0; step < steps; step++) {
    play(net, 1);
    const error = Array.from(net.readState('filter', 'v'), (v, j) => v - target[j]!);
    net.teach('decode', error);
    if (step >= steps - 100) for (const [j, value] of error.entries()) errors[j]! += value / 100;
  }
  return errors;
}

export function describeLearning({ load }: EngineUnderTest): void {
  describe('learning', () => {
    it('PES closes the loop: the read-out comes to its target, and to the next one', () => {
      const net = load(learner());
      for (const target of [
        [0.5, -0.3],
        [-0.2, 0.6],
      ]) {
        for (const error of teachTowards(net, target, 1500)) expect(Math.abs(error)).toBeLessThan(0.03);
      }
      expect(net.counters.taught).toBe(3000);
    });

    it('learns at listed synapses what it learns at those of a matrix', () => {
      const listedNet = load(pairedSpikes(true));
      const denseNet = load(pairedSpikes(false));
      const stimulus = pairedStimulus();
      for (const net of [listedNet, denseNet]) play(net, 400, stimulus);
      const [listedWeights, denseWeights] = [listedNet, denseNet].map((net) => net.readWeights('learned'));
      const expected = pairs.map(([output, input]) => denseWeights![output * 3 + input]!);
      expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.1);
      listedWeights!.forEach((weight, k) => {
        expect(Math.abs(weight - expected[k]!)).toBeLessThan(0.02);
      });
    });

    it('lets new weights count from the next step', () => {
      const [taught, untaught] = [load(learner(1)), load(learner(1))];
      for (const net of [taught, untaught]) play(net, 20);
      taught.teach('decode', [1, 1]);
      expect(taught.readState('filter', 'v')).toEqual(untaught.readState('filter', 'v'));
      for (const net of [taught, untaught]) play(net, 5);
      expect(taught.readState('filter', 'v')).not.toEqual(untaught.readState('filter', 'v'));
    });

    it('changes nothing while learning is off', () => {
      const net = load(learner(1));
      const before = net.readWeights('decode');
      net.learning = false;
      play(net, 30);
      expect(net.teach('decode', [1, -1])).toBe('frozen');
      expect(net.readWeights('decode')).toEqual(before);
      expect(net.counters.taught).toBe(0);
      net.learning = true;
      expect(net.teach('decode', [1, -1])).toBe('applied');
      expect(net.readWeights('decode')).not.toEqual(before);
    });

    it('applies a late signal to the activity that it is about', () => {
      const [late, prompt] = [load(learner(0.2)), load(learner(0.2))];
      for (const net of [late, prompt])
        play(net, 10, {
          in: [
            [3, 0],
            [4, 0],
          ],
        });
      prompt.teach('decode', [0.5, -0.5]);
      play(late, 7, { in: [[2, 0]] });
      play(late, 7);
      expect(late.teach('decode', [0.5, -0.5], 9)).toBe('applied');
      expect(late.readWeights('decode')).toEqual(prompt.readWeights('decode'));
    });

    it('counts a signal whose sample is forgotten, and leaves the weights', () => {
      const net = load(learner(), { history: 3 });
      for (let window = 0; window < 5; window++) play(net, 10);
      const before = net.readWeights('decode');
      expect(net.teach('decode', [1, 1], 19)).toBe('forgotten');
      expect(net.teach('decode', [1, 1], 44)).toBe('forgotten');
      expect(net.readWeights('decode')).toEqual(before);
      expect(net.counters.forgotten).toBe(2);
      expect(net.teach('decode', [1, 1], 29)).toBe('applied');
      expect(net.counters.taught).toBe(1);
    });

    it('serves a signal for the last sample after the activity was reset', () => {
      const net = load(learner());
      play(net, 10);
      net.resetActivity();
      expect(net.teach('decode', [1, 1], 9)).toBe('applied');
    });

    it('goes back to the model with resetLearning', () => {
      const net = load(learner(0.5));
      const base = net.readWeights('decode');
      play(net, 30);
      net.teach('decode', [1, -1]);
      expect(net.readWeights('decode')).not.toEqual(base);
      net.resetLearning();
      expect(net.readWeights('decode')).toEqual(base);
    });

    it('keeps what it learned when the activity is reset', () => {
      const net = load(learner(0.5));
      play(net, 30);
      net.teach('decode', [1, -1]);
      const learned = net.readWeights('decode');
      net.resetActivity();
      expect(net.readWeights('decode')).toEqual(learned);
    });

    it.each([
      ['encode', [1, 1], /connection "encode": does not learn; expected decode/],
      ['decode', [1], /teaching signal for "decode": has 1 values; expected 2/],
      ['decode', [1, Number.POSITIVE_INFINITY], /teaching signal for "decode"\[1\]: is Infinity/],
    ])('refuses to teach "%s" %j', (connection, signal, message) => {
      const net = load(learner());
      play(net, 2);
      expect(() => net.teach(connection, signal)).toThrow(message);
    });

    it('refuses to learn at a connection that nothing reaches', () => {
      const model = parseModel({
        nodes: {
          in: { type: 'Input', shape: [1] },
          alone: { type: 'Linear', weight: [[1, 2]] },
          cell: { type: 'IF', v_threshold: 1 },
          out: { type: 'Output' },
        },
        edges: [
          ['in', 'cell'],
          ['alone', 'cell'],
          ['cell', 'out'],
        ],
        learning: { alone: { rule: 'pes', learningRate: 0.1 } },
      });
      expect(() => load(model)).toThrow(/^learning of "alone": gets nothing; expected an edge to the connection$/);
    });
  });
}
