import { parseModel } from '@spikewire/models';
import { engineNamed, simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { readGolden } from './data.ts';

type Rows = readonly (readonly number[])[];

interface Vector {
  readonly name: string;
  readonly parameters: { readonly n: number; readonly decay_u: number; readonly decay_v: number; refractory: number };
  readonly input_spikes: Rows;
  readonly expected: {
    readonly effective_w_in: Rows;
    readonly effective_w_rec: Rows | null;
    readonly vth: readonly number[];
    readonly bias: readonly number[];
    readonly vmin: number;
    readonly vmax: number;
    readonly u: Rows;
    readonly v: Rows;
    readonly spikes: Rows;
  };
}

const { vectors } = readGolden('loihi/vectors.json') as { vectors: readonly Vector[] };
const DT = 1e-3;

/** A weight for each source and target, as a matrix has them. */
const transposed = (rows: Rows) => rows[0]!.map((_, target) => rows.map((row) => row[target]!));

function modelOf({ parameters, expected }: Vector) {
  const { effective_w_in: forward, effective_w_rec: back } = expected;
  const [nodes, edges]: [Record<string, object>, unknown[]] = [
    {
      in: { type: 'Input', shape: [forward.length] },
      forward: { type: 'Linear', weight: transposed(forward) },
      cell: {
        type: 'LoihiLIF',
        decay_u: parameters.decay_u + 1,
        decay_v: parameters.decay_v,
        v_threshold: expected.vth,
        bias: expected.bias,
        v_min: expected.vmin,
        v_max: expected.vmax,
        tau_ref: (parameters.refractory - 1) * DT,
      },
      out: { type: 'Output' },
    },
    [
      ['in', 'forward'],
      ['forward', 'cell'],
      ['cell', 'out'],
    ],
  ];
  if (back !== null) {
    nodes.back = { type: 'Linear', weight: transposed(back) };
    edges.push(['cell', 'back', { delay: 1 }], ['back', 'cell']);
  }
  return parseModel({ nodes, edges, semantics: { dt: DT } });
}

describe.each(['reference', 'clocked', 'event', 'event-tables'])('Loihi compartments in the %s engine', (name) => {
  it.each(vectors)('$name: every current, membrane and spike', (vector) => {
    const { expected, input_spikes: input } = vector;
    const events = input.flatMap((axons, step) => axons.map((axon) => [step, axon]));
    const answer = simulate(
      modelOf(vector),
      { dt: DT, steps: input.length, input: { in: events } },
      { engine: engineNamed(name), record: [{ what: 'spikes' }, { what: 'v' }, { what: 'u' }] },
    );
    const spikes = expected.spikes.flatMap((row, step) => row.flatMap((s, n) => (s === 0 ? [] : [[step, n]])));
    expect(answer.spikes.cell).toEqual(spikes);
    expect(answer.traces.cell!.v!.map((row) => [...row])).toEqual(expected.v);
    expect(answer.traces.cell!.u!.map((row) => [...row])).toEqual(expected.u);
  });

  it('have vectors of every branch', () => {
    expect(vectors).toHaveLength(6);
  });
});
