import { parseModel, tensor } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRules } from './fidelity.ts';
import { fidelityReport } from './fidelity-report.ts';
import { randomStimuli } from './stimulus.ts';

const DT = 0.001;

/** in → lif → out, one element each but where weights say otherwise. */
function net(semantics: object, lif: object, weight: number[][] = [[1]], delay = 0) {
  const nodes = {
    in: { type: 'Input', shape: [weight[0]!.length] },
    fc: { type: 'Linear', weight },
    lif: { type: 'LIF', tau: 0.01, r: 1, v_threshold: 1, ...lif },
    out: { type: 'Output', shape: [weight.length] },
  };
  const edges = [
    ['in', 'fc'],
    ['fc', 'lif', { delay }],
    ['lif', 'out'],
  ];
  return parseModel({ nodes, edges, semantics: { dt: DT, ...semantics } });
}

/** Rows of (step, element, value) for `in`. */
function given(steps: number, rows: readonly (readonly [number, number, number])[]) {
  return { steps, input: new Map([['in', tensor(Float64Array.from(rows.flat()), [rows.length, 3])]]) };
}

const constant = (steps: number, value: number) =>
  given(
    steps,
    Array.from({ length: steps }, (_, step) => [step, 0, value] as const),
  );

async function differenceOf(
  a: Parameters<typeof net>,
  b: Parameters<typeof net>,
  stimuli: Parameters<typeof compareRules>[1],
) {
  const rules = [
    { name: 'a', model: net(...a) },
    { name: 'b', model: net(...b) },
  ];
  return (await compareRules(rules, stimuli)).fidelity.differences[0]!;
}

