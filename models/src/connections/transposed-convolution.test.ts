import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../graph/graph.ts';
import { elementCount, tensor } from '../tensor.ts';
import { convTranspose1d, convTranspose2d } from './transposed-convolution.ts';

function node(shape: readonly number[], parameters: Readonly<Record<string, readonly number[]>> = {}): GraphNode {
  const given = Object.entries(parameters).map(([key, values]) => [key, tensor(Float64Array.from(values))]);
  const weight = tensor(
    Float64Array.from({ length: elementCount(shape) }, (_, k) => k),
    shape,
  );
  return { type: `ConvTranspose${shape.length - 2}d`, parameters: { weight, ...Object.fromEntries(given) } };
}

/** Of each input the outputs that it reaches, and by which weights. */
function synapses(of: GraphNode, input: readonly number[]): [number, number][][] {
  const kind = input.length === 2 ? convTranspose1d : convTranspose2d;
  const { inputs, forEachSynapse } = kind.connect(of, input);
  return Array.from({ length: inputs }, (_, index) => {
    const found: [number, number][] = [];
    forEachSynapse(index, (output, weight) => found.push([output, weight]));
    return found.sort(([a], [b]) => a - b);
  });
}

describe('transposed convolutions', () => {
  it('bring the taps of each element to places a stride apart', () => {
    const of = node([1, 1, 3], { stride: [2] });
    expect(convTranspose1d.outputShape(of, [1, 2])).toEqual([1, 5]);
    const [first, second] = synapses(of, [1, 2]);
    expect(first).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect(second).toEqual([
      [2, 0],
      [3, 1],
      [4, 2],
    ]);
  });

  it('lose padding at both ends and gain some at the last', () => {
    const of = node([1, 1, 3], { stride: [2], padding: [1], output_padding: [1] });
    expect(convTranspose1d.outputShape(of, [1, 2])).toEqual([1, 4]);
    const [first, second] = synapses(of, [1, 2]);
    expect(first).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(second).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
  });

  it('have weights by output, each of its group', () => {
    const of = node([4, 2, 1, 2], { groups: [2], stride: [1, 2] });
    expect(convTranspose2d.outputShape(of, [4, 1, 1])).toEqual([4, 1, 2]);
    const third = synapses(of, [4, 1, 1])[2];
    expect(third).toEqual([
      [4, 8],
      [5, 9],
      [6, 12],
      [7, 13],
    ]);
  });

  it.each<[GraphNode, number[], RegExp]>([
    [node([1, 1, 2], { padding: [2] }), [1, 2], /^ConvTranspose1d: makes 2 to -1; expected less padding$/],
    [node([1, 2, 2]), [1, 2], /^ConvTranspose1d: gets 1 channels; expected 2 \(weight × groups\)$/],
    [node([3, 1, 2], { groups: [2] }), [2, 2], /^ConvTranspose1d: gets 2 channels/],
    [node([1, 1, 2], { stride: [1, 2] }), [1, 2], /^ConvTranspose1d\.stride: has 2 numbers; expected one$/],
    [node([1, 1, 2]), [1, 2, 2], /^ConvTranspose1d: gets shape \[1, 2, 2\]/],
    [node([1, 1, 2], { bias: [1, 2] }), [1, 2], /^ConvTranspose1d: has a bias of 2 values; expected 1$/],
  ])('%# refuse what does not fit', (of, input, line) => {
    expect(() => convTranspose1d.outputShape(of, input)).toThrow(line);
  });
});
