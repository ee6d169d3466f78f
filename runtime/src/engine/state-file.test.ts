import { readSafetensors, SpikewireError, type TensorData } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newCounters } from './counters.ts';
import { type NetworkState, restoreState, writeState } from './state-file.ts';

function stateOf(arrays: Record<string, TensorData>, changes: Partial<NetworkState> = {}): NetworkState {
  const model = 'ab'.repeat(32);
  return {
    engine: 'reference',
    model,
    step: 0,
    counters: newCounters(),
    arrays: new Map(Object.entries(arrays)),
    ...changes,
  };
}

const sample = () =>
  stateOf(
    { v: Float64Array.of(0.1, Number.NaN, -0), weights: Int16Array.of(-32768, 7), random: Uint32Array.of(2 ** 32 - 1) },
    { step: 2 ** 53 - 1, counters: { ...newCounters(), spikes: 12, forgotten: 3 } },
  );

const blank = () => stateOf({ v: new Float64Array(3), weights: new Int16Array(2), random: new Uint32Array(1) });

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof SpikewireError ? error.code : 'untyped';
  }
  return 'none';
}

describe('state file', () => {
  it('gives back every array, counter and the step, to the last bit', () => {
    const running = blank();
    expect(restoreState(writeState(sample()), running)).toBe(2 ** 53 - 1);
    expect(running.arrays).toEqual(sample().arrays);
    expect(running.counters).toEqual(sample().counters);
  });

  it('loads again with counts beyond what numbers hold exactly, as the last that they do', () => {
    for (const spikes of [2 ** 60, 1e300, Number.POSITIVE_INFINITY, Number.NaN]) {
      const running = blank();
      restoreState(writeState({ ...sample(), counters: { ...newCounters(), spikes, taught: 5 } }), running);
      expect(running.counters).toMatchObject({ spikes: Number.MAX_SAFE_INTEGER, taught: 5 });
    }
  });

  it('is a safetensors file that says what it is', () => {
    const { metadata, tensors } = readSafetensors(writeState(stateOf({ v: Float64Array.of(1) })));
    expect(metadata).toMatchObject({ format: 'spikewire-state', version: '2', engine: 'reference', step: '0' });
    expect([...tensors.keys()]).toEqual(['v']);
  });

  it('finds any flipped bit and any cut, and touches nothing', () => {
    const bytes = writeState(sample());
    const damage = fc.oneof(
      fc.record({ offset: fc.nat(bytes.length - 1), bit: fc.nat(7) }).map(({ offset, bit }) => {
        const damaged = bytes.slice();
        damaged[offset]! ^= 1 << bit;
        return damaged;
      }),
      fc.nat(bytes.length - 1).map((length) => bytes.slice(0, length)),
      fc.uint8Array({ maxLength: 64 }),
    );
    fc.assert(
      fc.property(damage, (damaged) => {
        const running = blank();
        expect(codeOf(() => restoreState(damaged, running))).toBe('store');
        expect(running).toEqual(blank());
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, Partial<NetworkState>, RegExp]>([
    ['another engine', { engine: 'clocked' }, /belongs to engine "reference"; expected "clocked"/],
    ['another model', { model: 'cd'.repeat(32) }, /belongs to model abab/],
    ['a net with other arrays', { arrays: new Map([['v', new Float64Array(3)]]) }, /"random": is not part of this net/],
    [
      'a net of another size',
      { arrays: new Map<string, TensorData>([...blank().arrays, ['v', new Float64Array(4)]]) },
      /"v": is Float64Array\[3\]; expected Float64Array\[4\]/,
    ],
    [
      'a net with one array more',
      { arrays: new Map([...blank().arrays, ['u', new Float64Array(1)]]) },
      /"u": is missing/,
    ],
  ])('refuses the state of %s and touches nothing', (_case, changes, message) => {
    const running = { ...blank(), ...changes };
    const before = structuredClone(running);
    expect(() => restoreState(writeState(sample()), running)).toThrow(message);
    expect(running).toEqual(before);
  });

  it('begins to count where an earlier build did not', () => {
    const running = blank();
    const arrays = new Map<string, TensorData>([...running.arrays, ['node3.dropped', Float64Array.of(7)]]);
    restoreState(writeState(sample()), { ...running, arrays });
    expect(arrays).toEqual(new Map([...sample().arrays, ['node3.dropped', Float64Array.of(0)]]));
  });

  it('leaves the bytes it reads as they are', () => {
    const bytes = Buffer.from(writeState(sample()));
    const before = Buffer.from(bytes);
    restoreState(bytes, blank());
    expect(bytes.equals(before)).toBe(true);
  });
});
