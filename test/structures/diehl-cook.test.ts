import { diehlCook, RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { type Event, NetPlayer } from './net-player.ts';

const INPUTS = 64;
const NEURONS = 20;
const SHOWN = 700;
const SAMPLE = 1000;
const SUM = 14;

/** Four patterns of sixteen inputs each, of which every spike comes from a rate of 63.75 Hz. */
function pattern(which: number, random: RandomGenerator): Event[] {
  const events: Event[] = [];
  for (let step = 0; step < SHOWN; step++) {
    for (let i = 16 * which; i < 16 * which + 16; i++) {
      if (random.nextUniform() < 63.75 * 0.0005) events.push([step, i, 1]);
    }
  }
  return events;
}

describe('Diehl–Cook network', () => {
  const model = diehlCook({ inputs: INPUTS, neurons: NEURONS, sum: SUM, learningRate: 0.05 });
  const player = new NetPlayer(model);
  const random = new RandomGenerator(1, 'patterns');
  /** Spikes of each neuron for a pattern. */
  const answers = (which: number) => {
    const counts = new Array<number>(NEURONS).fill(0);
    for (const [, index] of player.run(SAMPLE, { in: pattern(which, random) }).spikes!) counts[index]!++;
    return counts;
  };
  for (let n = 0; n < 60; n++) answers(n % 4);
  player.network.learning = false;
  const counts = [0, 1, 2, 3].map(answers);

  it('answers with spikes to every pattern', () => {
    for (const count of counts) expect(count.reduce((sum, spikes) => sum + spikes, 0)).toBeGreaterThan(2);
  });

  it('gives each pattern winners of its own', () => {
    const winners = counts.map((count) => count.indexOf(Math.max(...count)));
    expect(new Set(winners).size).toBe(4);
  });

  it('has winners whose weights have become their pattern', () => {
    const weights = player.network.readWeights('learned');
    counts.forEach((count, which) => {
      const winner = count.indexOf(Math.max(...count));
      const row = weights.subarray(winner * INPUTS, (winner + 1) * INPUTS);
      const own = row.subarray(16 * which, 16 * which + 16).reduce((sum, weight) => sum + weight, 0);
      expect(own / row.reduce((sum, weight) => sum + weight, 0)).toBeGreaterThan(0.5);
    });
  });

  it('keeps the sum of the weights into each neuron', () => {
    const weights = player.network.readWeights('learned');
    for (let j = 0; j < NEURONS; j++) {
      const sum = weights.subarray(j * INPUTS, (j + 1) * INPUTS).reduce((total, weight) => total + weight, 0);
      expect(Math.abs(sum - SUM)).toBeLessThan(0.15 * SUM);
    }
  });
});
