import { type Model, parseModel, quantize, RandomGenerator, SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { boardProfile, publishedBoards } from 'spikewire/accelerators';
import { describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';
import { arbitraryNet } from './arbitrary-model.ts';
import { zooModels } from './zoo-models.ts';

const SEED = 1;
const nets: readonly Model[] = fc.sample(arbitraryNet, { numRuns: 200, seed: SEED }).map(({ model }) => model);

/** One layer of so many neurons, at and around the sizes that boards have. */
function layer(inputs: number, neurons: number, cell: { readonly type: string }, random: RandomGenerator): Model {
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

function layers(): Model[] {
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

function whole(model: Model): Model | undefined {
  try {
    return quantize(model, { bits: 8, membraneBits: 16 });
  } catch (problem) {
    if (problem instanceof SpikewireError) return undefined;
    throw problem;
  }
}

describe.each(['odin:chip', 'tinyodin:chip', 'nengofpga:ensemble', 'spinnaker:spin5', 'fpga:up5k', 'fpga:ecp5'])(
  '%s',
  (address) => {
    it('meets the limits of inspect --for where its driver takes a model, and else misses one with its source', async () => {
      const [board] = await publishedBoards('test', [address]);
      const profile = await boardProfile('test', address);
      const takesFloat = profile.abilities.weightBits.includes(32);
      const floats = [...nets, ...layers()];
      const models = takesFloat ? floats : floats.flatMap((model) => whole(model) ?? []);
      const taken: boolean[] = [];
      for (const model of [...models, ...zooModels()]) {
        if (!takesFloat && model.quantization === undefined) continue;
        const refused = await profile.expectFit(model).then(
          () => undefined,
          (problem: unknown) => problem,
        );
        if (refused !== undefined) expect(refused).toBeInstanceOf(SpikewireError);
        const limits = await board!.limits(model);
        const meets = limits.every(({ fits }) => fits);
        const refusal = meets ? await board!.refusal!(model) : undefined;
        expect(meets && refusal === undefined).toBe(refused === undefined);
        if (meets) expect(refusal).toBe((refused as SpikewireError | undefined)?.message);
        for (const { what, needs, has, source } of limits) {
          expect([what, needs, has, source.title].every((text) => text.length > 0)).toBe(true);
        }
        taken.push(refused === undefined);
      }
      expect(taken.length).toBeGreaterThan(100);
      expect(taken.filter(Boolean).length).toBeGreaterThan(5);
      console.log(`${address}: takes ${taken.filter(Boolean).length} of ${taken.length} models`);
    });
  },
);
