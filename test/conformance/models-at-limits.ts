import { type Model, parseModel, RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import { chain } from '../chain.ts';
import { arbitraryNet } from './arbitrary-model.ts';

const SEED = 1;
/** 200 random nets, the same ones at each call. */
export function randomNets(): readonly Model[] {
  return fc.sample(arbitraryNet, { numRuns: 200, seed: SEED }).map(({ model }) => model);
}

/** One layer of so many neurons, at and around the sizes that boards have. */
export function layer(
  inputs: number,
  neurons: number,
  cell: { readonly type: string },
  random: RandomGenerator,
): Model {
  const isEnsemble = cell.type === 'ReLU';
  const row = (size: number) => Array.from({ length: size }, () => random.nextInteger(8));
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [inputs] },
      encode: { type: 'Linear', weight: Array.from({ length: neurons }, () => row(inputs)) },
      cells: cell,
      ...(isEnsemble && { decode: { type: 'Linear', weight: [row(neurons)] } }),
      out: { type: 'Output' },
    },
    edges: chain('in', 'encode', 'cells', ...(isEnsemble ? ['decode'] : []), 'out'),
    semantics: { dt: 0.001 },
  });
}

/** Layers of several kinds of neurons, at sizes around those of boards. */
export function layersAtSizes(): Model[] {
  const random = new RandomGenerator(SEED, 'layers');
  const cells = [
    { type: 'IF', r: 1000, v_threshold: 20 },
    { type: 'LIF', tau: 0.02, r: 20, v_threshold: 9 },
    { type: 'IF', r: 1000, v_threshold: 20, v_reset: 1 },
    { type: 'ReLU' },
  ];
  const sizes = [
    [5, 3],
    [255, 4],
    [256, 4],
    [257, 4],
    [4, 255],
    [4, 256],
    [4, 257],
    [256, 256],
  ] as const;
  return cells.flatMap((cell) => sizes.map(([inputs, neurons]) => layer(inputs, neurons, cell, random)));
}
