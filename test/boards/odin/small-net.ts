import { type Model, parseModel, RandomGenerator, writeModel } from '@spikewire/models';
import { EventBuffer, type EventList } from 'spikewire';

const [INPUTS, HIDDEN, OUTPUTS] = [12, 30, 5];
export const STEPS = 20;

/** Two layers of leaky neurons, the first of which is recurrent. */
export function smallModel(seed = 1): Model {
  const random = new RandomGenerator(seed, 'weights');
  const matrix = (rows: number, columns: number, mean: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.nextNormal() + mean));
  const cell = { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1 };
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      first: { type: 'Linear', weight: matrix(HIDDEN, INPUTS, 0.4) },
      hidden: cell,
      again: { type: 'Linear', weight: matrix(HIDDEN, HIDDEN, 0) },
      second: { type: 'Linear', weight: matrix(OUTPUTS, HIDDEN, 0.3) },
      cells: cell,
      out: { type: 'Output', shape: [OUTPUTS] },
    },
    edges: [
      ['in', 'first'],
      ['first', 'hidden'],
      ['hidden', 'again', { delay: 1 }],
      ['again', 'hidden'],
      ['hidden', 'second'],
      ['second', 'cells'],
      ['cells', 'out'],
    ],
    semantics: { dt: 0.001 },
  });
}

export const smallBytes = writeModel(smallModel());

/** Random spikes for one window. */
export function smallWindow(seed: number): EventList {
  const random = new RandomGenerator(seed, 'spikes');
  const input = new EventBuffer(STEPS * INPUTS);
  for (let step = 0; step < STEPS; step++)
    for (let k = 0; k < INPUTS; k++) if (random.nextUniform() < 0.15) input.push(step, 0, k, 1);
  return input.toList();
}
