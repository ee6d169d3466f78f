import { type Model, parseModel, RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import { type Engine, EventBuffer, engineNamed, type RunningNetwork, referenceEngine } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { listed } from './arbitrary-model.ts';
import { type Events, play } from './play.ts';

const event = engineNamed('event');

/**
 * By name: rules that look at spikes and lessons only, such that look at membranes too, and such that act in every
 * step.
 */
const rules = {
  spikes: [
    { rule: 'stdp', aPlus: 0.05, aMinus: 0.04, tauPlus: 0.003, tauMinus: 0.04, bounds: [-1, 2] },
    { rule: 'stdp', aPlus: 0.05, aMinus: 0.04, pairing: 'nearest', bounds: [-1, 2], softness: 1 },
    { rule: 'power-law', eta: 0.05, wMax: 1.5, tauPre: 0.002, order: 'pre-first' },
    { rule: 'power-law', eta: 0.05, wMax: 1.5, mu: 0.5, trace: 'set', bounds: [-1, 2] },
    { rule: 'exponential', etaPost: 0.05, homeostasis: { rate: 60, tau: 0.05, strength: 1e-3, every: 7 } },
    { rule: 'pre-depression', etaPre: 0.02, bounds: [0, 2] },
    { rule: 'stdp', aPlus: 0.05, aMinus: 0.04, normalize: { sum: 2, every: 13 } },
    { rule: 'triplet', a2Plus: 0.03, a3Plus: 0.02, a2Minus: 0.02, a3Minus: 0.01 },
    { rule: 'rstdp', learningRate: 0.3, aPlus: 0.2, aMinus: 0.1, tauEligibility: 0.05, bounds: [-1, 2] },
    { rule: 'resume', a: 0.005, amplitude: 0.02 },
    { rule: 'spike-order', aPlus: 0.2, aMinus: 0.1, within: 0.02 },
    { rule: 'pes', learningRate: 0.001, tauPre: 0.003 },
    { rule: 'pes', learningRate: 0.001, tauPre: 0 },
  ],
  membranes: [
    { rule: 'ottt', learningRate: 0.02 },
    { rule: 'ottt', learningRate: 0.02, winners: { most: 1, every: 4 } },
    { rule: 'spike-order', aPlus: 0.2, aMinus: 0.1, within: 0.02, winners: { most: 2, every: 4 } },
    { rule: 'stdp', aPlus: 0.05, aMinus: 0.04, bounds: [-1, 2], winners: { most: 1, every: 2 } },
  ],
  steps: [
    { rule: 'bcm', eta: 1e-6, targetRate: 40, tauThreshold: 0.05 },
    { rule: 'eprop', learningRate: 0.02 },
    { rule: 'stdp', aPlus: 0.05, aMinus: 0.04, normalize: { sum: 2, every: 1 } },
  ],
} as const;

interface Learning {
  readonly rule: string;
  readonly [key: string]: unknown;
}

interface Case {
  readonly learning: Learning;
  /** A rule that follows on the same connection; none where it says nothing. */
  readonly beside?: Learning | undefined;
  readonly structure: 'Linear' | 'Sparse' | 'Conv2d';
  readonly seed: number;
  /** Lengths of windows; after each there is a lesson. */
  readonly windows: readonly number[];
  /** Whether lessons are about the end of the window before. */
  readonly late?: boolean;
  /** After which window the state is saved and taken over by another net; activity starts anew after the next. */
  readonly saved: number;
  readonly density: number;
}

function caseOf(learnings: readonly Learning[]): fc.Arbitrary<Case> {
  return fc.record({
    learning: fc.constantFrom(...learnings),
    beside: fc.option(fc.constantFrom(...rules.spikes.filter(({ rule }) => !isTaught(rule))), { nil: undefined }),
    structure: fc.constantFrom('Linear' as const, 'Sparse' as const, 'Conv2d' as const),
    seed: fc.nat(),
    windows: fc.array(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 400 })), {
      minLength: 1,
      maxLength: 12,
    }),
    late: fc.boolean(),
    saved: fc.nat({ max: 11 }),
    density: fc.constantFrom(0.001, 0.01, 0.2),
  });
}

