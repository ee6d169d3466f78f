import { describe, expect, it } from 'vitest';
import { scalar, tensor } from '../tensor.ts';
import { allButOne } from './all-but-one.ts';
import type { Connectivity } from './connectivity.ts';
import { sparse } from './sparse.ts';

function nodeOf(weight: readonly number[], target: readonly number[], offset: readonly number[], outputs: number) {
  const numbers = (values: readonly number[]) => tensor(Float64Array.from(values));
  const parameters = { target: numbers(target), offset: numbers(offset), outputs: scalar(outputs) };
  return {
    type: 'Sparse',
    parameters: { ...parameters, weight: weight.length === 1 ? scalar(weight[0]!) : numbers(weight) },
  };
}

/** [input, output, weight] of every synapse. */
function synapsesOf({ inputs, forEachSynapse, weights }: Connectivity): number[][] {
  const all: number[][] = [];
  for (let input = 0; input < inputs; input++) {
    forEachSynapse(input, (output, weight) => all.push([input, output, weights![weight]!]));
  }
  return all;
}

describe('Sparse', () => {
  it('reaches from each input the targets of its row', () => {
    const node = nodeOf([0.5, -1, 2], [1, 3, 0], [0, 2, 2, 3], 4);
    expect([sparse.inputShape(node), sparse.outputShape(node, [3])]).toEqual([[3], [4]]);
    expect(synapsesOf(sparse.connect(node, [3]))).toEqual([
      [0, 1, 0.5],
      [0, 3, -1],
      [2, 0, 2],
    ]);
  });

  it('takes one weight for all synapses, each of which then has it for itself', () => {
    const connectivity = sparse.connect(nodeOf([0.25], [0, 1, 1], [0, 2, 3], 2), [2]);
    expect(Array.from(connectivity.weights!)).toEqual([0.25, 0.25, 0.25]);
  });

  it.each<[string, number[], number[], number[], number, RegExp]>([
    [
      'a last offset that is not the number of synapses',
      [1],
      [0, 1],
      [0, 1],
      2,
      /Sparse.offset: has 2 values from 0 to 1/,
    ],
    [
      'a first offset that is not 0',
      [1],
      [0, 1],
      [1, 2],
      2,
      /Sparse.offset: has 2 values from 1 to 2; expected .* from 0 to 2/,
    ],
    ['offsets that fall', [1], [0, 1], [0, 2, 1, 2], 2, /Sparse.offset\[2\]: is 1; expected at least 2/],
    ['a target that is not an output', [1], [0, 2], [0, 2], 2, /Sparse.target\[1\]: is 2; expected an output, 0 to 1/],
    ['targets out of order', [1], [1, 0], [0, 2], 2, /Sparse.target\[1\]: is 0 behind 1 of the same input/],
    ['a target twice', [1], [1, 1], [0, 2], 2, /Sparse.target\[1\]: is 1 behind 1/],
    [
      'weights that are not one per synapse',
      [1, 2, 3],
      [0, 1],
      [0, 2],
      2,
      /Sparse.weight: has 3 values; expected 1 or 2/,
    ],
  ])('refuses %s', (_case, weight, target, offset, outputs, message) => {
    expect(() => sparse.outputShape(nodeOf(weight, target, offset, outputs), [offset.length - 1])).toThrow(message);
  });
});

describe('AllButOne', () => {
  it('has all pairs but those of equal index, with the weight of the output', () => {
    const node = { type: 'AllButOne', parameters: { weight: tensor(Float64Array.of(1, 2, 3)) } };
    expect(synapsesOf(allButOne.connect(node, [3]))).toEqual([
      [0, 1, 2],
      [0, 2, 3],
      [1, 0, 1],
      [1, 2, 3],
      [2, 0, 1],
      [2, 1, 2],
    ]);
    expect(allButOne.synapseCount!(node, [3])).toBe(6);
  });
});
