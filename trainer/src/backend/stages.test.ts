import { elementCount, RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { gradientsOf } from '../graph/gradients.ts';
import { interpret } from '../graph/interpret.ts';
import { add, filled, scale } from '../graph/operations/elementwise.ts';
import { affine } from '../graph/operations/linear.ts';
import type { Application } from '../graph/operations/operation.ts';
import { reshape } from '../graph/operations/reshape.ts';
import { spike } from '../graph/operations/spike.ts';
import { stored } from '../graph/operations/stored.ts';
import { sumTo } from '../graph/operations/sums.ts';
import { joinOverTime, splitOverTime } from '../graph/operations/time.ts';
import { given } from '../graph/operations/value.ts';
import { type Program, programOf } from '../graph/program.ts';
import { prepared } from '../kinds/kind.ts';
import { surrogates } from '../surrogates/surrogates.ts';
import { stagesOf } from './stages.ts';

const everySparseProduct = (application: Application) =>
  application.operation.sparseProduct?.(application) !== undefined;

describe('a program in stages', () => {
  it('computes what it computes in one piece', () => {
    const program = twoLayers();
    const arrays = arraysFor(program);
    const { stages, nameOf, copies } = stagesOf(program, everySparseProduct);
    const known = new Map<string, ArrayLike<number>>(arrays);
    const compute = (part: Program) => {
      const own = [...part.inputs.keys()].map((name) => [name, known.get(name)!] as const);
      for (const [name, values] of interpret(part, new Map(own))) known.set(name, values);
    };
    for (const { program: part, products } of stages) {
      compute(part);
      for (const product of products) {
        compute(product.program);
        expect(known.has(nameOf(product.operands.matrix))).toBe(true);
      }
    }
    for (const [output, from] of copies) known.set(output, known.get(from)!);
    for (const [name, values] of interpret(program, arrays))
      expect(Array.from(known.get(name)!), name).toEqual([...values]);
  });

  it('has its products with spikes apart, and hands on as little as there is', () => {
    const { stages } = stagesOf(twoLayers(), everySparseProduct);
    const products = stages.map((stage) => stage.products.map(({ operands }) => operands.kind));
    expect(products).toEqual([['multiply'], ['multiply'], ['gather', 'gather'], []]);
    // Of the first layer nothing can be computed before its product; a constant is made where it can be.
    expect([...stages[0]!.program.outputs.keys()]).toEqual(['constant']);
    // The update needs the gradients and what the program is given.
    expect([...stages[3]!.program.inputs.keys()].filter((name) => name.startsWith('between/'))).toHaveLength(2);
  });

  it('is one stage where nothing is apart', () => {
    const program = twoLayers();
    const { stages, copies } = stagesOf(program, () => false);
    expect(stages).toHaveLength(1);
    expect(stages[0]!.program.applications).toEqual(program.applications);
    expect(copies.map(([name]) => name)).toEqual(['same', 'unchanged']);
  });
});

/** Two layers over three steps, learned by plain descent; outputs that are another output, an input and a constant. */
function twoLayers(): Program {
  const x = given('x', [6, 1, 4], true);
  const [first, second] = [given('first', [5, 4]), given('second', [3, 5])];
  const bias = given('bias', [3]);
  const surrogate = prepared('surrogate', surrogates, 'arctan');
  const fired = (currents: ReturnType<typeof given>) =>
    joinOverTime(
      splitOverTime(currents, 3).map((part) => spike(part, filled([], 0.5), { comparison: 'gt', surrogate })),
    );
  const hidden = fired(affine(reshape(x, [6, 4]), first));
  const shifted = add(affine(hidden, second, bias), stored([0.1, 0.2, 0.3], [3]));
  const loss = sumTo(fired(shifted), []);
  const parameters = [first, second, bias];
  const gradients = gradientsOf(loss, filled([], 1), parameters);
  const next = parameters.map((parameter, k) => add(scale(parameter, 0.9), scale(gradients[k]!, -0.1)));
  return programOf({
    ...{ loss, same: loss, unchanged: bias, constant: filled([2], 7) },
    ...{ nextFirst: next[0]!, nextSecond: next[1]!, nextBias: next[2]! },
  });
}

function arraysFor({ inputs }: Program): Map<string, Float32Array> {
  const random = new RandomGenerator(1, 'arrays');
  return new Map(
    [...inputs].map(([name, { shape }]) => {
      const numbers = Float32Array.from({ length: elementCount(shape) }, () => 2 * random.nextUniform() - 0.5);
      return [name, name === 'x' ? numbers.map((value) => Number(value > 0.8)) : numbers] as const;
    }),
  );
}
