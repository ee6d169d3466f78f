import { parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.ts';

const model = (cell: object) =>
  parseModel({
    nodes: { in: { type: 'Input', shape: [2] }, cell: { type: 'IF', r: 1000, v_threshold: 1, ...cell } },
    edges: [['in', 'cell']],
    semantics: { dt: 0.001 },
  });

const input = {
  dt: 0.001,
  steps: 6,
  dense: {
    in: [
      [0.5, 0],
      [0.8, 0.3],
      [0.1, 0],
      [0, 2],
      [0, 0.4],
      [0.2, 2],
    ],
  },
};

function recordOf(cell: object) {
  return simulate(model(cell), input, { record: [{ what: 'v' }, { what: 'spikes' }] });
}

describe('a drawn spike', () => {
  it('stands in the recorded membrane from the step of the spike on, and changes nothing else', () => {
    const plain = recordOf({});
    const drawn = recordOf({ spike_shape: [40, -5] });
    expect(plain.spikes.cell).toEqual([
      [1, 0],
      [3, 1],
      [5, 1],
    ]);
    expect(drawn.spikes).toEqual(plain.spikes);
    const expected = plain.traces.cell!.v!.map((row) => row.slice());
    [
      [1, 0, 40],
      [2, 0, -5],
      [3, 1, 40],
      [4, 1, -5],
      [5, 1, 40],
    ].forEach(([step, neuron, v]) => {
      expected[step!]![neuron!] = v!;
    });
    expect(drawn.traces.cell!.v).toEqual(expected);
  });

  it('begins anew where the next spike comes before its end', () => {
    const { traces } = recordOf({ v_threshold: 0.05, spike_shape: [9, 8, 7, 6, 5] });
    expect(traces.cell!.v!.map(([v]) => v)).toEqual([9, 9, 9, 8, 7, 9]);
  });
});
