import { RandomGenerator } from '@spikewire/models';
import { expect, it } from 'vitest';
import { backPropagate, firings, type SpikeTimeLayer } from './layer.ts';

function drawnLayer(inputs: number, outputs: number, random: RandomGenerator): SpikeTimeLayer {
  const weights = Float64Array.from({ length: inputs * outputs * 16 }, () => 0.12 * (random.nextUniform() - 0.2));
  return { inputs, outputs, weights, delays: 16, tau: 7, threshold: 1, end: 60 };
}

it('fires where the sum of all responses first reaches the threshold', () => {
  const random = new RandomGenerator(1, 'layers');
  for (let draw = 0; draw < 20; draw++) {
    const layer = drawnLayer(8, 4, random);
    const times = Float64Array.from({ length: 8 }, () =>
      draw % 2 === 0 ? random.nextInteger(10) : 10 * random.nextUniform(),
    );
    const membrane = (j: number, t: number) => {
      let u = 0;
      for (const [i, time] of times.entries()) {
        for (let k = 0; k < 16; k++) {
          const s = t - time - (k + 1);
          if (s > 0) u += layer.weights[(j * 8 + i) * 16 + k]! * (s / 7) * Math.exp(1 - s / 7);
        }
      }
      return u;
    };
    for (const [j, { time, crossing, slope }] of firings(layer, times, false).entries()) {
      const fine = Array.from({ length: 6001 }, (_, k) => k / 100).find((t) => membrane(j, t) > 1);
      if (fine === undefined) expect(time).toBe(Number.POSITIVE_INFINITY);
      else {
        expect(Math.abs(time - fine)).toBeLessThan(0.0101);
        expect(crossing).toBe(time);
        expect(slope).toBeCloseTo((membrane(j, time + 1e-5) - membrane(j, time)) / 1e-5, 3);
      }
    }
    if (draw % 2 === 1) continue;
    for (const [j, { time }] of firings(layer, times, true).entries()) {
      const step = Array.from({ length: 61 }, (_, n) => n).find((n) => membrane(j, n) > 1);
      expect(time).toBe(step ?? Number.POSITIVE_INFINITY);
    }
  }
});

it('has the gradients of central differences of spike times, through two layers', () => {
  const random = new RandomGenerator(2, 'gradients');
  let compared = 0;
  for (let draw = 0; draw < 40; draw++) {
    const [first, second] = [drawnLayer(6, 5, random), drawnLayer(5, 2, random)];
    for (let k = 0; k < second.weights.length; k++) second.weights[k]! *= 1.5;
    const inputs = Float64Array.from({ length: 6 }, () => 6 * random.nextUniform());
    const errors = [0.7, -1.3];
    const forward = () => {
      const hidden = firings(first, inputs, false);
      const times = hidden.map(({ time }) => time);
      return { hidden, times, answer: firings(second, times, false) };
    };
    const { hidden, times, answer } = forward();
    const everyone = [...hidden, ...answer];
    // Where a slope is guarded, or a neuron is silent, the gradient is not the derivative by intention.
    if (everyone.some(({ slope, time }) => slope < 0.101 || !Number.isFinite(time))) continue;
    const gradients = [new Float64Array(first.weights.length), new Float64Array(second.weights.length)] as const;
    const ofHidden = backPropagate(second, times, answer, errors, gradients[1]);
    backPropagate(first, inputs, hidden, ofHidden, gradients[0]);
    const value = () => forward().answer.reduce((sum, { time }, j) => sum + errors[j]! * time, 0);
    for (const [l, layer] of [first, second].entries()) {
      for (let k = 0; k < layer.weights.length; k += 13) {
        const kept = layer.weights[k]!;
        layer.weights[k] = kept + 1e-6;
        const above = value();
        layer.weights[k] = kept - 1e-6;
        const difference = (above - value()) / 2e-6;
        layer.weights[k] = kept;
        expect(Math.abs(gradients[l]![k]! - difference)).toBeLessThan(1e-4 * Math.max(1, Math.abs(difference)));
        if (difference !== 0) compared++;
      }
    }
  }
  expect(compared).toBeGreaterThan(100);
});
