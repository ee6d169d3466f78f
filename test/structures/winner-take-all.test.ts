import { addWinnerTakeAll, NetworkBuilder, RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { type Event, NetPlayer } from './net-player.ts';

const NEURONS = 30;
const STEPS = 600;

/** Spikes of each neuron in the second half of a run with constant drives. */
function spikes(drives: readonly number[], inhibition: number): number[] {
  const net = new NetworkBuilder();
  const input = net.input('in', NEURONS);
  const cells = addWinnerTakeAll(net, { name: 'cells', neurons: NEURONS, inhibition });
  net.connect(input, cells, { kind: 'one-to-one' });
  net.output('out', cells);
  const events = Array.from({ length: STEPS * NEURONS }, (_, k): Event => {
    return [Math.floor(k / NEURONS), k % NEURONS, drives[k % NEURONS]!];
  });
  const counts = new Array<number>(NEURONS).fill(0);
  for (const [step, index] of new NetPlayer(net.model()).run(STEPS, { in: events }).out!) {
    if (step >= STEPS / 2) counts[index]!++;
  }
  return counts;
}

describe('winner-take-all', () => {
  it('leaves the neuron with the strongest input alone, at the rate that it has by itself', () => {
    for (const seed of [1, 2, 3]) {
      const random = new RandomGenerator(seed, 'drives');
      const drives = Array.from({ length: NEURONS }, () => 1.2 + 0.6 * random.nextUniform());
      const winner = random.nextInteger(NEURONS);
      drives[winner] = 2;
      const counts = spikes(drives, 40);
      expect(counts.filter((count) => count > 0)).toHaveLength(1);
      // A LIF without rest: τ·ln(I/(I − 1)) of 14 steps from one spike to the next.
      expect(Math.abs(counts[winner]! - STEPS / 2 / (20 * Math.log(2)))).toBeLessThanOrEqual(1.5);
    }
  });

  it('lets all of them spike without inhibition', () => {
    const drives = Array.from({ length: NEURONS }, (_, i) => 1.2 + i / 50);
    expect(Math.min(...spikes(drives, 0))).toBeGreaterThan(5);
  });
});
