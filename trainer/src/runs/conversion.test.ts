import { type Model, parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { clouds } from '../data/clouds.test-data.ts';
import { withTestPart } from '../data/test-part.ts';
import { ConversionRun } from './conversion.ts';

const data = withTestPart(clouds(150));

/** Weights of no meaning. */
const spiking = (steps: number): Model =>
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
    edges: [
      ['in', 'a'],
      ['a', 'cells'],
      ['cells', 'out'],
    ],
    encoder: { in: { type: 'direct', range: [-3, 5], span: 'unit' } },
    decoder: { out: { type: 'count' } },
    sample: { steps, between: 'reset' },
    labels: ['a', 'b', 'c'],
  });

const open = () => new ConversionRun({ data, seed: 1, spiking, sweep: [4, 16] });

describe('a run by conversion', () => {
  it('tries the steps in their order and ends with those of a state', async () => {
    const run = open();
    while (!run.finished) await run.step();
    expect(run.history.map(({ figures }) => figures!.steps)).toEqual([4, 16]);
    expect(run.history[1]!.figures!.spikesPerSample).toBeGreaterThan(3 * run.history[0]!.figures!.spikesPerSample!);
    expect(run.model(run.save()).sample.steps).toBe(16);
  });

  it('goes on from a checkpoint with the candidates that are left', async () => {
    const [first, second] = [open(), open()];
    await first.step();
    await second.restore(first.save(), 'a checkpoint');
    await second.step();
    await first.step();
    expect(second.save()).toEqual(first.save());
  });
});
