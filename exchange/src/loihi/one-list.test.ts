import { type Model, parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { loihi, loihiLimits } from './limits.ts';
import { quantizeForLoihi } from './quantize.ts';

type Nodes = Readonly<Record<string, { readonly type: string; readonly [parameter: string]: unknown }>>;
type Edges = readonly (readonly unknown[])[];

const lif = { type: 'LIF', tau: 0.01, r: 4, v_threshold: 1 };
const linear = (outputs: number, inputs: number, weight = 1) => ({
  type: 'Linear',
  weight: Array.from({ length: outputs }, () => new Array(inputs).fill(weight)),
});

function modelOf(nodes: Nodes, edges: Edges, more: object = {}): Model {
  const ends = { in: { type: 'Input', shape: [1] }, ...nodes, out: { type: 'Output' } };
  return parseModel({ nodes: ends, edges, semantics: { dt: 1e-3, reset: 'value' }, ...more });
}

/** Input, then the nodes one behind the other, then the Output. */
function lineOf(nodes: Nodes, more: object = {}): Model {
  const names = [...new Set(['in', ...Object.keys(nodes), 'out'])];
  return modelOf(
    nodes,
    names.slice(1).map((name, k) => [names[k], name]),
    more,
  );
}

const missesOf = (model: Model) =>
  loihiLimits(model)
    .filter(({ fits }) => !fits)
    .map(({ node, what, needs, has }) => `${node ?? 'the net'}: ${what}: ${needs}, has ${has}`);

/** What each of both says of a model: the limits that are missed, and the refusal of the first of them. */
function expectRefused(model: Model, lines: readonly string[]): void {
  expect(missesOf(model)).toEqual(lines);
  const [node, what] = lines[0]!.split(': ');
  const where = node === 'the net' ? 'model for Loihi' : `node "${node}" for Loihi`;
  expect(() => quantizeForLoihi(model)).toThrow(`${where}: ${what}`);
}

describe('what quantize refuses, inspect --for lists with a source', () => {
  const two = (first: object, second: object) => [
    ['in', 'w'],
    ['w', 'a', first],
    ['w', 'b', second],
    ['a', 'out'],
    ['b', 'c'],
    ['c', 'out'],
  ];

  it.each([
    [
      'weights behind weights',
      lineOf({ w: linear(1, 1), again: linear(1, 1), cell: lif }),
      ['cell: weights on each way of a spike: 2, has 1'],
    ],
    [
      'a way without weights beside one that has some',
      modelOf({ w: linear(1, 1), sum: { type: 'Flatten' }, cell: lif }, [
        ['in', 'w'],
        ['w', 'sum'],
        ['in', 'sum'],
        ['sum', 'cell'],
        ['cell', 'out'],
      ]),
      ['cell: weights on each way of a spike: 0, has 1'],
    ],
    [
      'means',
      lineOf({
        in: { type: 'Input', shape: [1, 4] },
        w: { type: 'Conv1d', weight: [[[1]]], input_shape: 4 },
        mean: { type: 'AvgPool1d', kernel_size: 2, stride: 2 },
        cell: lif,
      }),
      ['mean: factor of sums: 0.5, has 1'],
    ],
    [
      'weights before two populations',
      modelOf({ w: linear(1, 1), a: lif, b: lif, c: linear(1, 1) }, two({}, {})),
      ['w: populations and Outputs behind weights: 2, has 1', 'w: populations and Outputs behind weights: 2, has 1'],
    ],
    [
      'one weight for neurons of different gains',
      lineOf({
        in: { type: 'Input', shape: [1, 2] },
        w: { type: 'Conv1d', weight: [[[1]]], input_shape: 2 },
        cell: { ...lif, r: [[1, 2]] },
      }),
      ['w: different gains of the neurons behind a weight: 2, has 1'],
    ],
    [
      'a state that is handed on as spikes',
      lineOf({
        w: linear(1, 1),
        cell: lif,
        v: linear(1, 1),
        read: { type: 'LI', tau: 0.01 },
        x: linear(1, 1),
        last: lif,
      }),
      ['read: output of a population: its state, has spikes'],
    ],
    [
      'a bias that is not in front of neurons',
      lineOf({ w: { type: 'Affine', weight: [[1]], bias: [0.5] }, one: { type: 'Flatten' }, cell: lif }),
      ['w: bias: of arrivals, has of compartments'],
    ],
    [
      'an edge to populations with and without a delay',
      modelOf(
        { a: lif, one: { type: 'Flatten' }, w: linear(1, 1), x: linear(1, 1), b: lif, c: lif, first: linear(1, 1) },
        [
          ...[
            ['in', 'first'],
            ['first', 'a'],
            ['a', 'one'],
          ],
          ...[
            ['one', 'w'],
            ['w', 'b'],
            ['b', 'out'],
          ],
          ...[
            ['one', 'x', { delay: 2 }],
            ['x', 'c'],
            ['c', 'out'],
          ],
        ],
      ),
      ['a: edges to populations with and without a delay: 1, has 0'],
    ],
    [
      'a threshold far beyond its weights',
      lineOf({ w: linear(1, 1), cell: { type: 'IF', r: 1000, v_threshold: 70_000 } }),
      ['cell: threshold in steps of 64, beside 8-bit weights: 138907, has 131071'],
    ],
    [
      'more arrivals than the sum of a step holds',
      lineOf({
        in: { type: 'Input', shape: [1, 1039] },
        w: { type: 'Conv1d', weight: [[new Array(1000).fill(1)]], input_shape: 1039 },
        sum: { type: 'SumPool1d', kernel_size: 40, stride: 40 },
        cell: { type: 'IF', r: 1000, v_threshold: 1 },
      }),
      // 40 · 1000 synapses of 64.
      ['cell: sum of arrivals in a step, beside 8-bit weights: 2560000, has 2097151'],
    ],
    [
      'a current that lasts and adds up',
      lineOf({
        in: { type: 'Input', shape: [33] },
        w: linear(1, 33),
        cell: { type: 'CubaLIF', tau_syn: 10, tau_mem: 0.01, v_threshold: 0.5 },
      }),
      // 33 inputs of 64 that lose 1/4096 in a step.
      ['cell: sum of current and bias, beside 8-bit weights: 8650752, has 8388607'],
    ],
    [
      'a bias far beyond its weights',
      lineOf({
        w: { type: 'Affine', weight: [[1]], bias: [5000] },
        cell: { type: 'IF', r: 1000, v_threshold: 1 },
      }),
      // A weight of 1 is 127 at least.
      ['cell: bias, beside 8-bit weights: 635000, has 524160'],
    ],
  ])('%s', (_, model, lines) => {
    expectRefused(model, lines);
  });

  it('also how many formats of synapses a core has', () => {
    const delays = [0, 1, 2, 4, 8, 16, 32];
    const of = (weights: number): Model => {
      const names = Array.from({ length: weights }, (_, k) => `w${k}`);
      const sizes = names.map((_, k) => 4 ** (k % 3));
      return modelOf(
        {
          ...Object.fromEntries(names.map((name, k) => [name, linear(1, 1, 64 * 127 * sizes[k]!)])),
          cell: { type: 'LoihiLIF', v_threshold: 64 },
        },
        [
          ...names.flatMap((name, k) => [
            ['in', name, { delay: delays[Math.floor(k / 3)] }],
            [name, 'cell'],
          ]),
          ['cell', 'out'],
        ],
      );
    };
    expect(missesOf(of(16))).toEqual([]);
    expect(() => quantizeForLoihi(of(16))).not.toThrow();
    expectRefused(of(17), ['cell: formats of synapses on a core: 17, has 16']);
  });

  it('also the pairs of lowest and highest membranes, of which a core has one', () => {
    const of = (lowest: readonly number[]) =>
      lineOf({
        in: { type: 'Input', shape: [1] },
        w: linear(lowest.length, 1, 64 * 127),
        cell: { type: 'LoihiLIF', v_threshold: 64, v_min: lowest },
      });
    expect(missesOf(of([-1023, -1023]))).toEqual([]);
    const placed = loihiLimits(of([-1023, -511])).filter(({ what }) => what.startsWith('pairs of v_min'));
    // Two cores hold one neuron each.
    expect(placed).toMatchObject([{ what: 'pairs of v_min and v_max on each of its 2 cores', needs: '1', fits: true }]);
    const many = Array.from({ length: 129 }, (_, n) => (n % 2 === 0 ? -1023 : -511));
    expect(missesOf(of(many))).toEqual(['the net: cores, each with one population or a part of it: 129, has 128']);
  });

  it('tries a thousand ways at most where connections branch and join again and again', () => {
    const of = (stages: number) => {
      const names = Array.from({ length: stages }, (_, k) => [`l${k}`, `r${k}`, `s${k}`] as const);
      const nodes = Object.fromEntries(names.flat().map((name) => [name, { type: 'Flatten' }]));
      return modelOf({ ...nodes, w: linear(1, 1), cell: lif }, [
        ...names.flatMap(([left, right, start], k) => [
          ...(k === 0 ? [['in', start]] : []),
          ...[left, right].flatMap((side) => [
            [start, side],
            [side, names[k + 1]?.[2] ?? 'w'],
          ]),
        ]),
        ...[
          ['w', 'cell'],
          ['cell', 'out'],
        ],
      ]);
    };
    expect(missesOf(of(8))).toEqual([]);
    expect(() => quantizeForLoihi(of(8))).not.toThrow();
    for (const ask of [loihiLimits, quantizeForLoihi])
      expect(() => ask(of(40))).toThrow(/is reached in more than 1000 ways; expected /);
  });
});

describe('learning, which quantize leaves out', () => {
  const of = (learning: object) => lineOf({ w: linear(1, 1), cell: lif }, { learning: { w: learning } });

  it.each([
    [{ rule: 'stdp', aPlus: 0.01, aMinus: 0.01 }, []],
    [{ rule: 'rls' }, ['learning rule']],
    [{ rule: 'bcm' }, ['learning rule']],
  ])('%j is compared with sums of products', async (learning, missed) => {
    const model = of(learning);
    const limits = (await loihi.limits(model)).filter(({ fits }) => !fits);
    expect(limits.map(({ what }) => what)).toEqual(missed);
    expect(await loihi.notes!(model)).toEqual(['node "w": quantize leaves its learning out']);
    expect(quantizeForLoihi(model).notes).toContain('node "w": its learning is left out');
  });
});
