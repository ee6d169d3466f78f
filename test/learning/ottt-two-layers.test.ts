import { parseModel, RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { beforeAll, describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';

const [INPUTS, HIDDEN, STEPS] = [20, 12, 40];
/** Steps of a trial after which the answer counts. */
const SETTLED = 10;
const TRIALS = 2500;

function netOf(seed: number, cells: object, hiddenLearns: boolean) {
  const random = new RandomGenerator(seed, 'two layers');
  const weights = (rows: number, columns: number, spread: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => spread * random.nextNormal()));
  const rule = { rule: 'ottt', tau: 0.02 };
  return engineNamed('clocked').load(
    parseModel({
      nodes: {
        in: { type: 'Input', shape: [INPUTS] },
        encode: { type: 'Linear', weight: weights(HIDDEN, INPUTS, 0.35) },
        cells: { tau: 0.02, r: 20, v_threshold: 1, ...cells },
        decode: { type: 'Linear', weight: weights(1, HIDDEN, 0.1) },
        filter: { type: 'LI', tau: 0.02, r: 20 },
        out: { type: 'Output' },
      },
      edges: chain('in', 'encode', 'cells', 'decode', 'filter', 'out'),
      semantics: { dt: 0.001, reset: 'subtract' },
      learning: {
        ...(hiddenLearns && {
          encode: { ...rule, learningRate: 1e-3, feedback: { through: 'decode', direction: 'backward' } },
        }),
        decode: { ...rule, learningRate: 2e-4 },
      },
    }),
  );
}

/**
 * Exclusive-or of two bits, each at the rates of ten inputs; an error in every step. The share that it has right at the
 * end.
 */
function accuracy(seed: number, cells: object, hiddenLearns: boolean): number {
  const net = netOf(seed, cells, hiddenLearns);
  const random = new RandomGenerator(seed, 'samples');
  const [input, output] = [new EventBuffer(INPUTS), new EventBuffer(1)];
  const trial = (learns: boolean): boolean => {
    net.resetActivity();
    const bits = [random.nextInteger(2), random.nextInteger(2)];
    const wanted = bits[0] === bits[1] ? -1 : 1;
    let answer = 0;
    for (let step = 0; step < STEPS; step++) {
      input.clear();
      output.clear();
      for (let i = 0; i < INPUTS; i++) {
        const isOn = Math.floor(i / 5) % 2 === bits[Math.floor(i / 10)];
        if (random.nextUniform() < (isOn ? 0.3 : 0.01)) input.push(0, 0, i, 1);
      }
      net.run(1, input, output);
      if (step < SETTLED) continue;
      const value = net.readState('filter', 'v')[0]!;
      answer += value;
      if (!learns) continue;
      net.teach('decode', [value - wanted]);
      if (hiddenLearns) net.teach('encode', [value - wanted]);
    }
    return answer * wanted > 0;
  };
  for (let n = 0; n < TRIALS; n++) trial(true);
  let right = 0;
  for (let n = 0; n < 300; n++) if (trial(false)) right++;
  return right / 300;
}

const seeds = [1, 2, 3, 4, 5];
let frozen: readonly number[] = [];
beforeAll(() => {
  frozen = seeds.map((seed) => 1 - accuracy(seed, { type: 'LIF' }, false));
}, 120_000);

// No weighting of the inputs is their exclusive-or; random hidden cells, of which a read-out learns alone, are right on
// and off.
describe.each([{ type: 'LIF' }, { type: 'ALIF', theta_plus: 0.1, tau_theta: 0.1 }])(
  'ottt in a hidden layer of $type and its read-out',
  (cells) => {
    let wrong: readonly number[] = [];
    beforeAll(() => {
      wrong = seeds.map((seed) => 1 - accuracy(seed, cells, true));
    }, 120_000);

    it('learns exclusive-or from errors in every step', () => {
      expect(wrong).toHaveLength(seeds.length);
      for (const share of wrong) expect(share).toBeLessThan(0.08);
    });

    it('is several times less often wrong than its read-out alone', () => {
      const mean = (shares: readonly number[]) => shares.reduce((sum, share) => sum + share, 0) / shares.length;
      expect(mean(frozen)).toBeGreaterThan(0.05);
      expect(mean(wrong)).toBeLessThan(mean(frozen) / 3);
    });
  },
);
