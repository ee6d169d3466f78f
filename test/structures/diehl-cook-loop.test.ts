import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { diehlCookNetwork } from '../bench/diehl-cook/network.mjs';
import { type Event, NetPlayer } from './net-player.ts';

const INPUTS = 64;
const NEURONS = 20;
const STEPS = 6000;

const random = new RandomGenerator(5, 'patterns');
const weights = Float64Array.from({ length: INPUTS * NEURONS }, () => 0.2 + 0.6 * random.nextUniform());
const input: Event[] = [];
for (let step = 0; step < STEPS; step++) {
  if (step % 1000 >= 700) continue;
  for (let i = 16 * (Math.floor(step / 1000) % 4); i < INPUTS; i++) {
    if (random.nextUniform() < 63.75 * 0.0005) input.push([step, i, 1]);
  }
}

interface Cells {
  readonly v: number[];
  readonly excitation: number[];
  readonly inhibition: number[];
  readonly wakes: number[];
}

function cells(rest: number): Cells {
  const all = (value: number) => new Array<number>(NEURONS).fill(value);
  return { v: all(rest), excitation: all(0), inhibition: all(0), wakes: all(0) };
}

/** One Euler step of 0.5 ms; times in ms. */
function move({ v, excitation, inhibition, wakes }: Cells, step: number, tau: number, rest: number): void {
  for (let n = 0; n < NEURONS; n++) {
    const pull = rest - v[n]! + excitation[n]! * (0 - v[n]!) + inhibition[n]! * (-100 - v[n]!);
    if (wakes[n]! <= step) v[n]! += (0.5 / tau) * pull;
    excitation[n]! *= 1 - 0.5 / 1;
    inhibition[n]! *= 1 - 0.5 / 2;
  }
}

/**
 * The network of the paper as a loop that moves all neurons first, then delivers the spikes of the step, then learns.
 */
function loop(): { spikes: Event[]; weights: Float64Array } {
  const [excitatory, inhibitory] = [cells(-65), cells(-60)];
  const theta = new Array<number>(NEURONS).fill(20);
  const traces = new Array<number>(INPUTS).fill(0);
  const learned = weights.slice();
  const spikes: Event[] = [];
  let next = 0;
  for (let step = 0; step < STEPS; step++) {
    move(excitatory, step, 100, -65);
    move(inhibitory, step, 10, -60);
    for (let n = 0; n < NEURONS; n++) theta[n]! *= 1 - 0.5 / 1e7;
    for (let i = 0; i < INPUTS; i++) traces[i]! *= Math.exp(-0.5 / 20);
    const fires = (population: Cells, limit: (n: number) => number) =>
      theta.flatMap((_, n) => (population.v[n]! > limit(n) && population.wakes[n]! <= step ? [n] : []));
    const fired = fires(excitatory, (n) => theta[n]! - 72);
    const answered = fires(inhibitory, () => -40);
    for (; next < input.length && input[next]![0] === step; next++) {
      const i = input[next]![1];
      traces[i]! += 1;
      for (let n = 0; n < NEURONS; n++) excitatory.excitation[n]! += learned[i * NEURONS + n]!;
    }
    for (const n of fired) {
      for (let i = 0; i < INPUTS; i++) {
        const w = learned[i * NEURONS + n]!;
        learned[i * NEURONS + n] = Math.min(1, Math.max(0, w + 0.01 * (traces[i]! - 0.4) * (1 - w)));
      }
      inhibitory.excitation[n]! += 10.4;
      excitatory.v[n] = -65;
      excitatory.wakes[n] = step + 10;
      theta[n]! += 0.05;
      spikes.push([step, n, 1]);
    }
    for (const n of answered) {
      for (let m = 0; m < NEURONS; m++) if (m !== n) excitatory.inhibition[m]! += 17;
      inhibitory.v[n] = -45;
      inhibitory.wakes[n] = step + 4;
    }
  }
  return { spikes, weights: learned };
}

describe('the network of Diehl and Cook in the order of a plain loop, as the bench measures it', () => {
  const truth = loop();

  it.each(['reference', 'clocked'])('spikes and learns as a plain loop does: %s', (engine) => {
    const player = new NetPlayer(diehlCookNetwork(weights, INPUTS, NEURONS), engine);
    expect(truth.spikes.length).toBeGreaterThan(50);
    expect(player.run(STEPS, { in: input }).spikes).toEqual(truth.spikes);
    const learned = player.network.readWeights('learned');
    for (let i = 0; i < INPUTS; i++) {
      for (let n = 0; n < NEURONS; n++) {
        const difference = learned[n * INPUTS + i]! - truth.weights[i * NEURONS + n]!;
        expect(Math.abs(difference)).toBeLessThan(engine === 'reference' ? 1e-12 : 1e-4);
      }
    }
  });
});
