import { parseModel, RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed, type RunningNetwork } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';

const clocked = engineNamed('clocked');
const dt = 0.001;

/** Steps in which each of `count` neurons spikes, at a mean rate in Hz. */
function poissonTrains(random: RandomGenerator, count: number, steps: number, rate: number): number[][] {
  return Array.from({ length: count }, () =>
    Array.from({ length: steps }, (_, step) => step).filter(() => random.nextUniform() < rate * dt),
  );
}

/** Correlation of two trains, each smoothed by a Gaussian of 2 ms (Schreiber et al. 2003). */
function correlation(a: readonly number[], b: readonly number[]): number {
  const smoothed = (train: readonly number[]) => (t: number) =>
    train.reduce((sum, s) => sum + Math.exp(-(((t - s) / 2) ** 2) / 2), 0);
  const product = (f: (t: number) => number, g: (t: number) => number) => {
    let sum = 0;
    for (let t = -10; t < 420; t++) sum += f(t) * g(t);
    return sum;
  };
  const [f, g] = [smoothed(a), smoothed(b)];
  const size = Math.sqrt(product(f, f) * product(g, g));
  return size === 0 ? 0 : product(f, g) / size;
}

describe('ReSuMe', () => {
  const [inputs, steps, epochs] = [200, 400, 120];

  it.each([1, 2, 3])('learns a random target train to a correlation above 0.9, seed %d', (seed) => {
    const random = new RandomGenerator(seed, 'resume');
    const pre = poissonTrains(random, inputs, steps, 10);
    const wanted = [40, 90, 150, 210, 260, 320, 370].map((step) => step + random.nextInteger(25));
    const net = clocked.load(
      parseModel({
        nodes: {
          in: { type: 'Input', shape: [inputs] },
          fc: { type: 'Linear', weight: [Array.from({ length: inputs }, () => 0.02 + 0.02 * random.nextUniform())] },
          cell: { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1 },
          out: { type: 'Output', shape: [1] },
        },
        edges: chain('in', 'fc', 'cell', 'out'),
        semantics: { dt },
        learning: { fc: { rule: 'resume', a: 5e-4, amplitude: 0.01, tau: 0.005 } },
      }),
    );
    const [input, output] = [new EventBuffer(inputs), new EventBuffer(1)];
    const epoch = () => {
      const sent: number[] = [];
      net.resetActivity();
      for (let step = 0; step < steps; step++) {
        input.clear();
        output.clear();
        for (const [index, train] of pre.entries()) if (train.includes(step)) input.push(0, 0, index, 1);
        net.run(1, input, output);
        if (output.length > 0) sent.push(step);
        if (wanted.includes(step)) net.teach('fc', [1]);
      }
      return sent;
    };
    const before = correlation(epoch(), wanted);
    for (let n = 0; n < epochs; n++) epoch();
    const after = correlation(epoch(), wanted);
    expect(before).toBeLessThan(0.6);
    expect(after).toBeGreaterThan(0.9);
  });
});

describe('e-prop', () => {
  const [cue, gap, hidden] = [15, 20, 60];
  const steps = 2 * cue + 2 * gap;
  const weights = (random: RandomGenerator, rows: number, columns: number, spread: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => spread * random.nextNormal()));

  /** Two cues of one bit each, one after the other; the read-outs say at the end whether they were different. */
  function delayedXor(seed: number): RunningNetwork {
    const random = new RandomGenerator(seed, 'delayed xor');
    return clocked.load(
      parseModel({
        nodes: {
          in: { type: 'Input', shape: [20] },
          encode: { type: 'Linear', weight: weights(random, hidden, 20, 0.5) },
          back: { type: 'Linear', weight: weights(random, hidden, hidden, 0.1) },
          cell: { type: 'LIF', tau: 0.03, r: 30, v_threshold: 1 },
          decode: { type: 'Linear', weight: weights(random, 2, hidden, 0.1) },
          filter: { type: 'LI', tau: 0.02, r: 20, v_leak: 0 },
          out: { type: 'Output', shape: [2] },
        },
        edges: [
          ['in', 'encode'],
          ['encode', 'cell'],
          ['cell', 'back', { delay: 1 }],
          ['back', 'cell'],
          ['cell', 'decode'],
          ['decode', 'filter'],
          ['filter', 'out'],
        ],
        semantics: { dt, reset: 'subtract' },
        learning: Object.fromEntries([
          ...['encode', 'back'].map((name) => [
            name,
            {
              rule: 'eprop',
              learningRate: 1e-3,
              tau: 0.03,
              tauOut: 0.02,
              width: 1,
              dampening: 0.3,
              feedback: { through: 'decode', direction: 'backward' },
            },
          ]),
          ['decode', { rule: 'ottt', learningRate: 5e-4, tau: 0.02 }],
        ]),
      }),
    );
  }

  function trial(
    net: RunningNetwork,
    random: RandomGenerator,
    bits: readonly [number, number],
    learn: boolean,
  ): boolean {
    const [input, output] = [new EventBuffer(20), new EventBuffer(2)];
    net.resetActivity();
    for (let step = 0; step < steps; step++) {
      input.clear();
      output.clear();
      const part: number = step < cue ? 0 : step >= cue + gap && step < 2 * cue + gap ? 1 : -1;
      for (let index = 0; index < 20; index++) {
        // Ten inputs per cue, five for either value.
        const on = part >= 0 && Math.floor(index / 10) === part && Math.floor(index / 5) % 2 === bits[part];
        if (random.nextUniform() < (on ? 0.3 : 0.005)) input.push(0, 0, index, 1);
      }
      net.run(1, input, output);
    }
    const answer = net.readState('filter', 'v');
    const target = bits[0] === bits[1] ? [1, 0] : [0, 1];
    const error = [0, 1].map((k) => answer[k]! - target[k]!);
    if (learn) for (const connection of ['decode', 'encode', 'back']) net.teach(connection, error);
    return answer[1]! > answer[0]! === target[1]! > target[0]!;
  }

  it.each([1, 2])('learns a delayed exclusive-or online, one lesson per trial, seed %d', (seed) => {
    const net = delayedXor(seed);
    const random = new RandomGenerator(seed, 'trials');
    const bits = () => [random.nextInteger(2), random.nextInteger(2)] as const;
    for (let n = 0; n < 3500; n++) trial(net, random, bits(), true);
    let right = 0;
    for (let n = 0; n < 300; n++) if (trial(net, random, bits(), false)) right++;
    expect(right / 300).toBeGreaterThan(0.95);
  });
});
