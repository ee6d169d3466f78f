import { type ConnectionKind, kindOf, type ParameterValue, tensor } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { type Synapses, synapsesOf, type VisitSynapse } from './synapses.ts';

function connect(type: string, parameters: Record<string, ParameterValue>, input: readonly number[]) {
  return (kindOf(type, 'test') as ConnectionKind).connect({ type, parameters }, input);
}

const cases = [
  ['Linear', connect('Linear', { weight: tensor(new Float64Array(6), [2, 3]) }, [3])],
  ['Conv2d', connect('Conv2d', { weight: tensor(new Float64Array(12), [3, 1, 2, 2]) }, [1, 4, 3])],
  ['Scale', connect('Scale', { scale: tensor(Float64Array.of(1, 2, 3)) }, [3])],
] as const;

describe.each(cases)('synapses of %s', (_type, connectivity) => {
  const walk = (each: (synapses: Synapses, visit: VisitSynapse) => void): string[] => {
    const found: string[] = [];
    each(synapsesOf(connectivity), (input, output, k) => found.push(`${input},${output},${k}`));
    return found;
  };
  const expected: string[] = [];
  for (let input = 0; input < connectivity.inputs; input++) {
    connectivity.forEachSynapse(input, (output, k) => expected.push(`${input},${output},${k}`));
  }

  it('are the same from either side', () => {
    const forward = walk((synapses, visit) => {
      for (let input = 0; input < connectivity.inputs; input++) synapses.forEachLeaving(input, visit);
    });
    const backward = walk((synapses, visit) => {
      for (let output = 0; output < connectivity.outputs; output++) synapses.forEachEntering(output, visit);
    });
    expect(forward).toEqual(expected);
    expect(backward.sort()).toEqual(expected.sort());
  });
});
