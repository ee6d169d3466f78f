import { type Model, quantize, SpikewireError } from '@spikewire/models';
import { boardProfile, publishedBoards } from 'spikewire/accelerators';
import { describe, expect, it } from 'vitest';
import { layersAtSizes, randomNets } from './models-at-limits.ts';
import { zooModels } from './zoo-models.ts';

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
    it('meets the limits of inspect --for if its driver takes the model, and else misses one that has a source', async () => {
      const [board] = await publishedBoards('test', [address]);
      const profile = await boardProfile('test', address);
      const takesFloat = profile.abilities.weightBits.includes(32);
      const floats = [...randomNets(), ...layersAtSizes()];
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
