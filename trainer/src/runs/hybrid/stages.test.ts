import { readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../../backend/interpreter.ts';
import { clouds } from '../../data/clouds.test-data.ts';
import { diet } from '../../methods/diet.ts';
import { withTestPart } from '../../samples/test-part.ts';
import { bestOf } from '../history.ts';
import type { Run, RunState } from '../run.ts';

const data = withTestPart(clouds(200));
const open = (changes = {}) => {
  const given = { arch: '3-12-3', steps: 3, analogueEpochs: 2, epochs: 3, batch: 20, ...changes };
  return diet.start({ data, seed: 2, backend: interpreter }, readParameters('diet', given, diet.parameters));
};

/** Steps up to the end; what was saved after each. */
async function saves(run: Run): Promise<RunState[]> {
  const states: RunState[] = [];
  while (!run.finished) {
    await run.step();
    states.push(run.save());
  }
  await run.close();
  return states;
}

it('counts its epochs through, of which only those of the last stage may be the best', async () => {
  const run = await open();
  await saves(run);
  expect(run.history.map(({ epoch, pending }) => [epoch, pending === true])).toEqual([
    [1, true],
    [2, true],
    [3, false],
    [4, false],
    [5, false],
  ]);
  expect(bestOf(run.history)!.epoch).toBeGreaterThan(2);
  expect(bestOf(run.history)).toBe(run.history[bestOf(run.history)!.epoch - 1]);
});

it('goes on bit for bit from every place where it was stopped, within a stage and between two', async () => {
  const whole = await saves(await open());
  const batches = whole.length / 5;
  for (const stopped of [0, 2 * batches - 2, 2 * batches - 1, 2 * batches, whole.length - 2]) {
    const resumed = await open();
    await resumed.restore(structuredClone(whole[stopped]!), 'checkpoint');
    const rest = await saves(resumed);
    expect(rest).toHaveLength(whole.length - 1 - stopped);
    expect(rest.at(-1)).toEqual(whole.at(-1));
    expect(resumed.model(rest.at(-1)!)).toEqual(resumed.model(whole.at(-1)!));
  }
});

it('keeps the best epoch of a stage beside what it has come to', async () => {
  const whole = await saves(await open());
  const batches = whole.length / 5;
  const weights = (state: RunState, prefix: string) => state.arrays[`${prefix}/layer1.weight`];
  const [ended, further] = [whole[batches - 1]!, whole[batches]!];
  expect(weights(ended, 'best')).toEqual(weights(ended, 'now'));
  expect(weights(further, 'best')).toEqual(weights(ended, 'now'));
  expect(weights(further, 'now')).not.toEqual(weights(ended, 'now'));
  const resumed = await open();
  await resumed.restore(structuredClone(further), 'checkpoint');
  expect(resumed.save()).toEqual(further);
  await resumed.close();
});

it('refuses a checkpoint of another net, and of a run that has no stages', async () => {
  const last = (await saves(await open())).at(-1)!;
  const other = await open({ arch: '3-13-3' });
  await expect(other.restore(last, 'x')).rejects.toThrow(/^x: has 36 numbers for "layer1.weight"; expected 39/);
  const { '0/model': _, ...arrays } = last.arrays;
  await expect(other.restore({ ...last, arrays }, 'x')).rejects.toThrow(
    /^x: has no model of stage 0; expected a checkp/,
  );
  for (const progress of [{ batches: 0 }, { ...(last.progress as object), finished: 2 }]) {
    await expect(other.restore({ ...last, progress }, 'x')).rejects.toThrow(
      /^x: has other stages; expected a checkpoint of 2 stages$/,
    );
  }
  await other.close();
});
