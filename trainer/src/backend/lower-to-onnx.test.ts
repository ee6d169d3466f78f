import { elementCount, RandomGenerator, readParameters } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { interpret } from '../graph/interpret.ts';
import { scale } from '../graph/operations/elementwise.ts';
import { affine } from '../graph/operations/linear.ts';
import { stored } from '../graph/operations/stored.ts';
import { given } from '../graph/operations/value.ts';
import { programOf } from '../graph/program.ts';
import { losses } from '../losses/losses.ts';
import { stbp } from '../methods/stbp.ts';
import { optimisers } from '../optimisers/optimisers.ts';
import { regularisers } from '../regularisers/regularisers.ts';
import { netFor, type TrainNetParameters } from '../runs/gradient/train-net.ts';
import { surrogates } from '../surrogates/surrogates.ts';
import { planOf } from '../training/plan.ts';
import { trainingProgram } from '../training/programs.ts';
import { onnxRuntime } from './onnx-runtime.ts';
import { onnxModelOf, openSession } from './onnx-session.ts';

const BATCH = 3;

const images = {
  ...{ name: 'images', classes: ['a', 'b', 'c'], shape: [1, 8, 8] },
  ...{ samples: [new Float32Array(64).fill(1)], labels: Int32Array.of(0) },
};

/** Runs one step of training in both ways and compares every output. */
async function compare(arch: string, changes: Readonly<Record<string, string | number>> = {}): Promise<void> {
  const parameters = readParameters('stbp', { arch, steps: 4, ...changes }, stbp.parameters);
  const net = netFor({ data: images, seed: 1 }, parameters as unknown as TrainNetParameters);
  const program = trainingProgram(planOf(net.model, net), BATCH);
  const random = new RandomGenerator(7, 'step');
  const inputs = Object.fromEntries(
    [...program.inputs].map(([name, { shape }]) => {
      // Squares and units are positive; weights and inputs are large enough for spikes.
      const draw = () =>
        /[/.](square|variance|unit)$/.test(name) ? random.nextUniform() : 1.6 * random.nextUniform() - 0.6;
      return [name, Float32Array.from({ length: elementCount(shape) }, draw)];
    }),
  );
  inputs.targets = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 1, 0);
  inputs.rate = Float32Array.of(0.02);
  inputs.stepSize = Float32Array.of(0.01);
  const outputs = Object.fromEntries(
    [...program.outputs].map(([name, { shape }]) => [name, new Float32Array(elementCount(shape))]),
  );
  const executable = await onnxRuntime(1).compile(program);
  await executable.run(inputs, outputs);
  await executable.close();
  const expected = interpret(program, new Map(Object.entries(inputs)));
  expect(expected.get('answers')!.some((answer) => answer !== 0)).toBe(true);
  for (const [name, values] of expected) {
    const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    for (const [i, value] of values.entries()) {
      expect(Math.abs(outputs[name]![i]! - value), `${name}[${i}]`).toBeLessThanOrEqual(2e-5 * Math.max(largest, 1e-3));
    }
  }
}

describe('a step of training as ONNX model, against the float64 interpreter', () => {
  it('dense layers', () => compare('64-12-3'));
  it('convolutions and pooling', () => compare('4C3-P2-3C2-P2-3'));
  it('maxima of windows', () => compare('4C3-M2-3C2-M2-3'));
  it('a dense layer between', () => compare('4C3-P3-10-3', { encoder: 'bernoulli' }));
  it('one layer', () => compare('64-3', { loss: 'membrane' }));
  it('batch norm', () => compare('bn-4C3-P2-tdbn0.7-3C2-P2-3', { threshold: 0.5 }));
  it('clipped gradients', () => compare('64-12-3', { clip: 0.01 }));
  it('dropout', () => compare('64-12-3', { dropout: 0.5 }));
  it('pruned and rounded weights', () => compare('4C3-P2-3C2-P2-3', { bits: '4', prune: 0.5 }));
  it('reset to a value', () =>
    compare('64-12-3', { tau: 0.003, threshold: 0.7, reset: 'value', integrate: 'exact', encoder: 'bernoulli' }));
  it.each(surrogates.map(({ name }) => name))('surrogate %s', (surrogate) => compare('64-12-3', { surrogate }));
  it.each(losses.map(({ name }) => name))('loss %s', (loss) => compare('64-12-3', { loss }));
  it.each(optimisers.map(({ name }) => name))('optimiser %s', (optimiser) => compare('64-12-3', { optimiser }));
  it.each(regularisers.map(({ name }) => name))('regulariser %s', (regulariser) =>
    compare('64-12-3', { regulariser: `${regulariser}:strength=0.5` }),
  );
});

describe('a net whose numbers are part of the program', () => {
  it('computes with them', async () => {
    const [weight, bias] = [stored([1, 2, 3, 4, 5, 6], [2, 3]), stored([10, 20], [2])];
    const program = programOf({ y: affine(given('x', [1, 3]), weight, bias) });
    const y = new Float32Array(2);
    const executable = await onnxRuntime(1).compile(program);
    await executable.run({ x: Float32Array.of(1, 0, -1) }, { y });
    await executable.close();
    expect(Array.from(y)).toEqual([10 + 1 - 3, 20 + 4 - 6]);
    expect(Array.from(interpret(program, new Map([['x', [1, 0, -1]]])).get('y')!)).toEqual(Array.from(y));
  });

  it('needs as many as the shape has', () => {
    expect(() => stored([1, 2], [3])).toThrow('stored array: has 2 numbers; expected 3 for [3]');
  });
});

it('gives a value under each of its names while others compute with it, and an input as a result', async () => {
  const x = given('x', [2]);
  const doubled = scale(x, 2);
  const program = programOf({ doubled, again: doubled, same: x, more: scale(doubled, 5) });
  const outputs = Object.fromEntries([...program.outputs.keys()].map((name) => [name, new Float32Array(2)]));
  const session = await openSession(onnxModelOf(program), 1);
  await session.run({ x: Float32Array.of(1, -3) }, outputs);
  await session.close();
  const found = Object.entries(outputs).map(([name, values]) => [name, ...values]);
  expect(found).toEqual([
    ['doubled', 2, -6],
    ['again', 2, -6],
    ['same', 1, -3],
    ['more', 10, -30],
  ]);
});
