import { parseModel, quantize, resolveGraph } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { compareCost, type NetShape, shapeOf } from './inference-cost.ts';

/** 100 inputs, 50 neurons, all connected, ten steps. */
const shape: NetShape = {
  inputs: 100,
  neurons: 50,
  synapses: 5000,
  gradedSynapses: 0,
  steps: 10,
  bits: 8,
  stateBytes: 200,
  featureWork: 0,
};

describe('what an inference costs', () => {
  it('counts additions, updates and bytes of a spiking net', () => {
    const { spiking } = compareCost(shape, { spikesPerSample: 30, synapticOpsPerSample: 2000 });
    // A byte of weight for each addition; states and sums of 4 bytes written and read in each step; 30 spikes of 4
    // bytes, twice.
    const bytes = 2000 + 2 * 10 * (200 + 4 * 50) + 2 * 4 * 30;
    expect(spiking).toMatchObject({ operations: 2000, updates: 500, bytes });
    expect(spiking!.nanojoules).toBeCloseTo((2000 * 0.05 + 500 * (3.1 + 2 * 0.1) + bytes * 2.5) / 1000, 12);
  });

  it('counts the dense net of the same shape once, in int8', () => {
    const { dense } = compareCost({ ...shape, bits: 32 }, undefined);
    expect(dense).toMatchObject({ operations: 5000, updates: 50, bytes: 5000 + 100 + 2 * 50 });
    expect(dense.nanojoules).toBeCloseTo((5000 * 0.3 + 50 * 3.2 + 5200 * 2.5) / 1000, 12);
  });

  it('multiplies where events are graded', () => {
    const measured = { spikesPerSample: 0, synapticOpsPerSample: 2000 };
    const spikes = compareCost(shape, measured).spiking!.nanojoules;
    const known = compareCost(shape, { ...measured, multiplicationsPerSample: 700 }).spiking!;
    expect(known).toMatchObject({ operations: 2000, multiplications: 700 });
    expect(known.nanojoules - spikes).toBeCloseTo((700 * 3.1) / 1000, 12);
    // Where only the sum is known, as many as graded events can be in ten steps, and all at most.
    const multiplicationsOf = (gradedSynapses: number) =>
      compareCost({ ...shape, gradedSynapses }, measured).spiking!.multiplications;
    expect([30, 500].map(multiplicationsOf)).toEqual([300, 2000]);
  });

  it('counts features and a read-out on both sides, and a lesson for itself', () => {
    const measured = { spikesPerSample: 30, synapticOpsPerSample: 2000 };
    const bare = compareCost(shape, measured);
    const taught = { answerWork: 400, lessonWork: 9000 };
    const whole = compareCost({ ...shape, featureWork: 60, taught }, measured);
    // In float, with 8 bytes for each multiply-add of the features and 4 for one of the read-out.
    const more = (460 * (3.7 + 0.9) + (60 * 8 + 400 * 4) * 2.5) / 1000;
    for (const side of ['spiking', 'dense'] as const) {
      expect(whole[side]).toMatchObject({ features: 60, readOut: 400, operations: bare[side]!.operations });
      expect(whole[side]!.nanojoules - bare[side]!.nanojoules).toBeCloseTo(more, 12);
    }
    expect(whole.breakEven).toBeCloseTo(bare.breakEven, 9);
    expect(whole.lesson).toMatchObject({ operations: 9000, bytes: 36_000 });
    expect(whole.lesson!.nanojoules).toBeCloseTo((9000 * 4.6 + 36_000 * 2.5) / 1000, 12);
    expect(bare.lesson).toBeUndefined();
  });

  it('names the work at which both take the same', () => {
    const short = { ...shape, steps: 3 };
    const { dense, breakEven } = compareCost(short, undefined);
    const at = (synapticOpsPerSample: number) =>
      compareCost(short, { spikesPerSample: 0, synapticOpsPerSample }).spiking!.nanojoules;
    expect(at(breakEven)).toBeCloseTo(dense.nanojoules, 9);
    expect(at(0.9 * breakEven)).toBeLessThan(dense.nanojoules);
  });

  it('gives no such work where the updates alone cost more', () => {
    expect(compareCost({ ...shape, steps: 1000 }, undefined).breakEven).toBe(0);
  });

  it('reads a shape from a model, with the bytes of its integer membranes', () => {
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [3] },
        fc: {
          type: 'Linear',
          weight: [
            [0.1, 0.2, 0.3],
            [0.3, 0.2, 0.1],
          ],
        },
        cell: { type: 'IF', r: 1000, v_threshold: 1 },
        out: { type: 'Output', shape: [2] },
      },
      edges: chain('in', 'fc', 'cell', 'out'),
      sample: { steps: 7, between: 'reset' },
    });
    const look = (each: typeof model) =>
      shapeOf(each, resolveGraph(each.graph, each.semantics), { featureWork: 0, taught: undefined });
    const common = { inputs: 3, neurons: 2, synapses: 6, gradedSynapses: 0, steps: 7, featureWork: 0 };
    expect(look(model)).toEqual({ ...common, bits: 32, stateBytes: 2 * 4 });
    expect(look(quantize(model, { bits: 4, membraneBits: 16 }))).toEqual({ ...common, bits: 4, stateBytes: 2 * 2 });
  });
});
