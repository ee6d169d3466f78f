import { parseModel, resolveGraph } from '@spikewire/models';
import { expect, it } from 'vitest';
import { gradientsOf } from '../graph/gradients.ts';
import { interpret } from '../graph/interpret.ts';
import { filled } from '../graph/operations/elementwise.ts';
import { sumTo } from '../graph/operations/sums.ts';
import { sumOf } from '../graph/operations/time.ts';
import { given } from '../graph/operations/value.ts';
import { programOf } from '../graph/program.ts';
import { prepared } from '../kinds/kind.ts';
import { learnedParametersOf } from '../lowering/learned.ts';
import { lowerGraph } from '../lowering/lower.ts';
import { surrogates } from '../surrogates/surrogates.ts';
import { sinceSpike } from './rathi.ts';

const [ALPHA, BETA, STEPS, TAU] = [0.3, 0.2, 9, 4];

it('falls from the last spike on, and is 0 before the first', () => {
  const steps = [0, 1, 0, 0, 1, 1, 0].map((spike, k) => [`s${k}`, [spike]] as const);
  const slopeNow = sinceSpike(ALPHA, BETA)();
  const program = programOf(Object.fromEntries(steps.map(([name]) => [`d${name}`, slopeNow(given(name, [1]))])));
  const found = interpret(program, new Map(steps));
  const ages = [undefined, 0, 1, 2, 0, 0, 1];
  for (const [k, age] of ages.entries()) {
    expect(found.get(`ds${k}`)![0]).toBeCloseTo(age === undefined ? 0 : ALPHA * Math.exp(-BETA * age), 12);
  }
});

it('goes back through a leaky neuron with it, step by step', () => {
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [2] },
      w: { type: 'Linear', weight: [[0.4, 0.25]] },
      cells: { type: 'LIF', tau: TAU / 1000, r: TAU, v_threshold: 0.8 },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'w'],
      ['w', 'cells'],
      ['cells', 'out'],
    ],
    semantics: { dt: 0.001, integrate: 'euler', threshold: 'ge', reset: 'subtract', spikesPerStep: 'one' },
  });
  const graph = resolveGraph(model.graph, model.semantics);
  const learned = learnedParametersOf(graph, {});
  const spikes = { surrogate: prepared('surrogate', surrogates, 'arctan'), ofHistory: sinceSpike(ALPHA, BETA) };
  const { signals, parameters } = lowerGraph(graph, { batch: 1, steps: STEPS, held: new Set(), learned, spikes });
  const loss = sumTo(sumOf(signals.get('out')!.parts), []);
  const [gradient] = gradientsOf(loss, filled([], 1), [...parameters.values()]);
  const trains = Array.from({ length: STEPS }, (_, t) => [Number(t % 3 !== 1), Number(t % 2 === 0)] as const);
  const numbers = new Map<string, ArrayLike<number>>([
    ['w.weight', [0.4, 0.25]],
    ['input/in', trains.flat()],
  ]);
  const found = interpret(programOf({ gradient: gradient!, loss }), numbers);
  let [v, count] = [0, 0];
  let last: number | undefined;
  const [ofMembrane, expected] = [
    [0, 0],
    [0, 0],
  ];
  for (const [t, x] of trains.entries()) {
    v = v * (1 - 1 / TAU) + 0.4 * x[0] + 0.25 * x[1];
    if (v >= 0.8) {
      v -= 0.8;
      count++;
      last = t;
    }
    for (const j of [0, 1] as const) {
      ofMembrane![j] = ofMembrane![j]! * (1 - 1 / TAU) + x[j];
      expected![j]! += last === undefined ? 0 : ALPHA * Math.exp(-BETA * (t - last)) * ofMembrane![j]!;
    }
  }
  expect(count).toBeGreaterThan(2);
  expect(found.get('loss')![0]).toBe(count);
  for (const j of [0, 1]) expect(found.get('gradient')![j]).toBeCloseTo(expected![j]!, 9);
});
