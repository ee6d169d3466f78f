import type { DataSource } from '@spikewire/engine/data';
import { RandomGenerator } from '@spikewire/models';
import { seedOf } from './seed-of.ts';

/** Steps of the pattern, spike trains that come in, and those that are wanted. */
const [STEPS, INPUTS, WANTED] = [400, 400, 10];
/** Probability of a spike in a step; of those wanted, this many steps after the last one or later. */
const [INPUT_RATE, WANTED_RATE, APART] = [0.01, 0.025, 10];
/** Steps of the kernel behind which trains are numbers. */
const SMOOTHING = 5;

/**
 * Random spike trains that are to answer a pattern of random spike trains. A sample is a step of it: 1 for each input
 * that spikes. Its target is each wanted train behind e^(−s/5 steps), which rises by 1 with a spike. The one pattern is
 * learned again and again, and is the test.
 */
export const trains: DataSource = {
  name: 'trains',
  summary: 'trains or trains:SEED, one input pattern, and ten target spike trains (numbers, no classes)',
  async load(argument = '1') {
    const seed = seedOf('trains', argument);
    const random = new RandomGenerator(seed, 'trains');
    const samples = Array.from({ length: STEPS }, () =>
      Float64Array.from({ length: INPUTS }, () => Number(random.nextUniform() < INPUT_RATE)),
    );
    const pattern = { samples, labels: new Int32Array(STEPS), targets: wantedTrains(random) };
    return { name: `trains:${seed}`, classes: [], ...pattern, training: pattern, validation: pattern };
  },
};

/** One row per step. None is wanted before its neuron can have been moved. */
function wantedTrains(random: RandomGenerator): Float64Array[] {
  const last = new Float64Array(WANTED);
  let smooth = new Float64Array(WANTED);
  return Array.from({ length: STEPS }, (_, step) => {
    smooth = smooth.map((value, j) => {
      const spikes = random.nextUniform() < WANTED_RATE && step - last[j]! >= APART;
      if (spikes) last[j] = step;
      return value * Math.exp(-1 / SMOOTHING) + Number(spikes);
    });
    return smooth;
  });
}
