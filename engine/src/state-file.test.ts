import {
  anything,
  BLANK_DIGEST,
  kept,
  readSafetensors,
  real,
  SpikewireError,
  seal,
  type TensorData,
  viewsOf,
  whole,
  writeSafetensors,
} from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newCounters } from './engine.ts';
import { ForeignStateError, type NetworkState, restoreState, writeState } from './state-file.ts';

function stateOf(arrays: Record<string, TensorData>, changes: Partial<NetworkState> = {}): NetworkState {
  const model = 'ab'.repeat(32);
  return {
    engine: 'reference',
    model,
    step: 0,
    counters: newCounters(),
    state: Object.fromEntries(Object.entries(arrays).map(([name, view]) => [name, kept(view, anything)])),
    ...changes,
  };
}

const sample = () =>
  stateOf(
    { v: Float64Array.of(0.1, Number.NaN, -0), weights: Int16Array.of(-32768, 7), random: Uint32Array.of(2 ** 32 - 1) },
    { step: 2 ** 52, counters: { ...newCounters(), spikes: 12, forgotten: 3 } },
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

const copyOf = ({ state, ...rest }: NetworkState) => structuredClone({ ...rest, state: viewsOf(state) });

function errorOf(action: () => unknown): SpikewireError {
  try {
    action();
  } catch (error) {
    return error as SpikewireError;
  }
  throw new Error('accepts it');
}

describe('state file', () => {
  it('is refused with a step after which none comes', () => {
    const written = writeState({ ...sample(), step: 2 ** 53 });
    const error = errorOf(() => restoreState(written, blank()));
    expect([error.code, error.message]).toEqual([
      'store',
      expect.stringMatching(/^state: has step "9007199254740992"/),
    ]);
  });

  it('gives back every array, counter and the step, to the last bit', () => {
    const running = blank();
    expect(restoreState(writeState(sample()), running)).toBe(2 ** 52);
    expect(viewsOf(running.state)).toEqual(viewsOf(sample().state));
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
        expect(copyOf(running)).toEqual(copyOf(blank()));
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, Partial<NetworkState>, RegExp]>([
    ['another engine', { engine: 'clocked' }, /belongs to engine "reference"; expected "clocked"/],
    ['another model', { model: 'cd'.repeat(32) }, /belongs to model abab/],
    ['a net with other arrays', { state: { v: blank().state.v! } }, /"random": is not part of this net/],
    [
      'a net of another size',
      { state: { ...blank().state, v: kept(new Float64Array(4), anything) } },
      /"v": is Float64Array\[3\]; expected Float64Array\[4\]/,
    ],
    [
      'a net with one array more',
      { state: { ...blank().state, u: kept(new Float64Array(1), anything) } },
      /"u": is missing/,
    ],
  ])('refuses the state of %s and touches nothing', (_case, changes, message) => {
    const running = { ...blank(), ...changes };
    const before = copyOf(running);
    expect(() => restoreState(writeState(sample()), running)).toThrow(message);
    expect(copyOf(running)).toEqual(before);
  });

  it('takes what was learned alone where a number of the activity cannot be, and says which', () => {
    const state = { v: kept(new Float64Array(2), real()), at: kept(new Int32Array(1), whole(0, 2)) };
    const running = stateOf({}, { state });
    for (const [name, hostile] of [
      ['v', Float64Array.of(0, Number.NaN)],
      ['at', Int32Array.of(3)],
    ] as const) {
      const bytes = writeState({ ...running, state: { ...state, [name]: kept(hostile, anything) } });
      const refusal = errorOf(() => restoreState(bytes, running));
      expect(refusal).toBeInstanceOf(ForeignStateError);
      expect(refusal.message).toContain(`state "${name}": has ${hostile.at(-1)} at ${hostile.length - 1}; expected`);
    }
    expect(viewsOf(state)).toEqual({ v: new Float64Array(2), at: new Int32Array(1) });
  });

  it.each([-1, 0.5, 1e300, '1'])('refuses a count of %s', (count) => {
    const counters = { ...newCounters(), spikes: count as number };
    const { tensors, metadata } = readSafetensors(writeState(sample()), { allowNonFinite: true });
    const bytes = writeSafetensors(tensors, { ...metadata, counters: JSON.stringify(counters), digest: BLANK_DIGEST });
    seal(bytes);
    expect(codeOf(() => restoreState(bytes, blank()))).toBe('store');
  });

  it('begins to count where an earlier build did not', () => {
    const running = blank();
    const state = { ...running.state, 'node3.dropped': kept(Float64Array.of(7), whole()) };
    restoreState(writeState(sample()), { ...running, state });
    expect(viewsOf(state)).toEqual({ ...viewsOf(sample().state), 'node3.dropped': Float64Array.of(0) });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('is not written with a learned weight of %d', (weight) => {
    const learned = new Map([['fc', { weights: Float32Array.of(1, weight) }]]);
    const learning = { save: () => learned, expectFit: () => {}, takeOver: () => {} };
    const refused = errorOf(() => writeState({ ...sample(), learning }));
    expect(refused.code).toBe('store');
    expect(refused.message).toBe(`state "learned/fc": has ${weight} at 1; expected a finite number`);
  });

  it.each(['learned/fc', 'steps/fc', 'memory/0.trace/fc'])(
    'is not written with %s as an array of the engine',
    (name) => {
      const error = errorOf(() => writeState(stateOf({ [name]: Float64Array.of(1) })));
      expect([error.code, error.message]).toEqual([
        'store',
        `state "${name}": has a name of what was learned; expected another name`,
      ]);
    },
  );

  it('leaves the bytes it reads as they are', () => {
    const bytes = Buffer.from(writeState(sample()));
    const before = Buffer.from(bytes);
    restoreState(bytes, blank());
    expect(bytes.equals(before)).toBe(true);
  });
});
