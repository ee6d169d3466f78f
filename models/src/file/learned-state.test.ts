import { describe, expect, it } from 'vitest';
import { type Tensor, tensor } from '../tensor.ts';
import { learnedIn } from './learned-state.ts';

const LARGEST = new Float32Array(Uint32Array.of(0x7f7fffff).buffer)[0]!;

const tensorsOf = (data: Record<string, Tensor['data']>) => ({
  tensors: new Map(Object.entries(data).map(([name, numbers]) => [name, tensor(numbers)])),
});

describe('weights of a state', () => {
  it('are numbers', () => {
    const weights = Float64Array.of(LARGEST, -LARGEST, 1e-300);
    expect(learnedIn(tensorsOf({ 'learned/fc': weights })).get('fc')!.weights).toEqual(weights);
    for (const weight of [Number.POSITIVE_INFINITY, Number.NaN]) {
      const read = () => learnedIn(tensorsOf({ 'learned/fc': Float64Array.of(1, weight) }));
      expect(read).toThrow(`state "learned/fc": has ${weight} at 1`);
    }
  });

  it('are within float32 where they are whole numbers of steps', () => {
    const wholeOf = (stepsPerUnit: number) =>
      learnedIn(tensorsOf({ 'learned/fc': Int8Array.of(0, -127), 'steps/fc': Float64Array.of(stepsPerUnit) }));
    expect(wholeOf(1e-30).size).toBe(1);
    for (const steps of [1e-37, 1e-300, 5e-324]) expect(() => wholeOf(steps)).toThrow('state "steps/fc"');
  });
});
