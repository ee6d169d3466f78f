import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RandomGenerator, readParameters } from '@spikewire/models';
import { methods, netFor, onnxRuntime, planOf, type TrainNetParameters, trainingProgram } from '@spikewire/trainer';
import { expect, it, type TestContext } from 'vitest';

const LOOP = fileURLToPath(new URL('train-torch.py', import.meta.url));
const [INPUTS, HIDDEN, CLASSES, BATCH, STEPS] = [20, 30, 4, 5, 8];
const TAU = 0.004;

/** Debian's packages belong to Debian's Python, which another one on the path may hide. */
const PYTHONS = ['python3', '/usr/bin/python3'];

/** A Python that has torch. Skips the test where there is none, or fails it where SPIKEWIRE_REQUIRE names torch. */
function pythonWithTorch(context: TestContext): string {
  const found = PYTHONS.find((python) => spawnSync(python, ['-c', 'import torch']).status === 0);
  if (found !== undefined) return found;
  if ((process.env.SPIKEWIRE_REQUIRE ?? '').split(',').includes('torch')) throw new Error('no Python imports torch');
  return context.skip('needs torch for Python (Debian python3-torch), which this machine does not have');
}

interface TorchAnswer {
  readonly loss: number;
  readonly layers: readonly { readonly weight: number[][]; readonly bias: number[] }[];
}

it('a step of training has the loss and the gradients of a torch loop', async (context) => {
  const python = pythonWithTorch(context);
  const { parameters: table } = methods.find(({ name }) => name === 'stbp')!;
  const arch = [INPUTS, HIDDEN, CLASSES].join('-');
  const given = { arch, steps: STEPS, surrogate: 'fast-sigmoid', tau: TAU };
  const classes = Array.from({ length: CLASSES }, (_, k) => `${k}`);
  const data = { name: 'rows', classes, samples: [new Float32Array(INPUTS)], labels: Int32Array.of(0) };
  const parameters = readParameters('stbp', given, table) as unknown as TrainNetParameters;
  const net = netFor({ data, seed: 1 }, parameters);
  const program = trainingProgram(planOf(net.model, net), BATCH);
  const random = new RandomGenerator(1, 'torch');
  const draw = (count: number, reach: number) =>
    Float32Array.from({ length: count }, () => reach * (random.nextUniform() - 0.3));
  const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
  const inputs: Record<string, Float32Array> = Object.fromEntries(
    [...program.inputs].map(([name, { shape }]) => [name, new Float32Array(sizeOf(shape))]),
  );
  const input = draw(BATCH * INPUTS, 1);
  inputs['input/in'] = input;
  const targets = Array.from({ length: BATCH }, () => random.nextInteger(CLASSES));
  for (const [row, target] of targets.entries()) inputs.targets![row * CLASSES + target] = 1;
  for (const name of ['layer1.weight', 'layer1.bias', 'layer2.weight', 'layer2.bias']) {
    inputs[name] = draw(inputs[name]!.length, 0.5);
  }
  const outputs = Object.fromEntries(
    [...program.outputs].map(([name, { shape }]) => [name, new Float32Array(sizeOf(shape))]),
  );
  const executable = await onnxRuntime().compile(program);
  await executable.run(inputs, outputs);
  await executable.close();

  const rows = (values: Float32Array, columns: number) =>
    Array.from({ length: values.length / columns }, (_, row) =>
      Array.from(values.subarray(row * columns, (row + 1) * columns)),
    );
  const question = {
    steps: STEPS,
    decay: 1 - 0.001 / TAU,
    slope: 4,
    inputs: rows(input, INPUTS),
    targets,
    layers: [INPUTS, HIDDEN].map((columns, index) => ({
      weight: rows(inputs[`layer${index + 1}.weight`]!, columns),
      bias: Array.from(inputs[`layer${index + 1}.bias`]!),
    })),
  };
  const { stdout, stderr, status } = spawnSync(python, [LOOP], {
    input: JSON.stringify(question),
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const answer = JSON.parse(stdout) as TorchAnswer;
  expect(outputs.loss![0]!).toBeCloseTo(answer.loss, 5);
  expect(answer.loss).toBeGreaterThan(0.1);
  for (const [index, layer] of answer.layers.entries()) {
    for (const key of ['weight', 'bias'] as const) {
      // The optimiser's running mean began at 0, so that it now is a tenth of the gradient.
      const found = outputs[`next/layer${index + 1}.${key}/mean`]!;
      const expected = layer[key].flat();
      const largest = Math.max(...expected.map(Math.abs));
      expect(largest).toBeGreaterThan(1e-4);
      for (const [i, value] of expected.entries())
        expect(Math.abs(10 * found[i]! - value)).toBeLessThan(1e-4 * largest);
    }
  }
});