describe('a comparison of step rules', () => {
  it('euler and exact part where their closed forms cross the threshold', async () => {
    const [tau, current] = [0.01, 1.5];
    // v(n) = I·(1 − αⁿ) after n steps; spikes once above 1, and again and again n steps later.
    const crossing = (alpha: number) => Math.floor(Math.log(1 - 1 / current) / Math.log(alpha)) + 1;
    const [euler, exact] = [crossing(1 - DT / tau), crossing(Math.exp(-DT / tau))];
    expect([euler, exact]).toEqual([11, 11]);
    const steps = 200;
    const at = (integrate: string, tau: number): [object, object] => [{ integrate }, { tau }];
    const same = await differenceOf(at('euler', tau), at('exact', tau), [constant(steps, current)]);
    expect(same.first).toBeNull();
    expect(same.nodes[0]).toMatchObject({ node: 'lif', spikes: [18, 18], differing: 0 });
    const gap = (n: number) => current * Math.abs((1 - DT / tau) ** n - Math.exp((-n * DT) / tau));
    const largest = Math.max(...Array.from({ length: 10 }, (_, n) => gap(n + 1)));
    expect(same.nodes[0]!.membrane!.size).toBeCloseTo(largest, 12);
    expect(same.membraneBefore).toBeCloseTo(largest, 12);

    // A coarser step: after 3 with euler, after 4 with exact.
    const [coarse, slow] = [crossing(1 - 0.3), crossing(Math.exp(-0.3))];
    expect([coarse, slow]).toEqual([4, 4]);
    const strong = 1.56;
    const counts = [1 - 0.3, Math.exp(-0.3)].map((alpha) => Math.floor(Math.log(1 - 1 / strong) / Math.log(alpha)) + 1);
    expect(counts).toEqual([3, 4]);
    const other = await differenceOf(at('euler', DT / 0.3), at('exact', DT / 0.3), [constant(12, strong)]);
    expect(other.first).toEqual({ sample: 0, step: 2, node: 'lif', neuron: 0, spikes: [1, 0] });
    // Spikes in steps 2, 5, 8, 11 and in 3, 7, 11: six of seven are of one alone.
    expect(other.nodes[0]).toMatchObject({ spikes: [4, 3] });
    expect(other.nodes[0]!.differing).toBeCloseTo(5 / 7, 12);
  });

  it('gt and ge part at a tie', async () => {
    const cell = { tau: DT, v_threshold: 1 };
    const difference = await differenceOf(
      [{ threshold: 'gt' }, cell],
      [{ threshold: 'ge' }, cell],
      [given(4, [[0, 0, 2]]), given(4, [[2, 0, 1]])],
    );
    expect(difference.first).toEqual({ sample: 1, step: 2, node: 'lif', neuron: 0, spikes: [0, 1] });
    expect(difference.samples).toBe(1);
    expect(difference.nodes[0]).toMatchObject({ spikes: [1, 2], differing: 1 / 3 });
    // The membrane stays at the threshold where nothing resets it.
    expect(difference.nodes[0]!.membrane).toEqual({ size: 1, sample: 1, step: 2, neuron: 0 });
    expect(difference.membraneBefore).toBe(0);
  });

  it('a reset by value and one by subtraction part by what is left of the membrane', async () => {
    // Without a leak worth speaking of: 1.75 in a step, threshold 1.
    const cell = { tau: 1e6, r: 1e6 / DT, v_threshold: 1 };
    const difference = await differenceOf(
      [{ reset: 'value' }, cell],
      [{ reset: 'subtract' }, cell],
      [
        given(4, [
          [0, 0, 1.75],
          [2, 0, 0.5],
        ]),
      ],
    );
    expect(difference.membraneBefore).toBeCloseTo(0.75, 6);
    expect(difference.first).toEqual({ sample: 0, step: 2, node: 'lif', neuron: 0, spikes: [0, 1] });
    expect(difference.nodes[0]).toMatchObject({ spikes: [1, 2], differing: 1 / 3 });
  });

  it('a latency of one step makes all spikes differ, and none once it is taken out', async () => {
    const stimulus = given(10, [
      [1, 0, 20],
      [4, 0, 20],
      [5, 0, 20],
    ]);
    const difference = await differenceOf([{}, {}], [{}, {}, [[1]], 1], [stimulus]);
    expect(difference.first).toMatchObject({ step: 1, spikes: [1, 0] });
    expect(difference.nodes[0]).toMatchObject({ spikes: [3, 3], delay: { steps: 1, differing: 0 } });
    // Steps 1, 4, 5 and 2, 5, 6: step 5 is common.
    expect(difference.nodes[0]!.differing).toBeCloseTo(4 / 6, 12);
    const back = await differenceOf([{}, {}, [[1]], 1], [{}, {}], [stimulus]);
    expect(back.nodes[0]).toMatchObject({ delay: { steps: -1, differing: 0 } });
  });

  it('an answer is another one where the largest sum is', async () => {
    const cell = { tau: DT, v_threshold: 1 };
    const weight = [
      [1, 0],
      [0, 1],
    ];
    // One spike of element 0; two ties of element 1, which only ge takes for spikes.
    const rows = [
      [0, 0, 2],
      [0, 1, 1],
      [1, 1, 1],
    ] as const;
    const stimuli = [given(3, rows), given(3, [[0, 0, 2]]), given(3, []), given(3, [[0, 1, 1]])];
    const difference = await differenceOf(
      [{ threshold: 'gt' }, cell, weight],
      [{ threshold: 'ge' }, cell, weight],
      stimuli,
    );
    // Without any spike there is no answer, and one with a spike is another.
    expect(difference.answers).toEqual([{ output: 'out', elements: 2, differing: 0.5 }]);
  });

  it('nothing differs of a net and itself, whatever the input', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), async (seed, probability) => {
        const weight = [
          [9, -3],
          [4, 6],
        ];
        const input = { seed, samples: 2, steps: 20, probability };
        const stimuli = randomStimuli(net({}, {}, weight), input);
        const difference = await differenceOf([{}, {}, weight], [{}, {}, weight], stimuli);
        expect(difference).toMatchObject({ first: null, samples: 0, membraneBefore: 0, apart: [] });
        expect(difference.nodes[0]).toMatchObject({ differing: 0, membrane: { size: 0 } });
        expect(difference.answers[0]!.differing).toBe(0);
        expect(difference.nodes[0]!.spikes[0]).toBe(difference.nodes[0]!.spikes[1]);
      }),
      { numRuns: 20 },
    );
  });

  it('random input has the rate that is asked for, and the same spikes for the same seed', () => {
    const model = net({}, {}, [[1, 1, 1, 1]]);
    const input = { seed: 7, samples: 10, steps: 500, probability: 0.2 };
    const stimuli = randomStimuli(model, input);
    const spikes = stimuli.reduce((sum, { input }) => sum + input.get('in')!.shape[0]!, 0);
    const [mean, deviation] = [10 * 500 * 4 * 0.2, Math.sqrt(10 * 500 * 4 * 0.2 * 0.8)];
    expect(Math.abs(spikes - mean)).toBeLessThan(4 * deviation);
    expect(randomStimuli(model, input)).toEqual(stimuli);
    expect(randomStimuli(model, { ...input, seed: 8 })).not.toEqual(stimuli);
  });

  it('names what only one net has, and an input that a net lacks', async () => {
    const rules = [
      { name: 'a', model: net({}, {}) },
      { name: 'b', model: net({}, {}, [[1], [1]]) },
    ];
    const { fidelity } = await compareRules(rules, [constant(3, 1)]);
    expect(fidelity.notes[0]).toBe('Not compared: lif, which a and b do not both have.');
    const stimulus = { steps: 1, input: new Map([['x', tensor(Float64Array.of(0, 0, 1), [1, 3])]]) };
    await expect(compareRules(rules, [stimulus])).rejects.toThrow('input "x": is not an Input of a; expected in');
    await expect(compareRules(rules, [])).rejects.toThrow('a comparison of step rules: has nothing to run');
  });
});