const INPUTS = 10;
const OUTPUTS = 9;

function modelOf({ learning, beside, structure, seed }: Case): Model {
  const random = new RandomGenerator(seed, 'event learning');
  const matrix = Array.from({ length: OUTPUTS }, () =>
    Array.from({ length: INPUTS }, () => 0.9 * random.nextUniform()),
  );
  const fc =
    structure === 'Linear'
      ? { type: structure, weight: matrix }
      : structure === 'Sparse'
        ? listed(matrix, () => random.nextUniform() < 0.6)
        : { type: structure, weight: [[[[0.4, 0.2 + random.nextUniform()]]]] };
  const [shape, size] =
    structure === 'Conv2d'
      ? [
          [1, 1, INPUTS],
          [1, 1, OUTPUTS],
        ]
      : [[INPUTS], [OUTPUTS]];
  return parseModel({
    nodes: {
      in: { type: 'Input', shape },
      drive: { type: 'Input', shape: size },
      fc,
      strong: { type: 'Scale', scale: 30 + random.nextUniform() },
      cell: { type: 'LIF', tau: 0.013, r: 5.3, v_threshold: 1.07 },
      out: { type: 'Output', shape: size },
    },
    edges: [
      ['in', 'fc', { delay: 1 }],
      ['fc', 'cell'],
      ['drive', 'strong'],
      ['strong', 'cell'],
      ['cell', 'out'],
    ],
    semantics: { dt: 0.001, reset: 'subtract' },
    learning: { fc: beside === undefined ? learning : [learning, beside] },
  });
}

function isTaught(rule: string): boolean {
  return ['rstdp', 'resume', 'pes', 'ottt', 'eprop'].includes(rule);
}

/** What a teacher of the rule says, or nothing. */
function lessonOf({ rule }: Learning, random: RandomGenerator): number[] | undefined {
  if (rule === 'rstdp') return [random.nextNormal()];
  if (!isTaught(rule)) return undefined;
  return Array.from({ length: OUTPUTS }, () => random.nextNormal());
}

/** Plays a case; returns its spikes, and its weights after each window. */
function learn(engine: Engine, one: Case, net: RunningNetwork) {
  const { learning, seed, windows, late = false, saved, density } = one;
  const random = new RandomGenerator(seed, 'stimulus');
  const drawn = (steps: number, size: number) =>
    Array.from({ length: steps * size }, (_, k) => [Math.floor(k / size), k % size]).filter(
      () => random.nextUniform() < density,
    );
  let running = net;
  const course: (Events | Float64Array)[] = [];
  for (const [index, steps] of windows.entries()) {
    const stimulus = { in: drawn(steps, INPUTS), drive: drawn(steps, OUTPUTS) };
    course.push(play(running, steps, stimulus).cell!);
    const lesson = lessonOf(learning, random);
    if (lesson !== undefined) running.teach('fc', lesson, running.step - 1 - (late ? steps : 0));
    if (index === saved) {
      const state = running.save();
      running = engine.load(net.model);
      running.restore(state);
    }
    if (index === saved + 1) running.resetActivity();
    course.push(running.readWeights('fc'));
  }
  return course;
}

/** Equal spikes, and weights that are equal but for the last digits. */
function expectNear(actual: ReturnType<typeof learn>, expected: ReturnType<typeof learn>, digits: number): void {
  const rounded = (entry: Events | Float64Array) =>
    entry instanceof Float64Array ? Array.from(entry, (weight) => expect.closeTo(weight, digits)) : entry;
  expect(actual.map((entry) => (entry instanceof Float64Array ? Array.from(entry) : entry))).toEqual(
    expected.map(rounded),
  );
}

