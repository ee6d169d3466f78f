import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../graph/graph.ts';
import { checkParameters } from '../graph/parameter.ts';
import { elementCount, scalar, tensor } from '../tensor.ts';
import { concat } from './concat.ts';
import type { ConnectionKind } from './connection-kind.ts';
import { globalAvgPool1d, globalAvgPool2d } from './global-pooling.ts';
import { upsample1d, upsample2d } from './upsampling.ts';

const node = (type: string, parameters: Record<string, number[] | number>): GraphNode => ({
  type,
  parameters: Object.fromEntries(
    Object.entries(parameters).map(([key, value]) => [
      key,
      typeof value === 'number' ? scalar(value) : tensor(Float64Array.from(value)),
    ]),
  ),
});

/** For each output the inputs that reach it. */
function reached(kind: ConnectionKind, of: GraphNode, input: readonly number[]): number[][] {
  const connectivity = kind.connect(of, input);
  const sources: number[][] = Array.from({ length: connectivity.outputs }, () => []);
  for (let i = 0; i < connectivity.inputs; i++) connectivity.forEachSynapse(i, (output) => sources[output]!.push(i));
  expect(connectivity.inputs).toBe(elementCount(input));
  expect(connectivity.outputs).toBe(elementCount(kind.outputShape(of, input)));
  if (kind.synapseCount !== undefined) expect(kind.synapseCount(of, input)).toBe(sources.flat().length);
  return sources;
}

describe('elements at other places', () => {
  it('are channels of a whole', () => {
    const of = node('Concat', { channels: 4, start: 1 });
    expect(concat.outputShape(of, [2, 3])).toEqual([4, 3]);
    const nothing = [[], [], []];
    expect(reached(concat, of, [2, 3])).toEqual([...nothing, [0], [1], [2], [3], [4], [5], ...nothing]);
    expect(reached(concat, node('Concat', { channels: 2 }), [2])).toEqual([[0], [1]]);
  });

  it.each([
    [{ channels: 2, start: 1 }, [2, 3], /^Concat: puts 2 channels at 1; expected channels that end within 2$/],
    [{ channels: 2 }, [], /^Concat: puts 0 channels at 0/],
  ])('are refused where %j has no room for %j', (parameters, input, line) => {
    expect(() => concat.outputShape(node('Concat', parameters), input)).toThrow(line);
  });

  it('are of one whole', () => {
    const three = node('Concat', { channels: [3, 4, 5] });
    expect(() => checkParameters('n', three, concat.parameters)).toThrow(
      /^node "n" \(Concat\)\.channels: has 3 numbers; expected one$/,
    );
  });

  it('are blocks of one another', () => {
    const of = node('Upsample2d', { scale_factor: [1, 2] });
    expect(upsample2d.outputShape(of, [2, 1, 2])).toEqual([2, 1, 4]);
    expect(reached(upsample2d, of, [2, 1, 2]).flat()).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    const high = node('Upsample2d', { scale_factor: [2, 1] });
    expect(reached(upsample2d, high, [1, 2, 2]).flat()).toEqual([0, 1, 0, 1, 2, 3, 2, 3]);
    expect(reached(upsample1d, node('Upsample1d', { scale_factor: 2 }), [2, 2]).flat()).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3,
    ]);
    expect(() => upsample2d.outputShape(of, [4])).toThrow(/^Upsample2d: gets shape \[4\]; expected \[channels, height/);
    const three = node('Upsample1d', { scale_factor: [1, 2] });
    expect(() => upsample1d.outputShape(three, [1, 2])).toThrow(
      /^Upsample1d\.scale_factor: has 2 numbers; expected one/,
    );
  });
});

describe('global pooling', () => {
  it('has one window, which is all of a channel', () => {
    const of = node('GlobalAvgPool2d', {});
    expect(globalAvgPool2d.outputShape(of, [2, 1, 3])).toEqual([2, 1, 1]);
    expect(reached(globalAvgPool2d, of, [2, 1, 3])).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(globalAvgPool2d.connect(of, [2, 1, 3]).gain).toBeCloseTo(1 / 3, 15);
    expect(reached(globalAvgPool1d, node('GlobalAvgPool1d', {}), [1, 3])).toEqual([[0, 1, 2]]);
    expect(() => globalAvgPool2d.outputShape(of, [3])).toThrow(/^GlobalAvgPool2d: gets shape \[3\]/);
  });
});
