import { elementCount, RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { onnxRuntime } from '../backend/onnx-runtime.ts';
import { interpret } from '../graph/interpret.ts';
import { affine } from '../graph/linear.ts';
import { programOf } from '../graph/program.ts';
import { stored } from '../graph/stored.ts';
import { given } from '../graph/value.ts';
import type { Recipe } from '../methods/method.ts';
import { stbp } from '../methods/stbp.ts';
import { surrogates } from '../surrogates/surrogates.ts';
import { planOf } from '../training/configuration.ts';
import { trainingProgram } from '../training/programs.ts';

const BATCH = 3;

/** Runs one step of training in both ways and compares every output. */
async function compare(architecture: string, changes: Partial<Recipe>): Promise<void> {
  const recipe = { ...stbp.recipe, ...changes };
  const configuration = { method: 'stbp', recipe, data: '', architecture, steps: 4, epochs: 1, seed: 1 };
  const program = trainingProgram(planOf(configuration, { inputShape: [1, 8, 8], classes: 3 }), BATCH);
  const random = new RandomGenerator(7, 'step');
  const inputs = Object.fromEntries(
    [...program.inputs].map(([name, { shape }]) => {
      // Squares are positive; weights and inputs are large enough for spikes.
      const draw = () => (name.endsWith('/square') ? random.nextUniform() : 1.6 * random.nextUniform() - 0.6);
      return [name, Float32Array.from({ length: elementCount(shape) }, draw)];
    }),
  );
  inputs.targets = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 1, 0);
  inputs.stepSize = Float32Array.of(0.01);
  const outputs = Object.fromEntries(
    [...program.outputs].map(([name, { shape }]) => [name, new Float32Array(elementCount(shape))]),
  );
  const executable = await onnxRuntime(1).compile(program);
  await executable.run(inputs, outputs);
  await executable.close();
  const expected = interpret(program, new Map(Object.entries(inputs)));
  expect(expected.get('logits')!.some((logit) => logit !== 0)).toBe(true);
  for (const [name, values] of expected) {
    const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    for (const [i, value] of values.entries()) {
      expect(Math.abs(outputs[name]![i]! - value), `${name}[${i}]`).toBeLessThanOrEqual(2e-5 * Math.max(largest, 1e-3));
    }
  }
}

describe('a step of training as ONNX model, against the float64 interpreter', () => {
  it('dense layers', () => compare('64-12-3', {}));
  it('convolutions and pooling', () => compare('4C3-P2-3C2-P2-3', {}));
  it('a dense layer between', () => compare('4C3-P3-10-3', { encoder: 'bernoulli' }));
  it('membranes as read-out, input as spikes', () => compare('64-12-3', { readOut: 'membrane', encoder: 'bernoulli' }));
  it('one layer', () => compare('64-3', { readOut: 'membrane' }));
  it('reset to a value', () =>
    compare('64-12-3', { neuron: { tau: 0.003, threshold: 0.7, reset: 'value', integrate: 'exact' } }));
  it.each(surrogates.map(({ name }) => name))('surrogate %s', (surrogate) => compare('64-12-3', { surrogate }));
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
