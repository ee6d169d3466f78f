import type { LabelledSamples } from '@spikewire/engine/data';
import { parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { clouds } from '../data/clouds.test-data.ts';
import { withTestPart } from '../samples/test-part.ts';
import { FittedRun } from './fitted.ts';

const data = withTestPart(clouds(150));

/** Weights of no meaning, and as many steps as there are samples to learn. */
const fit = ({ samples }: LabelledSamples) =>
  parseModel({
    nodes: {
      in: { type: 'Input', shape: [3] },
      a: {
        type: 'Linear',
        weight: [
          [0.25, -0.5, 0.125],
          [0.5, 0.25, 0],
          [-0.25, 0.75, 0.5],
        ],
      },
      cells: { type: 'IF', r: 1000, v_threshold: 1 },
      out: { type: 'Output', shape: [3] },
    },
    edges: chain('in', 'a', 'cells', 'out'),
    encoder: { in: { type: 'direct', range: [-3, 5], span: 'unit' } },
    decoder: { out: { type: 'count' } },
    sample: { steps: samples.length, between: 'reset' },
    labels: ['a', 'b', 'c'],
  });

const open = () => new FittedRun({ data, seed: 1, fit });

describe('a fitted run', () => {
  it('has a model of all samples that are learned, and ends when the others have judged it', async () => {
    const run = open();
    const { learned, validation } = run.samples;
    expect(run.model().sample.steps).toBe(learned.samples.length);
    expect(run.finished).toBe(false);
    const { size, score } = await run.step();
    expect(run.finished).toBe(true);
    expect(size).toBe(validation.samples.length);
    expect(run.history).toMatchObject([{ epoch: 1, validation: score }]);
    expect(run.history[0]!.figures!.spikesPerSample).toBeGreaterThan(0);
  });

  it('is finished where its checkpoint is', async () => {
    const [first, second] = [open(), open()];
    await first.step();
    await second.restore(first.save());
    expect(second.finished).toBe(true);
    expect(second.save()).toEqual(first.save());
  });
});
