import { RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import type { Mapping } from './mapping.ts';
import { SoftwareNet } from './software-net.ts';

/** How a model on a chip differs from its float form. */
export interface Loss {
  /** Largest error of a weight, relative to the largest weight into its neuron. */
  readonly weight: number;
  /** Spikes that are missing, too many or in another step, relative to the spikes of the float form. */
  readonly spikes: number;
}

const [STEPS, RATE, SEED] = [100, 0.1, 1];
const MOST_EVENTS = 1 << 18;

/** Measured by the chip in software on random spikes: a hundred steps, a tenth of the inputs in each. */
export function lossOf(mapping: Mapping, steps = STEPS, seed = SEED): Loss {
  const input = randomSpikes(mapping, steps, seed);
  const [exact, found] = [new EventBuffer(MOST_EVENTS), new EventBuffer(MOST_EVENTS)];
  const unused = () => new EventBuffer(MOST_EVENTS);
  engineNamed('clocked').load(mapping.model).run(steps, input, unused(), exact);
  new SoftwareNet(mapping).run(steps, input, unused(), found);
  const [a, b] = [keysOf(exact), keysOf(found)];
  const different = missing(a, b) + missing(b, a);
  return { weight: mapping.worstError, spikes: different / Math.max(1, a.size) };
}

/** For people, one line. */
export function describeLoss({ weight, spikes }: Loss): string {
  const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`;
  const on = 'on random input as the chip in software gives them';
  return `weights are off by up to ${percent(weight)} of the largest; ${percent(spikes)} of spikes differ, ${on}`;
}

function randomSpikes({ graph }: Mapping, steps: number, seed: number): EventBuffer {
  const random = new RandomGenerator(seed, 'loss');
  const input = new EventBuffer(MOST_EVENTS);
  for (let step = 0; step < steps; step++)
    for (const [node, { kind, shape }] of graph.nodes.entries()) {
      if (kind.role !== 'input') continue;
      const size = shape.reduce((product, n) => product * n, 1);
      for (let k = 0; k < size; k++) if (random.nextUniform() < RATE) input.push(step, node, k, 1);
    }
  return input;
}

function keysOf({ step, node, index, length }: EventBuffer): Set<string> {
  return new Set(Array.from({ length }, (_, k) => `${step[k]} ${node[k]} ${index[k]}`));
}

function missing(there: ReadonlySet<string>, here: ReadonlySet<string>): number {
  let count = 0;
  for (const key of there) if (!here.has(key)) count++;
  return count;
}
