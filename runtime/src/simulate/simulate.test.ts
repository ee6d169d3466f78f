import { parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { parseRecordRequests } from './recording.ts';
import { simulate } from './simulate.ts';

const dt = 0.001;

/** Two neurons that spike when their sum reaches 1, decoded by weights that learn. */
const model = parseModel({
  nodes: {
    in: { type: 'Input', shape: [2] },
    fc: {
      type: 'Linear',
      weight: [
        [0.5, 0],
        [0, 1],
      ],
    },
    cell: { type: 'IF', r: 1000, v_threshold: 1 },
    decode: { type: 'Linear', weight: [[0.25, 0.5]] },
    filter: { type: 'Lowpass', tau: 0.004 },
    out: { type: 'Output', shape: [1] },
  },
  edges: chain('in', 'fc', 'cell', 'decode', 'filter', 'out'),
  semantics: { dt, threshold: 'ge' },
  learning: { decode: { rule: 'pes', learningRate: 0.002, tauPre: 0 } },
});

const record = (text: string) => ({ record: parseRecordRequests(text) });

describe('simulate', () => {
  it('takes events and records spikes of neurons and events of Outputs', () => {
    const input = {
      dt,
      steps: 3,
      input: {
        in: [
          [2, 1],
          [0, 0],
          [1, 0, 1],
          [1, 1],
        ],
      },
    };
    const { spikes, traces, weights } = simulate(model, input);
    expect(spikes.cell).toEqual([
      [1, 0],
      [1, 1],
      [2, 1],
    ]);
    expect(spikes.out).toEqual([
      [1, 0, 0.1875],
      [2, 0, 0.265625],
    ]);
    expect(Object.keys(spikes)).toEqual(['cell', 'out']);
    expect([traces, weights]).toEqual([{}, {}]);
  });

  it('takes rows, and lets them set the number of steps', () => {
    const { spikes, steps } = simulate(model, {
      dense: {
        in: [
          [1, 0],
          [0.5, 1],
          [2, 0],
        ],
      },
    });
    expect(steps).toBe(3);
    expect(spikes.cell).toEqual([
      [1, 1],
      [2, 0],
    ]);
  });

  it('takes an array for the only Input', () => {
    const { spikes } = simulate(model, { steps: 2, size: 2, values: Float64Array.of(0, 1, 2, 0) });
    expect(spikes.cell).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it('records a state of all nodes, or of one', () => {
    const input = { steps: 2, input: { in: [[0, 0]] } };
    expect(simulate(model, input, record('v')).traces).toEqual({
      cell: {
        v: [
          [0.5, 0],
          [0.5, 0],
        ],
      },
      filter: { v: [[0], [0]] },
    });
    expect(simulate(model, input, record('v:cell,refractory:cell')).traces).toEqual({
      cell: {
        v: [
          [0.5, 0],
          [0.5, 0],
        ],
        refractory: [
          [0, 0],
          [0, 0],
        ],
      },
    });
  });

  it('teaches after the step it names, and records weights in each step that changed them', () => {
    const input = {
      steps: 4,
      input: {
        in: [
          [1, 1],
          [2, 1],
        ],
      },
      // Two pre neurons, so Δw = −κ/2·E/dt for the one that spiked: 0.001·1000 = 1 per unit of error.
      teach: {
        decode: [
          [2, [0.5]],
          [1, [-1]],
          [3, [1]],
        ],
      },
    };
    const { weights, counters } = simulate(model, input, { ...record('weights'), learn: true });
    expect(weights).toEqual({
      fc: [],
      decode: [
        [1, [0.25, expect.closeTo(1.5, 12)]],
        [2, [0.25, expect.closeTo(1, 12)]],
      ],
    });
    expect(counters.taught).toBe(3);
    const frozen = simulate(model, input, record('weights:decode'));
    expect([frozen.weights, frozen.counters.taught]).toEqual([{ decode: [] }, 0]);
  });

  it.each<[object | null, RegExp]>([
    [null, /input document: is null; expected an object/],
    [{ steps: 3 }, /input: has neither events nor rows; expected .* "input" .* or "dense"/],
    [{ input: { in: [] } }, /steps: is missing/],
    [{ dt: 0.002, steps: 1, input: {} }, /dt: is 0.002; expected 0.001, the model's/],
    [{ steps: -1, input: {} }, /steps: is -1/],
    [{ steps: 1, input: { on: [] } }, /node "on": is not in the graph; expected an Input node: in/],
    [{ steps: 1, input: { cell: [] } }, /node "cell": is a IF/],
    [{ steps: 1, input: { in: 7 } }, /input\["in"\]: is 7; expected a list/],
    [{ steps: 1, input: { in: [[0]] } }, /input\["in"\]\[0\]: has 1 values/],
    [
      {
        steps: 1,
        input: {
          in: [
            [0, 0],
            [1, 0],
          ],
        },
      },
      /input\["in"\]\[1\] step: is 1; expected a whole number in 0…0/,
    ],
    [{ steps: 1, input: { in: [[0, 2]] } }, /input\["in"\]\[0\] index: is 2; expected a whole number in 0…1/],
    [{ steps: 1, input: { in: [[0, 0, 'x']] } }, /input\["in"\]\[0\] value: is "x"; expected a finite number/],
    [{ dense: { in: [[1, 2], [1]] } }, /dense\["in"\]\[1\]: has 1 values; expected 2/],
    [{ dense: { in: [[1, null]] } }, /dense\["in"\]\[0\]\[1\]: is null/],
    [
      {
        steps: 1,
        dense: {
          in: [
            [1, 2],
            [3, 4],
          ],
        },
      },
      /dense\["in"\]: has 2 rows; expected at most 1/,
    ],
    [{ steps: 1, input: {}, teach: { decode: [[0, [Number.NaN]]] } }, /teach\["decode"\]\[0\] signal\[0\]: is null/],
  ])('names what is wrong in %j', (input, message) => {
    expect(() => simulate(model, input)).toThrow(message);
  });

  it('refuses an array of another width', () => {
    const rows = { steps: 1, size: 3, values: new Float64Array(3) };
    expect(() => simulate(model, rows)).toThrow(
      /array input: has 3 values per step; expected 2 for "in" of shape \[2\]/,
    );
  });

  it.each([
    ['spikes:fc', /record of node "fc": finds no spikes; expected one of cell, out/],
    ['w', /record: finds no w/],
    ['weights:cell', /record of node "cell": finds no weights; expected one of fc, decode/],
  ])('says what can be recorded instead of %s', (text, message) => {
    expect(() => simulate(model, { steps: 1, input: {} }, record(text))).toThrow(message);
  });

  it('keeps what the last steps did, and no more', () => {
    const input = { dense: { in: Array.from({ length: 9 }, (_, step) => [step % 2, step % 3]) } };
    const teach = { decode: [3, 7].map((step) => [step, [1]]) };
    const options = { ...record('spikes,v,weights'), learn: true };
    const all = simulate(model, { ...input, teach }, options);
    for (const last of [1, 2, 4, 9, 100]) {
      const kept = simulate(model, { ...input, teach }, { ...options, last });
      const isRecent = ([step]: readonly [number, ...unknown[]]) => step >= 9 - last;
      expect(kept.spikes).toEqual(mapValues(all.spikes, (events) => events.filter(isRecent)));
      expect(kept.weights).toEqual(mapValues(all.weights, (entries) => entries.filter(isRecent)));
      expect(kept.traces).toEqual(mapValues(all.traces, (node) => mapValues(node, (rows) => rows.slice(-last))));
      expect(kept.counters).toEqual(all.counters);
    }
    expect(all.weights.decode).toHaveLength(2);
  });
});

describe('parseRecordRequests', () => {
  it('reads kinds and nodes, colons in names too', () => {
    expect(parseRecordRequests('spikes, v:stage/lif,weights:a:b')).toEqual([
      { what: 'spikes' },
      { what: 'v', node: 'stage/lif' },
      { what: 'weights', node: 'a:b' },
    ]);
  });

  it.each(['', 'v:', ':lif', 'spikes,,v'])('refuses %j', (text) => {
    expect(() => parseRecordRequests(text)).toThrow(/--record: has the part/);
  });
});

function mapValues<From, To>(record: Record<string, From>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
