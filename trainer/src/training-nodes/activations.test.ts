import { EventBuffer, engineNamed } from '@spikewire/engine';
import { parseModel, RandomGenerator } from '@spikewire/models';
import { expect, it } from 'vitest';
import { gradientsOf } from '../graph/gradients.ts';
import { interpret } from '../graph/interpret.ts';
import { filled, multiply } from '../graph/operations/elementwise.ts';
import { sumTo } from '../graph/operations/sums.ts';
import { given, type Value } from '../graph/operations/value.ts';
import { programOf } from '../graph/program.ts';
import { Signal } from '../lowering/signal.ts';
import type { TrainingNode } from '../lowering/training-node.ts';
import { beforeRectifiers } from './before-rectifiers.ts';
import { boundedRectifier } from './bounded-rectifier.ts';
import { rateNorm } from './rate-norm.ts';
import { softLifNode, softLifRate, unitRate } from './soft-lif.ts';

/** What a node makes of numbers that arrive, and its next arrays. */
function through(node: TrainingNode, x: readonly number[], arrays: Readonly<Record<string, number[]>>, learns = false) {
  const values = new Map(Object.entries(arrays).map(([key, numbers]) => [key, given(key, shapeOf(numbers))] as const));
  const lowered = node.lower((key) => values.get(key)!, learns);
  const y = lowered.over(Signal.ofParts([given('x', [1, x.length])])).rows;
  return interpret(programOf({ y, ...lowered.next }), new Map([['x', x], ...Object.entries(arrays)]));
}

const shapeOf = (numbers: readonly number[]) => (numbers.length === 1 ? [] : [1, numbers.length]);

/** Compares the gradient of Σ y² with central differences, for x and every parameter. */
function checkGradients(build: (values: Record<string, Value>) => Value, numbers: Readonly<Record<string, number[]>>) {
  const values = Object.fromEntries(Object.entries(numbers).map(([key, list]) => [key, given(key, shapeOf(list))]));
  const y = build(values);
  const loss = sumTo(multiply(y, y), []);
  const gradients = gradientsOf(loss, filled([], 1), Object.values(values));
  const named = Object.fromEntries(Object.keys(values).map((key, k) => [key, gradients[k]!]));
  const all = new Map(Object.entries(numbers).map(([key, list]) => [key, [...list]]));
  const found = interpret(programOf(named), all);
  const at = () => interpret(programOf({ loss }), all).get('loss')![0]!;
  for (const [key, list] of all) {
    for (const [i, kept] of list.entries()) {
      list[i] = kept + 1e-6;
      const above = at();
      list[i] = kept - 1e-6;
      const difference = (above - at()) / 2e-6;
      list[i] = kept;
      expect(Math.abs(found.get(key)![i]! - difference), `${key}[${i}]`).toBeLessThan(
        1e-5 * (1 + Math.abs(difference)),
      );
    }
  }
}

it.each([
  [0, [-0.3, 0, 0.2, 0.5, 0.9, 1.4], [0, 0, 0.2, 0.5, 0.9, 1]],
  // α = ¼, β = ¾.
  [0.5, [0.2, 0.3, 0.5, 0.65, 0.8], [0, 0.1, 0.5, 0.8, 1]],
  [1, [-1, 0.49, 0.51, 3], [0, 0, 1, 1]],
])('bounded rectifier of sharpness %d', (sharpness, x, expected) => {
  const found = through(boundedRectifier(), x, { sharpness: [sharpness] });
  for (const [k, y] of expected.entries()) expect(found.get('y')![k]).toBeCloseTo(y, 9);
  expect(found.get('sharpness')![0]).toBe(sharpness);
});

it('bounded rectifier: is learned through where it rises', () => {
  const node = boundedRectifier();
  checkGradients(({ x }) => node.lower(() => filled([], 0.4), true).step!(x!), { x: [-0.5, 0.25, 0.41, 0.77, 1.3] });
});

it('rate norm: holds activations below p times the largest, which runs along while it learns', () => {
  const [x, arrays] = [[-1, 0.5, 3, 9], { p: [0.5], largest: [5] }];
  const found = through(rateNorm(), x, arrays, true);
  expect([...found.get('y')!]).toEqual([0, 0.5, 2.5, 2.5]);
  expect(found.get('largest')![0]).toBeCloseTo(0.9 * 5 + 0.1 * 9, 12);
  expect(through(rateNorm(), x, arrays).get('largest')![0]).toBe(5);
  expect([...through(rateNorm({ known: 4 }), x, { p: [0.5] }, true).get('y')!]).toEqual([0, 0.5, 2, 2]);
});

