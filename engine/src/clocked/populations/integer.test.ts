import { parseModel, SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../../test/chain.ts';
import type { RunningNetwork } from '../../engine.ts';
import { EventBuffer } from '../../event-buffer.ts';
import { integerEngine } from '../../reference/integer.ts';
import { clockedEngine } from '../engine/clocked.ts';

const STEPS = 12;
const INPUTS = 4;

/** The same number for all neurons, often one at an end, or one for each. */
const numbers = (min: number, max: number) => {
  const one = fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max, Math.max(min, 0)));
  return fc.oneof(
    one.map((value) => [value]),
    fc.array(one, { minLength: 2, maxLength: 7 }),
  );
};

/** `usual`: a population that leaks, takes its input, fires and is reset, far from the ends of its format. */
const population = (bits: 16 | 32, usual: boolean) => {
  const [lowest, highest] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  const some = <T>(as: fc.Arbitrary<T>, or: fc.Arbitrary<T>) => (usual ? as : fc.oneof(as, or));
  const factor = some(numbers(0, 2 ** 15 - 1), numbers(1 - 2 ** 15, 2 ** 15));
  const membrane = some(numbers(-1000, 1000), numbers(lowest, highest));
  const bias = some(fc.oneof(numbers(0, 0), numbers(-300, 300)), numbers(-(2 ** 31), 2 ** 31 - 1));
  const current = fc.record({ decay: factor, gain: factor, bias, initial: membrane });
  return fc.record({
    ...{ bits: fc.constant(bits), fraction: fc.integer({ min: -31, max: 31 }) },
    ...{ decay: factor, bias, initial: membrane, reset: membrane },
    threshold: some(numbers(0, 5000), membrane),
    subtract: some(numbers(1, 3000), numbers(1, highest)),
    minimum: some(fc.constant(null), membrane),
    ceiling: some(fc.constant(null), membrane),
    current: some(fc.constant(null), current),
    fires: fc.constantFrom('value', 'subtract', ...(usual ? [] : ['many', 'not'])),
    handOn: fc.integer({ min: 1, max: 31 }),
    rests: some(fc.constant(0), fc.constant(2)),
    size: fc.integer({ min: 1, max: 40 }),
    shift: some(fc.constant(0), fc.constantFrom(4, 12, 24)),
    weights: fc.oneof(numbers(-2, 2), numbers(-127, 127)),
    maximum: fc.constantFrom(1, 127),
    events: fc.array(fc.tuple(fc.nat(STEPS - 1), fc.nat(INPUTS - 1), fc.integer({ min: -127, max: 127 })), {
      maxLength: 60,
    }),
  });
};

type Drawn = ReturnType<typeof population> extends fc.Arbitrary<infer Value> ? Value : never;

/** A layer with these constants: a real graph of any numbers that has the same parts. */
function modelOf(drawn: Drawn) {
  const { size, bits, fraction, current, minimum, ceiling, fires, maximum, shift } = drawn;
  const isRectifier = fires === 'not' && current === null && minimum !== null;
  const each = (values: readonly number[]) => Array.from({ length: size }, (_, i) => values[i % values.length]!);
  const weight = Array.from({ length: size }, (_, i) =>
    Array.from({ length: INPUTS }, (_, k) => drawn.weights[(i * INPUTS + k) % drawn.weights.length]!),
  );
  const firing = {
    ...{ v_threshold: 1, tau_ref: 0.001 * drawn.rests, ...(minimum !== null && { v_min: -1 }) },
    semantics: {
      reset: fires === 'value' ? 'value' : 'subtract',
      spikesPerStep: fires === 'many' ? 'many' : 'one',
    },
  };
  const time = current === null ? { tau: 0.01 } : { tau_mem: 0.01, tau_syn: 0.01 };
  const kinds = current === null ? ['LIF', 'LI'] : ['CubaLIF', 'CubaLI'];
  const constants = {
    ...{ membraneBits: bits, fraction, scale: each([1]) },
    ...{ decay: each(drawn.decay), bias: each(drawn.bias), initial: each(drawn.initial) },
    ...(fires === 'not' && { handOn: drawn.handOn }),
    ...(fires !== 'not' && { threshold: each(drawn.threshold) }),
    ...((fires !== 'not' || isRectifier) && minimum !== null && { minimum: each(minimum) }),
    ...(isRectifier && ceiling !== null && { maximum: each(ceiling) }),
    ...(fires === 'value' && { reset: each(drawn.reset) }),
    ...((fires === 'subtract' || fires === 'many') && { subtract: each(drawn.subtract) }),
    ...(current && {
      current: {
        ...{ decay: each(current.decay), gain: each(current.gain) },
        ...{ bias: each(current.bias), initial: each(current.initial) },
      },
    }),
  };
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      fc: { type: 'Linear', weight },
      cells: isRectifier
        ? { type: 'ReLU', ...(ceiling !== null && { ceiling: 1 }) }
        : { type: kinds[fires === 'not' ? 1 : 0], ...time, ...(fires !== 'not' && firing) },
      out: { type: 'Output' },
    },
    edges: chain('in', 'fc', 'cells', 'out'),
    semantics: { dt: 0.001 },
    quantization: {
      bits: 8,
      inputs: { in: { scale: 1, maximum } },
      connections: { fc: { shift } },
      neurons: { cells: constants },
    },
  });
}

/** Everything that can be seen of the net after a window. */
function played(network: RunningNetwork, { events, size, current }: Drawn) {
  const node = network.graph.nodes.findIndex(({ kind }) => kind.role === 'input');
  const input = new EventBuffer(events.length);
  for (const [step, index, value] of [...events].sort((a, b) => a[0] - b[0])) input.push(step, node, index, value);
  const output = new EventBuffer(STEPS * size);
  network.run(STEPS, input, output);
  return {
    events: output.toList(),
    states: ['v', 'saturated', ...(current === null ? [] : ['i'])].map((name) => network.readState('cells', name)),
    counters: network.counters,
  };
}

/** Undefined where sums may leave 32 bits. */
function loadedOrRefused(load: () => RunningNetwork): RunningNetwork | undefined {
  try {
    return load();
  } catch (error) {
    if (error instanceof SpikewireError && error.code === 'unsupported') return undefined;
    throw error;
  }
}

describe('a population in whole numbers is the text of the integer form', () => {
  const expectEqual = (drawn: Drawn) => {
    const model = modelOf(drawn);
    const reference = loadedOrRefused(() => integerEngine.load(model));
    fc.pre(reference !== undefined);
    const truth = played(reference!, drawn);
    for (const kernels of ['wasm', 'typescript'] as const) {
      expect(played(clockedEngine.load(model, { kernels }), drawn), kernels).toEqual(truth);
    }
  };

  it.each([16, 32] as const)('of %i bits, in the usual way, with any F', (bits) => {
    fc.assert(fc.property(population(bits, true), expectEqual), { numRuns: 150 });
  });

  it.each([16, 32] as const)('of %i bits, with any constants that a file may have', (bits) => {
    fc.assert(fc.property(population(bits, false), expectEqual), { numRuns: 150 });
  });
});
