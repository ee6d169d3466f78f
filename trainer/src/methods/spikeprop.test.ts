import { engineNamed } from '@spikewire/engine';
import { windowsOf } from '@spikewire/engine/data';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { readParameters } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { clouds } from '../data/clouds.test-data.ts';
import { xor } from '../data/xor.ts';
import type { DirectRun } from '../runs/direct.ts';
import { withTestPart } from '../samples/test-part.ts';
import { type SpikePropChoices, spikePropLearner, spikeprop } from './spikeprop.ts';

const readChoices = (given: Readonly<Record<string, number>>) =>
  readParameters('spikeprop', given, spikeprop.parameters) as unknown as SpikePropChoices;

describe('SpikeProp', () => {
  it.each(['reference', 'clocked', 'event'])('has spikes in the steps in which %s has them', async (name) => {
    const data = clouds(30);
    const chosen = readChoices({ fields: 4, hidden: 6 });
    const learner = spikePropLearner(data, 3, chosen);
    // Learned a little, so that weights of both signs are there.
    learner.learn(
      data,
      Uint32Array.from({ length: 20 }, (_, k) => k),
    );
    const model = learner.model(learner.arrays);
    const executor = new InProcessExecutor(engineNamed(name), model, { seed: 1 });
    let spikes = 0;
    for (const [index, { steps, input }] of [...windowsOf(model, data)].entries()) {
      const { output } = await executor.run({ steps, input, fresh: true });
      const found = new Array<number>(3).fill(Number.POSITIVE_INFINITY);
      for (let k = 0; k < output.step.length; k++) {
        // Nobody spikes twice.
        expect(found[output.index[k]!]).toBe(Number.POSITIVE_INFINITY);
        found[output.index[k]!] = output.step[k]!;
        spikes++;
      }
      expect(learner.timesOf(data.samples[index]!)).toEqual(found);
    }
    expect(spikes).toBeGreaterThan(45);
    await executor.close();
  });

  it('learns exclusive or', async () => {
    const parameters = readParameters('spikeprop', { ...spikeprop.presets!.xor!.parameters }, spikeprop.parameters);
    const run = (await spikeprop.start(
      { data: await xor.load(undefined), seed: 1, backend: interpreter },
      parameters,
    )) as DirectRun;
    while (!run.finished && run.history.at(-1)?.validation.loss !== 0) await run.step();
    expect(run.history.at(-1)!.validation).toEqual({ loss: 0, accuracy: 1 });
  });

  it.each([
    { early: 26, late: 26, steps: 40 },
    { early: 20, late: 40, steps: 40 },
  ])('refuses times that no sample can have: %j', async (times) => {
    const site = { data: await xor.load(undefined), seed: 1, backend: interpreter };
    const parameters = readParameters('spikeprop', times, spikeprop.parameters);
    await expect(spikeprop.start(site, parameters)).rejects.toThrow(
      `train --early: is ${times.early}, with --late ${times.late} of 40 steps; expected early < late < steps`,
    );
  });

  it('goes on bit for bit from what was saved', async () => {
    const begin = async () => {
      const parameters = readParameters(
        'spikeprop',
        { fields: 3, hidden: 4, epochs: 2, batch: 10 },
        spikeprop.parameters,
      );
      return spikeprop.start({ data: withTestPart(clouds(60)), seed: 1, backend: interpreter }, parameters);
    };
    const [whole, first, second] = await Promise.all([begin(), begin(), begin()]);
    while (!whole.finished) await whole.step();
    for (let k = 0; k < 6; k++) await first.step();
    const saved = first.save();
    while (!first.finished) await first.step();
    await second.restore(saved, 'here');
    while (!second.finished) await second.step();
    expect(second.save()).toEqual(whole.save());
    await expect(second.restore({ arrays: {}, progress: null }, 'here')).rejects.toThrow(
      'here: has no numbers for "hidden"',
    );
  });
});
