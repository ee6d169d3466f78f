import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { SingleCell } from './single-cell.ts';

const INPUTS = 20;
const SHOWN = 200;

// Bienenstock, Cooper and Munro (1982): a neuron that sees different patterns in turn comes to respond to one of them
// alone.
describe.each([1, 2, 3, 4, 5])('bcm, seed %d', (seed) => {
  const random = new RandomGenerator(seed, 'patterns');
  const weights = Array.from({ length: INPUTS }, () => 0.15 + 0.02 * random.nextUniform());
  const cell = new SingleCell(weights, {
    ...{ rule: 'bcm', eta: 1e-6, targetRate: 15, bounds: [0, 0.5] },
    ...{ tauThreshold: 5, tauPre: 0.05, tauPost: 0.05 },
  });

  /** Half of the inputs at 40 Hz, the others at 5; the rate in Hz at which the neuron answers. */
  const show = (which: number) => {
    return cell.run(SHOWN, random, (i) => (i < INPUTS / 2 === (which === 0) ? 40 : 5)) / (SHOWN / 1000);
  };
  const answers = () => {
    cell.learning = false;
    const rates = [0, 1].map((which) => {
      return Array.from({ length: 20 }, () => show(which)).reduce((sum, rate) => sum + rate / 20, 0);
    });
    cell.learning = true;
    return rates.sort((a, b) => a - b);
  };

  it('makes a neuron that answers to two patterns alike answer to one of them only', () => {
    const [weaker, stronger] = answers();
    expect(weaker! / stronger!).toBeGreaterThan(0.8);
    for (let n = 0; n < 800; n++) show(random.nextInteger(2));
    const [lost, won] = answers();
    expect(won).toBeGreaterThan(5);
    expect(1 - lost! / won!).toBeGreaterThan(0.9);
  });
});
