import { type Model, parseModel, readParameters, resolveGraph } from '@spikewire/models';
import { expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { clouds } from '../data/clouds.test-data.ts';
import { gradientsOf } from '../graph/gradients.ts';
import { interpret } from '../graph/interpret.ts';
import { add, filled, multiply } from '../graph/operations/elementwise.ts';
import { sumTo } from '../graph/operations/sums.ts';
import { programOf } from '../graph/program.ts';
import { prepared } from '../kinds/kind.ts';
import { learnedParametersOf } from '../lowering/learned.ts';
import { lowerGraph } from '../lowering/lower.ts';
import { placeNodes } from '../lowering/placed.ts';
import { stbp } from '../methods/stbp.ts';
import { withTestPart } from '../samples/test-part.ts';
import { surrogates } from '../surrogates/surrogates.ts';
import { DrawnArrays } from './drawn-arrays.ts';
import { dropoutNode, hiddenPopulations } from './dropout.ts';

const w = [
  [0.9, -0.2, 0.6],
  [0.4, 0.8, -0.3],
];
const recurrent = [
  [0, 0.4, 0.3],
  [0.5, 0, -0.2],
  [0.1, 0.6, 0],
];

/** Three neurons with weights among them, in front of two; `factors` on the ways out of each of the three. */
function netWith(factors: readonly number[]): Model {
  const scaled = (rows: readonly number[][]) => rows.map((row) => row.map((weight, i) => weight * factors[i]!));
  const lif = { type: 'LIF', tau: 0.004, r: 4, v_threshold: 0.5 };
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [3] },
      cells: lif,
      back: { type: 'Linear', weight: scaled(recurrent) },
      fc: { type: 'Linear', weight: scaled(w) },
      last: lif,
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'cells'],
      ['cells', 'back', { delay: 1 }],
      ['back', 'cells'],
      ['cells', 'fc'],
      ['fc', 'last'],
      ['last', 'out'],
    ],
  });
}

const steps = 9;
const current = Array.from({ length: 3 * steps }, (_, k) => ((k * 7) % 11) / 8);

function lossAndGradients(model: Model, mask?: readonly number[]) {
  const graph = resolveGraph(model.graph, model.semantics);
  const learned = learnedParametersOf(graph, {});
  const surrogate = prepared('surrogate', surrogates, 'sigmoid:temperature=1');
  const trainingNodes = placeNodes(graph, mask ? [{ behind: 'cells', node: dropoutNode(0.5) }] : []);
  const spikes = { surrogate, smooth: true, throughReset: true };
  const net = lowerGraph(graph, { batch: 1, steps, held: new Set(), learned, spikes, trainingNodes, learns: true });
  const parts = net.signals.get('out')!.parts.map((part, t) => sumTo(multiply(part, filled([], t + 1)), []));
  const loss = parts.reduce(add);
  const names = [...net.parameters.keys()];
  const gradients = gradientsOf(loss, filled([], 1), [...net.parameters.values()]);
  const program = programOf({ loss, ...Object.fromEntries(names.map((name, k) => [`∂${name}`, gradients[k]!])) });
  const numbers = new Map<string, ArrayLike<number>>(learned.map(({ name, start }) => [name, start]));
  numbers.set('input/in', current);
  if (mask !== undefined) numbers.set('cells.dropout.mask', mask);
  return interpret(program, numbers);
}

it('is the net without what is silent, in every step and on every way out, and so are its gradients', () => {
  const mask = [2, 0, 1];
  const dropped = lossAndGradients(netWith([1, 1, 1]), mask);
  const without = lossAndGradients(netWith(mask));
  expect(dropped.get('loss')![0]).toBeCloseTo(without.get('loss')![0]!, 6);
  expect(dropped.get('loss')![0]).not.toBeCloseTo(lossAndGradients(netWith([1, 1, 1])).get('loss')![0]!, 2);
  for (const name of ['∂back.weight', '∂fc.weight']) {
    // ∂/∂w of m·w is m times that of the product.
    for (const [k, value] of dropped.get(name)!.entries()) {
      expect(value, `${name}[${k}]`).toBeCloseTo(without.get(name)![k]! * mask[k % 3]!, 6);
    }
  }
});

it('leaves the population in front of the Output alone', () => {
  const { graph, semantics } = netWith([1, 1, 1]);
  expect(hiddenPopulations(resolveGraph(graph, semantics))).toEqual(['cells']);
});

it('silences the share that was asked for, on an average of 1, the same for the same step', () => {
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [500] },
      cells: { type: 'ReLU' },
      s: { type: 'Scale', scale: 1 },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'cells'],
      ['cells', 's'],
      ['s', 'out'],
    ],
  });
  const placements = [{ behind: 'cells', node: dropoutNode(0.2) }];
  const masks = new DrawnArrays(placeNodes(resolveGraph(model.graph, model.semantics), placements), 20);
  const draw = (seed: number, step: number) => {
    masks.draw(seed, step);
    return masks.arrays['cells.dropout.mask']!.slice();
  };
  const first = draw(1, 1);
  expect(new Set(first)).toEqual(new Set([0, 1.25]));
  // Three standard deviations of 10,000 draws.
  expect(Math.abs(first.filter((each) => each === 0).length - 2000)).toBeLessThan(120);
  expect(draw(1, 2)).not.toEqual(first);
  expect(draw(2, 1)).not.toEqual(first);
  expect(draw(1, 1)).toEqual(first);
});

it('is as much on every population that others learn from as by a word in each place', async () => {
  const open = (changes: object) => {
    const site = { data: withTestPart(clouds(200)), backend: interpreter, seed: 2 };
    return stbp.start(site, readParameters('stbp', { steps: 4, epochs: 1, batch: 20, ...changes }, stbp.parameters));
  };
  const option = await open({ arch: '3-16-8-3', dropout: 0.5 });
  const words = await open({ arch: '3-16-drop0.5-8-drop.5-3' });
  for (const run of [option, words]) await run.step();
  expect(words.save()).toEqual(option.save());
  const twice = open({ arch: '3-16-drop0.5-3', dropout: 0.5 });
  await expect(twice).rejects.toThrow('dropout behind node "layer1.neurons": exists twice; expected one');
});

it('changes what is learned and how a run goes on, and is not in the model', async () => {
  const open = (dropout: number) => {
    const chosen = { arch: '3-16-3', steps: 4, epochs: 1, batch: 20, dropout };
    const site = { data: withTestPart(clouds(200)), backend: interpreter, seed: 2 };
    return stbp.start(site, readParameters('stbp', chosen, stbp.parameters));
  };
  const [with0, with5, again] = await Promise.all([open(0), open(0.5), open(0.5)]);
  for (let k = 0; k < 3; k++) await Promise.all([with0.step(), with5.step()]);
  await again.step();
  await again.step();
  const resumed = await open(0.5);
  const saved = structuredClone(again.save());
  await resumed.restore(saved, 'test');
  await resumed.step();
  expect(resumed.save().arrays).toEqual(with5.save().arrays);
  expect(with5.save().arrays).not.toEqual(with0.save().arrays);
  const shape = (run: typeof with0) => [...run.model(run.save()).graph.nodes].map(([name, { type }]) => [name, type]);
  expect(shape(with5)).toEqual(shape(with0));
});
