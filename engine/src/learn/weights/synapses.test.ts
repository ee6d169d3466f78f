import { type ConnectionKind, kindOf, type ParameterValue, tensor } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { type Synapses, synapsesOf, type VisitSynapse } from './synapses.ts';

const numbers = (...values: number[]) => tensor(Float64Array.from(values));

function connect(type: string, parameters: Record<string, ParameterValue>, input: readonly number[]) {
  return (kindOf(type, 'test') as ConnectionKind).connect({ type, parameters }, input);
}

const cases = [
  ['Linear', connect('Linear', { weight: tensor(new Float64Array(6), [2, 3]) }, [3])],
  ['Conv2d', connect('Conv2d', { weight: tensor(new Float64Array(12), [3, 1, 2, 2]) }, [1, 4, 3])],
  ['Conv1d', connect('Conv1d', { weight: tensor(new Float64Array(18), [2, 3, 3]), padding: numbers(2) }, [3, 5])],
  [
    'Conv2d of groups, in strides, over a wide border',
    connect(
      'Conv2d',
      {
        weight: tensor(new Float64Array(4 * 2 * 3 * 2), [4, 2, 3, 2]),
        stride: numbers(2, 3),
        padding: numbers(2, 1),
        dilation: numbers(1, 2),
        groups: numbers(2),
      },
      [4, 5, 7],
    ),
  ],
  ['ConvTranspose2d', connect('ConvTranspose2d', { weight: tensor(new Float64Array(12), [3, 1, 2, 2]) }, [1, 4, 3])],
  ['Scale', connect('Scale', { scale: tensor(Float64Array.of(1, 2, 3)) }, [3])],
] as const;

describe.each(
  cases.flatMap(([type, connectivity]) => [true, false].map((listed) => [type, { listed, connectivity }] as const)),
)('synapses of %s', (_type, { listed, connectivity }) => {
  const walk = (each: (synapses: Synapses, visit: VisitSynapse) => void): number[][] => {
    const found: number[][] = [];
    each(synapsesOf(connectivity, listed), (input, output, k) => found.push([input, output, k]));
    return found;
  };
  const forth: number[][] = [];
  for (let input = 0; input < connectivity.inputs; input++) {
    connectivity.forEachSynapse(input, (output, k) => forth.push([input, output, k]));
  }

  // Weights that are rounded at random draw a number at each synapse, so that the order is a part of what is learned.
  it('are the same from either side, in the order of the other', () => {
    const forward = walk((synapses, visit) => {
      for (let input = 0; input < connectivity.inputs; input++) synapses.forEachLeaving(input, visit);
    });
    const backward = walk((synapses, visit) => {
      for (let output = 0; output < connectivity.outputs; output++) synapses.forEachEntering(output, visit);
    });
    expect(forward).toEqual(forth);
    expect(backward).toEqual(forth.toSorted(([i], [k]) => i! - k!).toSorted(([, j], [, l]) => j! - l!));
  });
});
