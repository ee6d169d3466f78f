import { elementCount, RandomGenerator, readParameters } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import type { NumberArrays } from '../backend/backend.ts';
import { interpreter } from '../backend/interpreter.ts';
import { stbp } from '../methods/stbp.ts';
import { netFor, type TrainNetParameters } from '../runs/gradient/train-net.ts';
import { planOf, type TrainingPlan } from './plan.ts';
import { trainingProgram } from './programs.ts';
import { openStep } from './step.ts';

const [BATCH, STEPS, INPUTS, HIDDEN] = [32, 5, 6, 2500];

/** Large enough to be divided. */
function planWith(changes: Readonly<Record<string, string | number>>): TrainingPlan {
  const classes = ['a', 'b', 'c'];
  const data = { name: 'rows', classes, samples: [new Float32Array(INPUTS)], labels: Int32Array.of(0) };
  const given = { arch: `${INPUTS}-${HIDDEN}-3`, steps: STEPS, encoder: 'bernoulli', ...changes };
  const parameters = readParameters('stbp', given, stbp.parameters) as unknown as TrainNetParameters;
  const net = netFor({ data, seed: 1 }, parameters);
  return planOf(net.model, net);
}

/** The numbers of a part, of an array that has `steps` rows of all samples one after the other. */
function partOf(array: Float32Array, steps: number, part: number, parts: number): Float32Array {
  const row = array.length / steps / parts;
  return Float32Array.from({ length: array.length / parts }, (_, k) => {
    return array[(Math.floor(k / row) * parts + part) * row + (k % row)]!;
  });
}

describe('a step of training', () => {
  it.each([
    ['as it is', {}],
    ['with dropout', { dropout: 0.5 }],
    ['with gradients of a largest length', { clip: 0.01 }],
    [
      'with direct current, through membranes, by plain descent',
      { encoder: 'direct', loss: 'membrane', optimiser: 'sgd' },
    ],
    ['with learned time constants and pruned weights', { learn: 'tau+threshold', prune: 0.5 }],
  ])('in parts comes to the same as the whole: %s', async (_, changes) => {
    const plan = planWith(changes);
    const program = trainingProgram(plan, BATCH);
    const random = new RandomGenerator(3, 'numbers');
    const draw = (name: string) => {
      if (name === 'input/in') return Number(random.nextUniform() < 0.3);
      return name.endsWith('weight') ? random.nextNormal() : random.nextUniform();
    };
    const inputs = Object.fromEntries(
      [...program.inputs].map(([name, { shape }]) => {
        return [name, Float32Array.from({ length: elementCount(shape) }, () => draw(name))];
      }),
    );
    inputs.targets = Float32Array.from({ length: 3 * BATCH }, (_, k) => Number(k % 3 === Math.floor(k / 3) % 3));
    const outputs = () =>
      Object.fromEntries(
        [...program.outputs].map(([name, { shape }]) => [name, new Float32Array(elementCount(shape))]),
      );

    const expected = outputs();
    await (await interpreter.compile(program)).run(inputs, expected);
    expect(expected['layer1.weight/gradient']![0]).toBeGreaterThan(0);

    const found = outputs();
    const step = await openStep(plan, BATCH, interpreter);
    expect(step.rooms).toHaveLength(2);
    const { losses, answers, ...common } = found;
    const isOfSamples = (name: string) => /^input|^targets$|dropout\.mask$/.test(name);
    const parts = step.rooms.map((_, part) => ({
      inputs: Object.fromEntries(
        Object.entries(inputs).flatMap(([name, array]) => {
          const steps = name === 'input/in' ? array.length / (BATCH * INPUTS) : 1;
          return isOfSamples(name) ? [[name, partOf(array, steps, part, 2)]] : [];
        }),
      ),
      outputs: {
        losses: losses!.subarray((part * BATCH) / 2, ((part + 1) * BATCH) / 2),
        answers: answers!.subarray((part * 3 * BATCH) / 2, ((part + 1) * 3 * BATCH) / 2),
      },
    }));
    const others: NumberArrays = Object.fromEntries(Object.entries(inputs).filter(([name]) => !isOfSamples(name)));
    await step.run(parts, { inputs: others, outputs: common });
    await step.close();
    for (const [name, values] of Object.entries(expected)) {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
      const furthest = values.reduce((most, value, k) => Math.max(most, Math.abs(value - found[name]![k]!)), 0);
      expect(furthest / largest, name).toBeLessThan(1e-6);
    }
  });

  it.each([
    ['statistics of the batch', planWith({ arch: `${INPUTS}-tdbn-${HIDDEN}-3` }), BATCH],
    ['a regulariser of the batch', planWith({ regulariser: 'rate' }), BATCH],
    ['an odd batch', planWith({}), BATCH + 1],
    ['little to do', planWith({ arch: `${INPUTS}-20-3` }), BATCH],
  ])('is done at once for %s', async (_, plan, size) => {
    const step = await openStep(plan, size, interpreter);
    expect(step.rooms).toHaveLength(1);
    await step.close();
  });
});
