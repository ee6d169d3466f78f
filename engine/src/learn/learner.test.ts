import {
  type Connectivity,
  connectElementwise,
  kindOf,
  type LearningDeclaration,
  RandomGenerator,
  tensor,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import type { LearnedConnection } from './learned-connections.ts';
import { Learner } from './learner.ts';
import { collectActive, type SparseActivity, sparseActivity } from './sparse-activity.ts';
import { FloatWeights } from './weights/float-weights.ts';
import { IntegerWeights } from './weights/integer-weights.ts';
import { type LearnedWeights, weightRow } from './weights/weights.ts';

const dt = 0.001;

function dense(outputs: number, inputs: number): Connectivity {
  const kind = kindOf('Linear', 'test');
  if (kind.role !== 'connection') throw new Error('Linear is a connection');
  const weight = tensor(new Float64Array(outputs * inputs), [outputs, inputs]);
  return kind.connect({ type: 'Linear', parameters: { weight } }, [inputs]);
}

function learnerOn(
  connectivity: Connectivity,
  options: {
    weights?: LearnedWeights;
    history?: number;
    declarations?: LearningDeclaration[];
    target?: LearnedConnection['target'];
    post?: number;
  } = {},
): Learner {
  const values = new Float64Array(connectivity.weights!.length);
  return new Learner({
    connection: {
      name: 'decode',
      index: 1,
      post: options.post,
      target: options.target,
      behind: 'leads nowhere',
      connectivity,
      signal: 'error',
      signalLength: connectivity.outputs,
      feedback: undefined,
      sampleSteps: 1,
      declarations: options.declarations ?? [{ rule: 'pes', parameters: { learningRate: 0.1, tauPre: 0.01 } }],
    },
    weights: options.weights ?? new FloatWeights(values, connectivity.weights!),
    dt,
    history: options.history ?? 4,
  });
}

function active(values: readonly number[]): SparseActivity {
  const activity = sparseActivity(values.length);
  collectActive(values, activity);
  return activity;
}

const silent = sparseActivity(8);

function weightsOf(learner: Learner): number[] {
  return Array.from({ length: learner.weights.length }, (_, k) => learner.weights.read(k));
}

describe('Learner with PES', () => {
  it('follows Δw = −κ/n·E·aᵀ with a the low-passed rate, computed apart', () => {
    const learner = learnerOn(dense(2, 3));
    const arrivals = [
      [1, 0, 0],
      [0, 2, 0.5],
      [1, 0, 0],
    ];
    const expected = new Float64Array(6);
    const rate = [0, 0, 0];
    arrivals.forEach((values, t) => {
      learner.step(t, active(values), silent, true);
      const error = [0.3 - t, -0.2];
      expect(learner.teach(error, t)).toBe(true);
      const keep = Math.exp(-dt / 0.01);
      for (let i = 0; i < 3; i++) {
        rate[i] = keep * rate[i]! + ((1 - keep) * values[i]!) / dt;
        for (let j = 0; j < 2; j++) expected[j * 3 + i]! -= (0.1 / 3) * error[j]! * rate[i]!;
      }
    });
    weightsOf(learner).forEach((weight, k) => {
      expect(weight).toBeCloseTo(expected[k]!, 12);
    });
  });

  it('teaches an earlier sample on its own activity, and forgets what left the ring', () => {
    const late = learnerOn(dense(1, 2), { history: 2 });
    const prompt = learnerOn(dense(1, 2), { history: 2 });
    for (let t = 0; t < 4; t++) {
      for (const learner of [late, prompt]) learner.step(t, active([t, 1]), silent, true);
      if (t === 2) prompt.teach([1], 2);
      late.endSample();
    }
    expect(late.teach([1], 2)).toBe(true);
    expect(weightsOf(late)).toEqual(weightsOf(prompt));
    expect(late.teach([1], 1)).toBe(false);
    expect(late.teach([1], -1)).toBe(false);
    expect(weightsOf(late)).toEqual(weightsOf(prompt));
  });

  it('serves a label for the last sample after the activity was reset', () => {
    const learner = learnerOn(dense(1, 1));
    learner.step(0, active([1]), silent, true);
    learner.endSample();
    learner.resetActivity();
    expect(learner.teach([1], 0)).toBe(true);
    expect(learner.weights.read(0)).toBeLessThan(0);
  });

  it.each([
    ['alone', ['eprop']],
    ['beside a rule that looks at traces', ['eprop', 'pes']],
  ])('an eligibility, %s, takes no label for a step before the activity started anew', (_case, rules) => {
    const target = { index: 1, emits: 'state' } as const;
    const declarations = rules.map((rule) => ({ rule, parameters: {} }));
    const learner = learnerOn(dense(1, 1), { target, declarations, history: 0 });
    for (let t = 0; t < 5; t++) learner.step(t, active([1]), silent, true);
    learner.resetActivity();
    for (const step of [4, 5, -1]) expect(learner.teach([1], step), `step ${step}`).toBe(false);
    for (let t = 5; t < 9; t++) learner.step(t, active([1]), silent, true);
    for (const step of [4, 9, -1]) expect(learner.teach([1], step), `step ${step}`).toBe(false);
    expect(weightsOf(learner)).toEqual([0]);
    for (const step of [5, 8]) expect(learner.teach([1], step), `step ${step}`).toBe(true);
  });

  it('keeps weights finite that a rule would send beyond the range of numbers, and those of nothing that are to have a sum', () => {
    const post = { index: 1, emits: 'spikes' } as const;
    const steep = { rule: 'exponential', parameters: { etaPost: 1, beta: 5, xTar: 3 } };
    const summed = { rule: 'stdp', parameters: { aPlus: 0, aMinus: 0 }, normalize: { sum: 1, every: 1 } };
    for (const [declaration, start, Numbers] of [
      [steep, 0.5, Float64Array],
      [steep, 0.5, Float32Array],
      [summed, 1e-310, Float64Array],
    ] as const) {
      const weights = new FloatWeights(new Numbers(2), Float64Array.of(start, start));
      const learner = learnerOn(dense(1, 2), { weights, declarations: [declaration], target: post, post: 1 });
      for (let t = 0; t < 60; t++) learner.step(t, active(t % 2 === 0 ? [1, 0] : [0, 1]), active([1]), true);
      expect(weightsOf(learner).every(Number.isFinite), `${weightsOf(learner)}`).toBe(true);
    }
  });

  it('keeps bounds', () => {
    const declaration = { rule: 'pes', parameters: { learningRate: 10, tauPre: 0 }, bounds: [-0.5, 0.25] as const };
    const learner = learnerOn(dense(2, 1), { declarations: [declaration] });
    learner.step(0, active([1]), silent, true);
    learner.teach([1, -1], 0);
    expect(weightsOf(learner)).toEqual([-0.5, 0.25]);
  });

  it('learns on any structure as on the equal dense matrix', () => {
    const elementwise = learnerOn(connectElementwise(2, new Float64Array(2)));
    const matrix = learnerOn(dense(2, 2));
    for (const learner of [elementwise, matrix]) {
      learner.step(0, active([1, 3]), silent, true);
      learner.teach([0.5, -0.25], 0);
    }
    const [w00, , , w11] = weightsOf(matrix);
    expect(weightsOf(elementwise)).toEqual([w00, w11].map((weight) => expect.closeTo(weight!, 12)));
  });

  it.each([
    [[1, 2, 3], /has 3 values; expected 2/],
    [[1, Number.NaN], /\[1\]: is NaN/],
  ])('refuses the signal %j and leaves the weights', (signal, message) => {
    const learner = learnerOn(dense(2, 1));
    learner.step(0, active([1]), silent, true);
    expect(() => learner.teach(signal, 0)).toThrow(message);
    expect(weightsOf(learner)).toEqual([0, 0]);
  });

  it.each([
    [{ rule: 'pse', parameters: {} }, /unknown rule "pse"/],
    [{ rule: 'pes', parameters: { rate: 1 } }, /decode": has no parameter "rate"; expected learningRate, tauPre/],
    [{ rule: 'pes', parameters: { learningRate: -1 } }, /learningRate: is -1; expected at least 0/],
    [{ rule: 'pes', parameters: {}, bounds: [1, 0] as const }, /bounds: is \[1,0\], no range/],
  ])('names what is wrong in %j', (declaration, message) => {
    expect(() => learnerOn(dense(1, 1), { declarations: [declaration] })).toThrow(message);
  });
});

describe('IntegerWeights', () => {
  const options = (base: Int8Array, changed: (k: number, q: number) => void = () => {}) => ({
    base,
    rowLength: 2,
    unit: Float64Array.of(0.01, 0.02),
    random: new RandomGenerator(7, 'test'),
    changed,
  });

  it('reads q times the unit of its row', () => {
    const weights = new IntegerWeights(options(Int8Array.of(3, -4, 5, 127)));
    expect([0, 1, 2, 3].map((k) => weights.read(k))).toEqual(
      [0.03, -0.04, 0.1, 2.54].map((w) => expect.closeTo(w, 12)),
    );
  });

  it('keeps the mean of many changes far below the grid', () => {
    const weights = new IntegerWeights(options(new Int8Array(4)));
    const change = (0.01 / 256) * 0.013;
    for (let n = 0; n < 200_000; n++) weights.add(0, change);
    const standardError = (0.01 / 256) * Math.sqrt(200_000 * 0.013 * 0.987);
    expect(Math.abs(weights.read(0) - 200_000 * change)).toBeLessThan(5 * standardError);
  });

  it('tells the engine every q that changed, rounded and clipped', () => {
    const q = new Int8Array(4);
    const weights = new IntegerWeights(
      options(Int8Array.of(0, 0, 0, 100), (k, value) => {
        q[k] = value;
      }),
    );
    weights.add(0, 0.01 * 1.75);
    weights.add(1, -0.01 * 1.25);
    weights.add(3, 0.02 * 100);
    expect(Array.from(q)).toEqual([2, -1, 0, 127]);
    weights.restoreBase();
    expect(Array.from(q)).toEqual([0, 0, 0, 100]);
  });

  it('draws the same numbers for a row as one by one', () => {
    const [row, single] = [
      new IntegerWeights(options(new Int8Array(4))),
      new IntegerWeights(options(new Int8Array(4))),
    ];
    const changes = Float64Array.of(1e-5, 3e-5, -2e-5, 7e-5);
    for (let n = 0; n < 50; n++) {
      row.addRow({ ...weightRow(), count: 4, trace: changes, factor: 0.7 });
      for (let k = 0; k < 4; k++) single.add(k, 0.7 * changes[k]!);
    }
    expect([0, 1, 2, 3].map((k) => row.read(k))).toEqual([0, 1, 2, 3].map((k) => single.read(k)));
  });

  it('as int8 keeps the mean on the grid of q itself, within the range of q', () => {
    const q = new Int8Array(4);
    const changed = (k: number, value: number) => {
      q[k] = value;
    };
    const weights = new IntegerWeights({ ...options(new Int8Array(4), changed), storage: 'int8' });
    expect(weights.state.value!.view).toBeInstanceOf(Int8Array);
    const trials = 40_000;
    let sum = 0;
    for (let n = 0; n < trials; n++) {
      weights.add(0, 0.01 * 0.3);
      sum += q[0]!;
      weights.restoreBase();
    }
    expect(Math.abs(sum / trials - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / trials));
    weights.add(1, 100);
    weights.add(2, -100);
    expect([q[1], q[2]]).toEqual([127, -127]);
  });
});

describe('FloatWeights', () => {
  it('learns a transposed, padded array in place', () => {
    const packed = new Float32Array(3 * 4);
    const weights = new FloatWeights(packed, Float64Array.of(1, 2, 3, 4, 5, 6), {
      rowLength: 3,
      rowStride: 1,
      columnStride: 4,
    });
    expect(Array.from(packed)).toEqual([1, 4, 0, 0, 2, 5, 0, 0, 3, 6, 0, 0]);
    weights.addRow({ ...weightRow(), start: 3, count: 3, trace: Float64Array.of(1, 0, -1), factor: 2 });
    weights.clip(4, 0, 4.5);
    expect([0, 1, 2, 3, 4, 5].map((k) => weights.read(k))).toEqual([1, 2, 3, 6, 4.5, 4]);
  });
});
