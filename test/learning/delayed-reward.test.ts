import { parseModel, RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { describe, expect, it } from 'vitest';

const INPUTS = 20;
const SHOWN = 100;
const TRIALS = 400;

/** Two cells behind the same inputs; whichever spikes first silences the other. */
function open(seed: number) {
  return engineNamed('clocked').load(
    parseModel({
      nodes: {
        in: { type: 'Input', shape: [INPUTS] },
        whim: { type: 'Input', shape: [2] },
        learned: { type: 'Linear', weight: [0, 1].map(() => new Array<number>(INPUTS).fill(0.12)) },
        cells: { type: 'LIF', tau: 0.02, r: 20, v_threshold: 1, tau_ref: 0.002 },
        rivalry: {
          type: 'Linear',
          weight: [
            [0, -2],
            [-2, 0],
          ],
        },
        out: { type: 'Output' },
      },
      edges: [
        ['in', 'learned'],
        ['learned', 'cells'],
        ['whim', 'cells'],
        ['cells', 'rivalry', { delay: 1 }],
        ['rivalry', 'cells'],
        ['cells', 'out'],
      ],
      semantics: { dt: 0.001 },
      learning: {
        learned: { rule: 'rstdp', aPlus: 0.01, aMinus: 0.004, tauEligibility: 0.5, bounds: [0, 0.3] },
      },
    }),
    { seed },
  );
}

/**
 * One of two cues for 100 ms, a choice by which cell spikes more (a whim drives one of them), silence, and only then
 * the reward; what is expected of it is taken off. The share of right choices in the last 100 trials.
 */
function play(seed: number, { delay, blind = false }: { readonly delay: number; readonly blind?: boolean }) {
  const net = open(seed);
  const random = new RandomGenerator(seed, 'trials');
  const [input, output] = [new EventBuffer(SHOWN * (INPUTS + 2)), new EventBuffer(10_000)];
  const indexOf = (name: string) => net.graph.nodes.findIndex((node) => node.name === name);
  const [cues, whim] = [indexOf('in'), indexOf('whim')];
  let expected = 0;
  const right: number[] = [];
  for (let trial = 0; trial < TRIALS; trial++) {
    input.clear();
    output.clear();
    const [cue, driven] = [random.nextInteger(2), random.nextInteger(2)];
    for (let step = 0; step < SHOWN; step++) {
      for (let i = 0; i < INPUTS; i++) {
        const rate = i < INPUTS / 2 === (cue === 0) ? 50 : 2;
        if (random.nextUniform() < rate / 1000) input.push(step, cues, i, 1);
      }
      if (random.nextUniform() < 0.1) input.push(step, whim, driven, 0.6);
    }
    net.run(SHOWN, input, output);
    let votes = 0;
    for (let k = 0; k < output.length; k++) votes += output.index[k] === 0 ? 1 : -1;
    const choice = votes === 0 ? random.nextInteger(2) : Number(votes < 0);
    right.push(Number(choice === cue));
    const reward = blind ? random.nextInteger(2) : right.at(-1)!;
    input.clear();
    net.run(delay, input, output);
    net.teach('learned', [reward - expected]);
    expected += 0.05 * (reward - expected);
    net.run(1500, input, output);
  }
  return right.slice(-100).filter((each) => each === 1).length / 100;
}

const seeds = [1, 2, 3, 4, 5];

describe('reward-modulated STDP on a choice of two', () => {
  it.each(seeds)('learns from a reward that comes 300 ms after all spikes, seed %d', (seed) => {
    expect(play(seed, { delay: 300 })).toBeGreaterThan(0.9);
  });

  it('learns nothing from rewards that have nothing to do with the choice', () => {
    const shares = seeds.map((seed) => play(seed, { delay: 300, blind: true }));
    const mean = shares.reduce((sum, share) => sum + share, 0) / seeds.length;
    expect(Math.abs(mean - 0.5), shares.join()).toBeLessThan(0.1);
  }, 60_000);
});