describe('its report', () => {
  const tie = { tau: DT, v_threshold: 1 };
  const rules = ['gt', 'ge'].map((threshold) => ({ name: threshold, model: net({ threshold }, tie) }));

  it('has a table per rule, in words, and a row of marks per rule and neuron', async () => {
    const stimuli = [
      given(4, [
        [0, 0, 2],
        [2, 0, 1],
      ]),
    ];
    const report = await fidelityReport(rules, stimuli, { input: 'By hand.' });
    expect(report.tables).toHaveLength(2);
    expect(report.tables[0]!.note).toMatch(/^By hand\. 1 samples, 4 steps of 0\.001 s in all\./);
    expect(report.tables[0]!.rows).toEqual([
      ['ge', 'sample 0, step 2, lif[0]', '1 of 1', '1', '2', '33.33 %', '–', '–', '1.00', '0.00'],
    ]);
    expect(report.tables[1]!.note).toBe(
      'In sample 0, step 2, neuron 0 of "lif" gives no spike under gt and a spike under ge: the first difference.',
    );
    expect(report.charts[0]!.rows).toEqual(['0 gt', '0 ge']);
    expect(report.charts[0]!.curves.map(({ points }) => points)).toEqual([
      [[0, 0]],
      [
        [0, 1],
        [2, 1],
      ],
    ]);
    expect(JSON.parse(JSON.stringify(report.document))).toEqual(report.document);
  });

  it('draws a read-out as a curve per rule', async () => {
    const models = ['euler', 'exact'].map((integrate) => {
      const nodes = {
        in: { type: 'Input', shape: [1] },
        li: { type: 'LI', tau: 0.01, r: 1, v_leak: 0 },
        out: { type: 'Output', shape: [1] },
      };
      const edges = [
        ['in', 'li'],
        ['li', 'out'],
      ];
      return { name: integrate, model: parseModel({ nodes, edges, semantics: { dt: DT, integrate } }) };
    });
    const { charts, document, tables } = await fidelityReport(models, [constant(5, 1)], { input: '' });
    const heights = charts[0]!.curves.map(({ points }) => points.map(([, y]) => y));
    for (const [k, alpha] of [1 - 0.1, Math.exp(-0.1)].entries())
      for (const [n, v] of heights[k]!.entries()) expect(v).toBeCloseTo(1 - alpha ** (n + 1), 12);
    expect(document).toMatchObject({ differences: [{ first: null, answers: [{ differing: null }] }], notes: [] });
    expect(tables[1]!.note).toBe('All spikes are the same under euler and exact.');
  });
});
