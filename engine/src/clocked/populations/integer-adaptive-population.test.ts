import { type Model, type NeuronQuantization, parseModel, quantize, RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunningNetwork } from '../../engine.ts';
import { EventBuffer } from '../../event-buffer.ts';
import { integerEngine } from '../../reference/integer.ts';
import { clockedEngine } from '../engine/clocked.ts';

const [NEURONS, INPUTS, STEPS] = [20, 6, 30];

const plan = fc.record({
  seed: fc.nat(),
  reset: fc.constantFrom('value', 'subtract'),
  membraneBits: fc.constantFrom<16 | 32>(16, 32),
  /** F and E, beyond what the quantiser chooses, too. */
  fraction: fc.integer({ min: -12, max: 20 }),
  extra: fc.integer({ min: 0, max: 31 }),
  leak: fc.integer({ min: -32767, max: 32768 }),
});

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;

describe('a population in whole numbers whose thresholds adapt', () => {
  it('gives what the integer form says with any constants that a file may have', () => {
    fc.assert(
      fc.property(plan, (each) => {
        const model = modelOf(each);
        const truth = observe(integerEngine.load(model), each);
        for (const kernels of ['wasm', 'typescript'] as const) {
          expect(observe(clockedEngine.load(model, { kernels }), each)).toEqual(truth);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** One layer, with constants of the size of what arrives. */
function modelOf(each: Plan): Model {
  const random = new RandomGenerator(each.seed, 'constants');
  const float = parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      fc: {
        type: 'Linear',
        weight: Array.from({ length: NEURONS }, () => Array.from({ length: INPUTS }, () => random.nextNormal())),
      },
      cells: { type: 'ALIF', tau: 0.01, v_threshold: 1, beta: 0.5, tau_theta: 0.1 },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'fc'],
      ['fc', 'cells'],
      ['cells', 'out'],
    ],
    semantics: { dt: 0.001, reset: each.reset },
  });
  const model = quantize(float, { bits: 8, membraneBits: each.membraneBits });
  const quantization = model.quantization!;
  const cells = { ...quantization.neurons.get('cells')!, ...constantsOf(each, random) };
  return { ...model, quantization: { ...quantization, neurons: new Map([['cells', cells]]) } };
}

function constantsOf(each: Plan, random: RandomGenerator): Partial<NeuronQuantization> {
  const { fraction, extra, membraneBits, reset, leak } = each;
  const within = (limit: number) =>
    Int32Array.from({ length: NEURONS }, () => Math.round((2 * random.nextUniform() - 1) * limit));
  const held = 2 ** (membraneBits - 1) - 1;
  const arriving = Math.min(held, 127 * 2 ** fraction);
  return {
    fraction,
    decay: new Int32Array(NEURONS).fill(leak),
    bias: within(arriving / 4),
    initial: within(arriving),
    threshold: within(arriving),
    ...(reset === 'value' ? { reset: within(arriving) } : { subtract: within(arriving) }),
    adaptation: { fraction: extra, decay: within(32767), rise: within(2 ** 31 - 1), initial: within(2 ** 31 - 1) },
  };
}

/** Everything that can be seen of a net in a run. */
function observe(network: RunningNetwork, { seed }: Plan) {
  const random = new RandomGenerator(seed, 'stimulus');
  const [input, output] = [new EventBuffer(STEPS * INPUTS), new EventBuffer(STEPS * NEURONS)];
  const node = network.graph.nodes.findIndex(({ name }) => name === 'in');
  for (let step = 0; step < STEPS; step++) {
    for (let index = 0; index < INPUTS; index++) if (random.nextUniform() < 0.4) input.push(step, node, index, 1);
  }
  network.run(STEPS, input, output);
  // −0 is a real number of no integer.
  const state = ['v', 'theta', 'saturated'].map((name) =>
    [...network.readState('cells', name)].map((value) => value + 0),
  );
  return { output: output.toList(), counters: { ...network.counters }, state };
}
