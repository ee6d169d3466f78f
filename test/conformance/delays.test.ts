import { type Model, parseModel, quantize, readModel, resolveGraph, writeModel } from '@spikewire/models';
import fc from 'fast-check';
import { engineNamed, type RunningNetwork } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';
import { type Events, play, type Stimulus } from './play.ts';

const dt = 0.001;

const plan = fc.record({
  delays: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 6 }),
  /** All elements have the first delay. */
  uniform: fc.boolean(),
  /** Delay of the edge into the Delay node. */
  before: fc.integer({ min: 0, max: 3 }),
  /** A second way into it. */
  twice: fc.boolean(),
  /** Whether the Delay leads to a connection, to a population or to the Output. */
  into: fc.constantFrom('connection', 'population', 'output'),
  events: fc.array(fc.tuple(fc.nat(29), fc.nat(5)), { maxLength: 60 }),
});

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;

const stepsOf = ({ delays, uniform }: Plan) => (uniform ? delays.map(() => delays[0]!) : delays);

function modelOf(each: Plan, graded: boolean): Model {
  const size = each.delays.length;
  const cell = graded ? { type: 'I', r: 1 / dt } : { type: 'Threshold', threshold: 0.5 };
  const weight = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));
  const { into } = each;
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [size] },
      late: { type: 'Delay', delay: stepsOf(each).map((steps) => steps * dt) },
      ...(into === 'connection' ? { one: { type: 'Linear', weight } } : {}),
      ...(into === 'output' ? {} : { cell }),
      out: { type: 'Output', shape: [size] },
    },
    edges: [
      ['in', 'late', { delay: each.before }],
      ...(each.twice ? [['in', 'late', { delay: each.before + 2 }]] : []),
      ...(into === 'connection'
        ? [
            ['late', 'one'],
            ['one', 'cell'],
          ]
        : into === 'population'
          ? [['late', 'cell']]
          : []),
      [into === 'output' ? 'late' : 'cell', 'out'],
    ],
    semantics: { dt },
  });
}

const steps = 45;

/** What has to arrive behind the Delay, step by step. */
function shifted(each: Plan): number[][] {
  const late = stepsOf(each);
  const arriving = Array.from({ length: steps }, () => late.map(() => 0));
  for (const [step, element] of each.events) {
    const index = element % late.length;
    for (const more of each.twice ? [0, 2] : [0]) {
      const at = step + each.before + more + late[index]!;
      if (at < steps) arriving[at]![index]!++;
    }
  }
  return arriving;
}

function stimulusOf({ delays, events }: Plan): Stimulus {
  const sorted = events.map(([step, element]) => [step, element % delays.length]).sort((a, b) => a[0]! - b[0]!);
  return { in: sorted };
}

/** The output in both halves of a run, the second half by a net that was restored. */
function playInHalves(load: () => RunningNetwork, stimulus: Stimulus): Events {
  const first = load();
  const half = play(first, 17, stimulus).out!;
  const second = load();
  second.restore(first.save());
  return [...half, ...play(second, steps - 17, stimulus, 17).out!];
}

describe('a Delay node', () => {
  it.each(['reference', 'clocked'])('hands on each element late by its own time, on the engine %s', (engine) => {
    fc.assert(
      fc.property(plan, fc.boolean(), (each, graded) => {
        const model = modelOf(each, graded);
        const sums = each.delays.map(() => 0);
        const truth = shifted(each).flatMap((row, step) =>
          row.flatMap((n, index) => {
            sums[index]! += n;
            const value = each.into === 'output' ? n : graded ? sums[index]! : n > 0.5 ? 1 : 0;
            return value === 0 ? [] : [[step, index, value]];
          }),
        );
        const answer = playInHalves(() => engineNamed(engine).load(model), stimulusOf(each));
        expect(answer.map(([step, index, value]) => [step, index, Math.round(value * 1e4) / 1e4])).toEqual(truth);
      }),
      { numRuns: 150 },
    );
  });

  it.each(['integer', 'clocked'])('does so in whole numbers, on the engine %s', (engine) => {
    fc.assert(
      fc.property(plan, (each) => {
        fc.pre(each.into !== 'output');
        const single = {
          ...each,
          twice: false,
          events: [...new Map(each.events.map((e) => [`${e[0]},${e[1] % each.delays.length}`, e])).values()],
        };
        const model = readModel(writeModel(quantize(modelOf(single, false), { bits: 8 })));
        const truth = shifted(single).flatMap((row, step) =>
          row.flatMap((n, index) => (n === 0 ? [] : [[step, index, 1]])),
        );
        expect(playInHalves(() => engineNamed(engine).load(model), stimulusOf(single))).toEqual(truth);
      }),
      { numRuns: 80 },
    );
  });

  it('may close a cycle', () => {
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [2] },
        cell: { type: 'Threshold', threshold: 0.5 },
        late: { type: 'Delay', delay: [2 * dt, 3 * dt] },
        out: { type: 'Output', shape: [2] },
      },
      edges: chain('in', 'cell', 'late', 'cell', 'out'),
      semantics: { dt },
    });
    for (const engine of ['reference', 'clocked']) {
      const { out } = play(engineNamed(engine).load(model), 10, {
        in: [
          [1, 0],
          [1, 1],
        ],
      });
      expect(out).toEqual(
        [1, 3, 4, 5, 7, 9].flatMap((step) => {
          const indices = [...(step % 2 === 1 ? [0] : []), ...((step - 1) % 3 === 0 ? [1] : [])];
          return indices.map((index) => [step, index, 1]);
        }),
      );
    }
  });

  it('costs nothing where all elements have one delay', () => {
    const build = (nodes: object, edges: unknown[]) =>
      parseModel({
        nodes: { in: { type: 'Input', shape: [5] }, cell: { type: 'IF', v_threshold: 1 }, ...nodes },
        edges,
        semantics: { dt },
      });
    const byNode = build({ late: { type: 'Delay', delay: 0.004 } }, [
      ['in', 'late'],
      ['late', 'cell'],
    ]);
    const byEdge = build({}, [['in', 'cell', { delay: 4 }]]);
    const [a, b] = [byNode, byEdge].map((model) => engineNamed('clocked').load(model).bytes);
    expect(a! - b!).toBeLessThan(64);
    expect(resolveGraph(byNode.graph, byNode.semantics).edges.map(({ delay }) => delay)).toContain(4);
  });

  it('is refused where it holds back more than any buffer has room for, as a long edge is', () => {
    const build = (delay: number, edge: number) => () =>
      parseModel({
        nodes: {
          in: { type: 'Input', shape: [1000] },
          late: { type: 'Delay', delay },
          cell: { type: 'IF', v_threshold: 1 },
        },
        edges: [
          ['in', 'late', { delay: edge }],
          ['late', 'cell'],
        ],
        semantics: { dt },
      });
    expect(build(1, 100)).not.toThrow();
    expect(build(100, 0)).toThrow(/holds back 1000 values for 100000 steps; expected at most 67108/);
    expect(build(1e300, 0)).toThrow(/node "late" \(Delay\)\.delay: holds back/);
    expect(build(0, 100_000)).toThrow(/edge "in"→"late": holds back/);
    expect(build(-0.001, 0)).toThrow(/node "late" \(Delay\)\.delay: is -0\.001; expected at least 0/);
  });
});
