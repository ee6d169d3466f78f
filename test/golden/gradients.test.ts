import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { elementCount, nodeKinds, parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { onnxRuntime } from '../../trainer/src/backend/onnx-runtime.ts';
import { interpret } from '../../trainer/src/graph/interpret.ts';
import { prepared } from '../../trainer/src/kinds/kind.ts';
import { losses } from '../../trainer/src/losses/losses.ts';
import type { Optimiser } from '../../trainer/src/optimisers/optimiser.ts';
import { regularisers } from '../../trainer/src/regularisers/regularisers.ts';
import { surrogates } from '../../trainer/src/surrogates/surrogates.ts';
import { planOf } from '../../trainer/src/training/plan.ts';
import { trainingProgram } from '../../trainer/src/training/programs.ts';
import { batchNormNode } from '../../trainer/src/training-nodes/batch-norm.ts';
import { dropoutNode } from '../../trainer/src/training-nodes/dropout.ts';
import { needsTorch } from '../services.ts';
import { readGolden } from './data.ts';

/** A net, what it is trained with, and its loss and gradients by torch. */
interface Golden {
  readonly name: string;
  readonly model: { readonly nodes: Readonly<Record<string, { readonly type: string }>> };
  readonly loss: string;
  readonly surrogate: string;
  readonly regulariser?: string;
  readonly resetGradient?: 'full';
  readonly learn?: { readonly tau?: boolean; readonly threshold?: boolean };
  /** Nodes of training behind others: the gain of a batch norm, the rate of a dropout. */
  readonly behind?: Readonly<Record<string, { readonly 'batch-norm'?: number; readonly dropout?: number }>>;
  /** Inputs of the program besides the numbers of the model. */
  readonly arrays: Readonly<Record<string, readonly number[]>>;
  readonly expected: Answer;
}

interface Answer {
  readonly loss: number;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

const golden = readGolden('gradients.json') as Golden[];

/**
 * Relative to the largest gradient of an array. Formulas and torch compute in float64, where sums of some hundred
 * products err by 1e-14 of the largest, and twelve digits are written down; a training computes in float32, with errors
 * of 1e-7 that six steps and two layers of exponentials and quotients multiply.
 */
const [EXACT, SINGLE] = [1e-11, 1e-4];

/** What a step gives as the next numbers are the gradients. */
const gradientsOnly: Optimiser = {
  slots: [],
  stepSize: (rate) => rate,
  update: (_parameter, slots, gradient) => ({ parameter: gradient, slots }),
};

/** A step of training as a program, its inputs, and the names of what is learned. */
function stepOf({ model, loss, surrogate, regulariser, resetGradient, learn = {}, behind = {}, arrays }: Golden) {
  const trainingNodes = Object.entries(behind).map(([name, { dropout, 'batch-norm': gain }]) => {
    return { behind: name, node: dropout === undefined ? batchNormNode(gain!) : dropoutNode(dropout) };
  });
  const plan = planOf(parseModel(model), {
    spikes: { surrogate: prepared('surrogate', surrogates, surrogate), throughReset: resetGradient === 'full' },
    loss: prepared('loss', losses, loss),
    regularisers: regulariser === undefined ? [] : [prepared('regulariser', regularisers, regulariser)],
    optimiser: gradientsOnly,
    ...{ learn, trainingNodes },
  });
  const program = trainingProgram(plan, arrays.targets!.length / plan.classes);
  const start = plan.learned.map((each) => [each.name, Array.from(each.start)] as const);
  const numbers = new Map<string, readonly number[]>([...start, ...Object.entries(arrays)]);
  for (const [name, { shape }] of program.inputs) {
    // Running means of a batch norm, which the form that learns only moves on.
    if (!numbers.has(name)) numbers.set(name, Array(elementCount(shape)).fill(0));
  }
  return { program, numbers, learned: plan.learned.map(({ name }) => name) };
}

/** What the formulas come to in float64. */
function byFormulas(golden: Golden): Answer {
  const { program, numbers, learned } = stepOf(golden);
  const found = interpret(program, numbers);
  const gradients = learned.map((name) => [name, Array.from(found.get(`next/${name}`)!)] as const);
  return { loss: found.get('loss')![0]!, gradients: Object.fromEntries(gradients) };
}

/** What a training computes, in float32. */
async function byOnnxRuntime(golden: Golden): Promise<Answer> {
  const { program, numbers, learned } = stepOf(golden);
  const inputs = [...program.inputs.keys()].map((name) => [name, Float32Array.from(numbers.get(name)!)] as const);
  const outputs = Object.fromEntries(
    [...program.outputs].map(([name, { shape }]) => [name, new Float32Array(elementCount(shape))]),
  );
  const executable = await onnxRuntime(1).compile(program);
  await executable.run(Object.fromEntries(inputs), outputs);
  await executable.close();
  const gradients = learned.map((name) => [name, Array.from(outputs[`next/${name}`]!)] as const);
  return { loss: outputs.loss![0]!, gradients: Object.fromEntries(gradients) };
}

/** Types of the connections, and of the neurons that are linear between spikes, adapt, or do not spike. */
function trainable(): string[] {
  return nodeKinds.flatMap((kind) => {
    if (kind.role === 'connection') return [kind.type];
    const isTrained = kind.role === 'neuron' && (kind.linear ?? kind.adaptive ?? kind.type === 'ReLU');
    return isTrained ? [kind.type] : [];
  });
}

function expectEqual(found: Answer, expected: Answer, tolerance: number): void {
  expect(Math.abs(found.loss - expected.loss) / expected.loss).toBeLessThan(tolerance);
  expect(Object.keys(found.gradients).sort()).toEqual(Object.keys(expected.gradients).sort());
  for (const [name, gradient] of Object.entries(expected.gradients)) {
    const largest = Math.max(...gradient.map(Math.abs));
    expect(largest, `${name} has gradients`).toBeGreaterThan(1e-3);
    expect(found.gradients[name]).toHaveLength(gradient.length);
    const errors = gradient.map((value, k) => Math.abs(found.gradients[name]![k]! - value) / largest);
    expect(Math.max(...errors), name).toBeLessThan(tolerance);
  }
}

describe('gradients as torch has them', () => {
  it.each(golden.map((each) => [each.name, each] as const))('%s', async (_, each) => {
    expectEqual(byFormulas(each), each.expected, EXACT);
    expectEqual(await byOnnxRuntime(each), each.expected, SINGLE);
  });

  it('are those of every loss, surrogate and regulariser, and of every layer and neuron that can be trained', () => {
    const named = (key: 'loss' | 'surrogate' | 'regulariser') =>
      new Set(golden.flatMap((each) => each[key]?.split(':')[0] ?? []));
    expect(named('loss')).toEqual(new Set(losses.map(({ name }) => name)));
    expect(named('surrogate')).toEqual(new Set(surrogates.map(({ name }) => name)));
    expect(named('regulariser')).toEqual(new Set(regularisers.map(({ name }) => name)));
    const kinds = new Set(golden.flatMap(({ model }) => Object.values(model.nodes).map(({ type }) => type)));
    expect(trainable().filter((kind) => !kinds.has(kind))).toEqual([]);
  });
});

it('is what torch says today', (context) => {
  const python = needsTorch(context);
  const script = fileURLToPath(new URL('torch/gradients.py', import.meta.url));
  const { stdout, stderr, status } = spawnSync(python, ['-B', script], { encoding: 'utf8', maxBuffer: 2 ** 24 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const now = JSON.parse(stdout) as Golden[];
  expect(now.map(({ expected: _, ...rest }) => rest)).toEqual(golden.map(({ expected: _, ...rest }) => rest));
  for (const [k, { expected }] of now.entries()) expectEqual(expected, golden[k]!.expected, EXACT);
});
