import { elementCount, RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import type { Mapping } from './mapping.ts';
import { SoftwareNet } from './software-net.ts';

/** How a model on a chip differs from its float form. */
export interface Loss {
  /** Largest error of a weight, relative to the largest weight into its neuron. */
  readonly weight: number;
  /** Share of spikes that only one of both forms has in their step, of all that either has: 0 … 1. */
  readonly spikes: number;
}

const [STEPS, RATE, SEED] = [100, 0.1, 1];

/** Measured by the chip in software on random spikes: a hundred steps, a tenth of the inputs in each. */
export function lossOf(mapping: Mapping, steps = STEPS, seed = SEED): Loss {
  const input = randomSpikes(mapping, steps, seed);
  const buffer = () => new EventBuffer(steps * mapping.cells.length);
  const [exact, found] = [buffer(), buffer()];
  const unused = () => new EventBuffer(1);
  engineNamed('clocked').load(mapping.model).run(steps, input, unused(), exact);
  new SoftwareNet(mapping).run(steps, input, unused(), found);
  const [a, b] = [keysOf(exact), keysOf(found)];
  const both = [...a].filter((key) => b.has(key)).length;
  const either = a.size + b.size - both;
  return { weight: mapping.worstError, spikes: (either - both) / Math.max(1, either) };
}

/** For people, one line. */
export function describeLoss({ weight, spikes }: Loss): string {
  const on = 'on random input as the chip in software gives them';
  return `weights are off by up to ${percent(weight)} of the largest; ${percent(spikes)} of spikes differ, ${on}`;
}

/** For people, two digits. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

function randomSpikes({ graph }: Mapping, steps: number, seed: number): EventBuffer {
  const random = new RandomGenerator(seed, 'loss');
  const sizes = graph.nodes.map(({ kind, shape }) => (kind.role === 'input' ? elementCount(shape) : 0));
  const input = new EventBuffer(steps * sizes.reduce((sum, size) => sum + size, 0));
  for (let step = 0; step < steps; step++)
    for (const [node, size] of sizes.entries()) {
      for (let k = 0; k < size; k++) if (random.nextUniform() < RATE) input.push(step, node, k, 1);
    }
  return input;
}

function keysOf({ step, node, index, length }: EventBuffer): Set<string> {
  return new Set(Array.from({ length }, (_, k) => `${step[k]} ${node[k]} ${index[k]}`));
}
