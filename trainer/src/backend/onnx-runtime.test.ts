import { elementCount, RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { gradientsOf } from '../graph/gradients.ts';
import { filled, multiply, scale } from '../graph/operations/elementwise.ts';
import { affine } from '../graph/operations/linear.ts';
import { sumTo } from '../graph/operations/sums.ts';
import { given } from '../graph/operations/value.ts';
import { type Program, programOf } from '../graph/program.ts';
import type { NumberArrays } from './backend.ts';
import { interpreter } from './interpreter.ts';
import { onnxRuntime } from './onnx-runtime.ts';

const [ROWS, INPUTS, OUTPUTS] = [1000, 260, 120];

/** Large enough for products apart: half the squared currents, and a step down their gradient. */
function descent(): Program {
  const [weight, bias] = [given('weight', [OUTPUTS, INPUTS]), given('bias', [OUTPUTS])];
  const currents = affine(given('x', [ROWS, INPUTS], true), weight, bias);
  const loss = scale(sumTo(multiply(currents, currents), []), 0.5 / ROWS);
  const [ofWeight, ofBias] = gradientsOf(loss, filled([], 1), [weight, bias]);
  return programOf({ loss, nextWeight: scale(ofWeight!, -1), nextBias: scale(ofBias!, -1) });
}

function inputsWith(share: number): NumberArrays {
  const random = new RandomGenerator(1, 'numbers');
  const drawn = (length: number) => Float32Array.from({ length }, () => random.nextUniform() - 0.5);
  const x = drawn(ROWS * INPUTS).map((value) => Number(value + 0.5 < share));
  return { x, weight: drawn(OUTPUTS * INPUTS), bias: drawn(OUTPUTS) };
}

/** Outputs for inputs that lie where the caller has them, or in the program's own room. */
async function outputsOf(program: Program, compile: typeof interpreter.compile, inputs: NumberArrays, inRoom = false) {
  const outputs = Object.fromEntries(
    [...program.outputs].map(([name, { shape }]) => [name, new Float32Array(elementCount(shape))]),
  );
  const executable = await compile(program);
  const room = inRoom ? executable.room! : {};
  if (inRoom) expect(Object.keys(room)).toEqual(['x']);
  const x = inputs.x!;
  // The last run finds nothing of one where all are active, and of one where others are.
  for (const given of [{ ...inputs, x: x.map((value) => value + 1) }, { ...inputs, x: x.toReversed() }, inputs]) {
    for (const [name, array] of Object.entries(room)) array.set(given[name]!);
    await executable.run({ ...given, ...room }, outputs);
  }
  await executable.close();
  return outputs;
}

describe('ONNX Runtime with products apart', () => {
  it.each([
    ['few active', 0.1],
    ['so many active that the library multiplies', 0.5],
    ['nothing active', 0],
  ])('computes what the formulas say: %s', async (_, share) => {
    const [program, inputs] = [descent(), inputsWith(share)];
    const expected = await outputsOf(program, interpreter.compile, inputs);
    const one = await outputsOf(program, onnxRuntime(1).compile, inputs);
    expect(await outputsOf(program, onnxRuntime(1).compile, inputs, true)).toEqual(one);
    for (const [name, values] of Object.entries(expected)) {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const furthest = values.reduce((most, value, k) => Math.max(most, Math.abs(value - one[name]![k]!)), 0);
      expect(furthest, name).toBeLessThanOrEqual(1e-4 * largest);
    }
  });

  it('gives the same bits with one thread and with two', async () => {
    const [program, inputs] = [descent(), inputsWith(0.1)];
    expect(await outputsOf(program, onnxRuntime(2).compile, inputs)).toEqual(
      await outputsOf(program, onnxRuntime(1).compile, inputs),
    );
  });

  it('leaves no memory to be collected', async () => {
    const length = 2e5;
    const program = programOf({ y: scale(given('x', [length]), 2) });
    const executable = await onnxRuntime(1).compile(program);
    // Of memory that threads share there must be a copy.
    const x = new Float32Array(new SharedArrayBuffer(4 * length)).fill(3);
    const y = new Float32Array(length);
    const before = process.memoryUsage().arrayBuffers;
    for (let run = 0; run < 20; run++) await executable.run({ x }, { y });
    // Two arrays of 20 runs would be 32 MB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1.6e6);
    expect([x[0], y[0], y.length]).toEqual([3, 6, length]);
    await executable.close();
  });
});
