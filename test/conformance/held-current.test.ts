import { type Model, parseModel, quantize, RandomGenerator, resolveGraph } from '@spikewire/models';
import fc from 'fast-check';
import { engineNamed } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { play, type Stimulus } from './play.ts';

const [INPUTS, HIDDEN, OUTPUTS, STEPS] = [12, 20, 3, 24];
/** Values are multiples of this. */
const GRID = 1 / 64;

// A current that stays for some steps lets the clocked engine keep what it summed up: nobody may be able to tell.
const stays = fc.record({
  seed: fc.nat(),
  /** How many steps a current stays, one after the other. */
  lengths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 }),
  /** Whether from one to the next the last value changes, a single one, or all. */
  changes: fc.constantFrom('last', 'single', 'all'),
  /** Whether the population gets something else, too; whether someone looks back at the input; a bias. */
  ...{ recurrent: fc.boolean(), late: fc.boolean(), bias: fc.boolean() },
  /** Whether the weights change meanwhile. */
  learned: fc.boolean(),
  /** Steps of a window. */
  window: fc.integer({ min: 1, max: STEPS }),
});

type Stays = typeof stays extends fc.Arbitrary<infer Value> ? Value : never;

describe('a current that stays', () => {
  it('gives in whole numbers what the integer reference gives', () => {
    fc.assert(
      fc.property(stays, fc.constantFrom<16 | 32>(16, 32), (each, membraneBits) => {
        const model = modelOf(each);
        const inputs = resolveGraph(model.graph, model.semantics).nodes.filter(({ kind }) => kind.role === 'input');
        // A range that some values leave, so that they are cut in every step anew.
        const calibration = { inputs: new Map(inputs.map(({ name }) => [name, 1.5] as const)) };
        const integerModel = quantize(model, { bits: 8, membraneBits, calibration });
        const truth = observe('integer', integerModel, each);
        for (const kernels of ['wasm', 'typescript'] as const) {
          expect(observe('clocked', integerModel, each, kernels)).toEqual(truth);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('gives in float32 bit for bit what the same steps give one by one, in windows of their own', () => {
    fc.assert(
      fc.property(stays, (each) => {
        const model = modelOf(each);
        const truth = observe('clocked', model, { ...each, window: 1 }, 'typescript');
        for (const kernels of ['wasm', 'typescript'] as const) {
          expect(observe('clocked', model, each, kernels)).toEqual(truth);
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** All events, membranes and counters of a run in windows; a new window keeps nothing of the one before. */
function observe(engine: string, model: Model, each: Stays, kernels?: 'wasm' | 'typescript') {
  const network = engineNamed(engine).load(model, kernels === undefined ? {} : { kernels });
  const stimulus = stimulusOf(each);
  const events = [];
  for (let from = 0; from < STEPS; from += each.window) {
    const played = play(network, Math.min(each.window, STEPS - from), stimulus, from);
    events.push(...Object.entries(played).flatMap(([name, list]) => list.map((event) => [name, ...event].join())));
  }
  const membranes = ['hidden', 'classes'].map((name) => Array.from(network.readState(name, 'v')));
  return { events: events.toSorted(), membranes, counters: { ...network.counters } };
}

function stimulusOf({ seed, lengths, changes }: Stays): Stimulus {
  const random = new RandomGenerator(seed, 'stimulus');
  const value = () => (random.nextInteger(2) === 0 ? 0 : Math.round((2 * random.nextNormal()) / GRID) * GRID);
  const anew = () => Array.from({ length: INPUTS }, value);
  let current = anew();
  const events: [number, number, number][] = [];
  for (let step = 0, k = 0; step < STEPS; k++) {
    for (let stay = lengths[k % lengths.length]!; stay > 0 && step < STEPS; stay--, step++) {
      for (const [index, each] of current.entries()) if (each !== 0) events.push([step, index, each]);
    }
    // Now and then there is no current at all.
    if (random.nextInteger(6) === 0) current = current.map(() => 0);
    else if (changes === 'all') current = anew();
    else current[changes === 'last' ? INPUTS - 1 : random.nextInteger(INPUTS)] = value();
  }
  return { in: events };
}

function modelOf({ seed, recurrent, late, bias, learned }: Stays): Model {
  const random = new RandomGenerator(seed, 'weights');
  const matrix = (rows: number, columns: number, spread: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => spread * random.nextNormal()));
  const cell = { type: 'LIF', tau: 0.004, r: 1.7, v_threshold: 0.9, v_reset: 0 };
  const first = matrix(HIDDEN, INPUTS, 0.5);
  const offsets = Array.from({ length: HIDDEN }, () => 0.2 * random.nextNormal());
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      first: bias ? { type: 'Affine', weight: first, bias: offsets } : { type: 'Linear', weight: first },
      hidden: cell,
      second: { type: 'Linear', weight: matrix(OUTPUTS, HIDDEN, 0.6) },
      ...(recurrent && { back: { type: 'Linear', weight: matrix(HIDDEN, HIDDEN, 0.3) } }),
      ...(late && { past: { type: 'Linear', weight: matrix(OUTPUTS, INPUTS, 0.3) } }),
      classes: cell,
      out: { type: 'Output', shape: [OUTPUTS] },
    },
    edges: [
      ['in', 'first'],
      ['first', 'hidden'],
      ['hidden', 'second'],
      ['second', 'classes'],
      ...(recurrent
        ? [
            ['hidden', 'back', { delay: 1 }],
            ['back', 'hidden'],
          ]
        : []),
      ...(late
        ? [
            ['in', 'past', { delay: 2 }],
            ['past', 'classes'],
          ]
        : []),
      ['classes', 'out'],
    ],
    semantics: { dt: 0.001, reset: 'subtract' },
    ...(learned && {
      learning: { first: { rule: 'stdp', aPlus: 0.05, aMinus: 0.04, tauPlus: 0.01, tauMinus: 0.01, bounds: [-2, 2] } },
    }),
  });
}