describe('the event engine learns what the reference does', () => {
  it('bit for bit, where rules look at spikes', () => {
    fc.assert(
      fc.property(caseOf(rules.spikes), (one) => {
        const model = modelOf(one);
        const [actual, expected] = [event, referenceEngine].map((engine) => learn(engine, one, engine.load(model)));
        expect(actual).toEqual(expected);
      }),
      { numRuns: 250 },
    );
  });

  it('within the rounding of membranes, where they look at those or act in every step', () => {
    fc.assert(
      fc.property(caseOf([...rules.membranes, ...rules.steps]), (each) => {
        const one = { ...each, beside: undefined };
        const model = modelOf(one);
        const [actual, expected] = [event, referenceEngine].map((engine) => learn(engine, one, engine.load(model)));
        expectNear(actual!, expected!, 10);
      }),
      { numRuns: 80 },
    );
  });

  it('whatever the windows are', () => {
    fc.assert(
      fc.property(caseOf(rules.spikes), (one) => {
        const model = modelOf(one);
        const steps = one.windows.reduce((sum, each) => sum + each, 0);
        const random = new RandomGenerator(one.seed, 'windows');
        const drawn = (size: number) =>
          Array.from({ length: steps * size }, (_, k) => [Math.floor(k / size), k % size]).filter(
            () => random.nextUniform() < one.density,
          );
        const [inputs, drive] = [drawn(INPUTS), drawn(OUTPUTS)];
        const within = (list: number[][], from: number, to: number) =>
          list.filter(([step]) => step! >= from && step! < to).map(([step, index]) => [step! - from, index!]);
        const [whole, parts] = [event.load(model, { history: 0 }), event.load(model, { history: 0 })];
        play(whole, steps, { in: inputs, drive });
        let from = 0;
        for (const length of one.windows) {
          play(parts, length, { in: within(inputs, from, from + length), drive: within(drive, from, from + length) });
          from += length;
        }
        expect(parts.save()).toEqual(whole.save());
      }),
      { numRuns: 100 },
    );
  });
});

describe('silence over a net that learns', () => {
  // More steps than anybody could visit: a test that does not end has found the fault. A multiple of 4, as are the 100
  // before, so that samples of winners begin as they do at the start.
  const silence = 2 ** 40;

  it.each([...rules.spikes, ...rules.membranes].filter((rule) => !('normalize' in rule || 'homeostasis' in rule)))(
    '$rule costs nothing: %j',
    (learning) => {
      const one = { learning, structure: 'Sparse', seed: 3, windows: [50], saved: 99, density: 0.2 } as const;
      const net = event.load(modelOf(one));
      const [nothing, output] = [new EventBuffer(0), new EventBuffer(100)];
      learn(event, one, net);
      // What is still under way arrives.
      net.run(50, nothing, output);
      const before = net.readWeights('fc');
      net.run(silence, nothing, output);
      expect(net.step).toBe(100 + silence);
      expect(net.readWeights('fc')).toEqual(before);
      // What was remembered is gone, so that what comes is as at the start: but for weights and membranes that are not
      // at 0.
      const rested = event.load(net.model);
      const courses = [net, rested].map((each) => {
        each.resetLearning();
        return learn(event, { ...one, seed: 4 }, each);
      });
      // Eligibilities are kept in single precision.
      expectNear(courses[0]!, courses[1]!, learning.rule === 'rstdp' ? 6 : 9);
    },
  );

  it('still scales weights when that is due', () => {
    const learning = { rule: 'stdp', aPlus: 0.05, aMinus: 0.04, normalize: { sum: 2, every: 1000 } };
    const one = { learning, structure: 'Linear', seed: 3, windows: [], saved: 99, density: 0.2 } as const;
    const net = event.load(modelOf(one));
    const [before, size] = [
      net.readWeights('fc'),
      (weights: Float64Array) => weights.slice(0, INPUTS).reduce((a, b) => a + b),
    ];
    net.run(999, new EventBuffer(0), new EventBuffer(0));
    expect(net.readWeights('fc')).toEqual(before);
    net.run(1, new EventBuffer(0), new EventBuffer(0));
    expect(size(net.readWeights('fc'))).toBeCloseTo(2, 12);
  });
});
