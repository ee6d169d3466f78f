import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseModel } from '@spikewire/models';
import { simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';
import { needsRecorded } from './data.ts';

/** Two LIF neurons of the NIR paper (Pedersen et al. 2024), as the text form has them. */
const model = {
  nodes: {
    in: { type: 'Input', shape: [1] },
    fc: { type: 'Affine', weight: [[1]], bias: [0] },
    lif: { type: 'LIF', tau: 0.0025, r: 1, v_leak: 0, v_threshold: 0.1, v_reset: 0 },
    out: { type: 'Output', shape: [1] },
  },
  edges: chain('in', 'fc', 'lif', 'out'),
  semantics: { dt: 0.0001, integrate: 'euler', threshold: 'gt', reset: 'value' },
};

describe('NIR paper, 01_lif', () => {
  it('gives the spikes and voltages of Norse', (context) => {
    const rows = readFileSync(join(needsRecorded(context, 'nir-paper'), '01_lif/lif_norse.csv'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(',').map(Number));
    const spikesOf = (column: number) => rows.flatMap((row, step) => (row[column] === 0 ? [] : [[step, 0]]));
    const input = { dt: 1e-4, steps: rows.length, input: { in: spikesOf(0) } };
    const { spikes, traces } = simulate(parseModel(model), input, { record: [{ what: 'spikes' }, { what: 'v' }] });

    expect(spikes.lif).toEqual([
      [460, 0],
      [510, 0],
      [710, 0],
      [760, 0],
    ]);
    expect(spikes.lif).toEqual(spikesOf(2));
    expect(spikes.out).toEqual(spikes.lif);
    // The file is float32.
    traces.lif!.v!.forEach(([v], step) => {
      expect(Math.abs(v! - rows[step]![1]!), `step ${step}`).toBeLessThan(1e-6);
    });
  });
});