it('rate norm: p has the gradient of what is clipped', () => {
  const node = rateNorm({ known: 2 });
  checkGradients(({ x, p }) => node.lower(() => p!, true).over(Signal.held(x!, 1)).rows, {
    x: [-0.5, 0.25, 1.9, 3],
    p: [0.7],
  });
});

const lif = { tauRef: 0.002, tauRc: 0.02, gamma: 0.03 };

/** Rates in Hz by their formula. */
function rateOf(x: number, { tauRef, tauRc, gamma }: typeof lif): number {
  const rho = Math.max(0, x) + gamma * Math.log1p(Math.exp(-Math.abs(x) / gamma));
  return 1 / (tauRef + tauRc * Math.log1p(1 / rho));
}

it('soft LIF: has the rates of its formula, and their slopes', () => {
  const x = [-0.2, -0.03, 0, 0.02, 0.5, 1, 7];
  const y = softLifRate(given('x', [1, x.length]), lif);
  const found = interpret(programOf({ y }), new Map([['x', x]])).get('y')!;
  for (const [k, each] of x.entries()) expect(found[k]! * unitRate(lif)).toBeCloseTo(rateOf(each, lif), 8);
  checkGradients(({ x }) => softLifRate(x!, lif), { x });
});

it('soft LIF: is finite far from the threshold', () => {
  const x = [-1e4, -3, 1e4];
  const at = given('x', [1, 3]);
  const [slope] = gradientsOf(sumTo(softLifRate(at, lif), []), filled([], 1), [at]);
  const found = interpret(programOf({ y: softLifRate(at, lif), slope: slope! }), new Map([['x', x]]));
  expect(found.get('y')![0]).toBeLessThan(0.02);
  for (const value of [...found.get('y')!, ...found.get('slope')!]) expect(Number.isFinite(value)).toBe(true);
});

it.each([0.1, 0.6, 2])('soft LIF with a sharp corner is the rate at which a leaky neuron spikes at x = %d', (x) => {
  const dt = 1e-4;
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      cell: { type: 'LIF', tau: 0.02, r: 1, v_leak: 1, v_initial: 0, v_threshold: 1, v_reset: 0, tau_ref: 0.002 },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'cell'],
      ['cell', 'out'],
    ],
    semantics: { dt, integrate: 'exact', threshold: 'gt', reset: 'value', spikesPerStep: 'one' },
  });
  const network = engineNamed('reference').load(model);
  const second = Math.round(1 / dt);
  const [input, output] = [new EventBuffer(second), new EventBuffer(1000)];
  for (let step = 0; step < second; step++) input.push(step, 0, 0, x);
  network.run(second, input, output);
  const sharp = { ...lif, gamma: 1e-4 };
  const y = interpret(programOf({ y: softLifRate(given('x', [1, 1]), sharp) }), new Map([['x', [x]]])).get('y')![0]!;
  expect(Math.abs(output.length - y * unitRate(sharp))).toBeLessThan(1.5);
});

it('soft LIF: rates have noise while they learn, and are not below 0', () => {
  const node = softLifNode({ ...lif, noise: 10 });
  const x = [0.3, 0.3, -2];
  const found = through(node, x, { noise: [0.5, -0.1, -1] }, true).get('y')!;
  const plain = through(node, x, { noise: [0, 0, 0] }).get('y')!;
  expect([...found]).toEqual([plain[0]! + 0.5, plain[1]! - 0.1, 0]);
  const drawn = new Float32Array(10_000);
  node.draw!(() => drawn, new RandomGenerator(1, 'test'));
  const variance = drawn.reduce((sum, each) => sum + each ** 2, 0) / drawn.length;
  expect((Math.sqrt(variance) * unitRate(lif)) / 10).toBeCloseTo(1, 1);
});

it('finds the connection before each rectifier, and refuses several', () => {
  const net = (edges: [string, string][]) =>
    parseModel({
      nodes: {
        in: { type: 'Input', shape: [2] },
        a: { type: 'Linear', weight: [[1, 2]] },
        b: { type: 'Linear', weight: [[1, 1]] },
        up: { type: 'ReLU' },
        out: { type: 'Output' },
      },
      edges: [['in', 'a'], ['in', 'b'], ['a', 'up'], ...edges, ['up', 'out']],
    });
  expect([...beforeRectifiers(net([['b', 'out']]))]).toEqual([['up', 'a']]);
  expect(() => beforeRectifiers(net([['b', 'up']]))).toThrow(
    /^node "up" \(ReLU\): is not behind one connection alone; expected a chain$/,
  );
});
