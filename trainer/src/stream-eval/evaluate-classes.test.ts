import { RandomGenerator } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import type { ClassTask, StreamSample } from './class-stream.ts';
import { evaluateClasses } from './evaluate-classes.ts';
import type { TaskOptions } from './task.ts';

/** Four clouds on a circle; in the stream they have turned by an eighth, so that the base is half wrong. */
const turned: ClassTask = {
  name: 'turned',
  summary: 'clouds that turn',
  data: 'none',
  labels: 0.3,
  metric: 'accuracy',
  pooled: ['north', 'east'],
  neurons: 60,
  async load(_, seed) {
    const random = new RandomGenerator(seed, 'clouds');
    const cloud = (turn: number, segment: string): StreamSample => {
      const label = random.nextInteger(4);
      const angle = (2 * Math.PI * (label + turn)) / 4;
      const [x, y] = [3 * Math.cos(angle) + 0.5 * random.nextNormal(), 3 * Math.sin(angle) + 0.5 * random.nextNormal()];
      return { label, segment, values: Float64Array.of(x, y, random.nextNormal(), x + y) };
    };
    const base = Array.from({ length: 200 }, () => cloud(0, 'base'));
    const streams = ['a', 'b'].map((name) => ({
      name,
      samples: Array.from({ length: 300 }, (__, n) => cloud(0.5, n < 150 ? 'early' : 'late')),
    }));
    return { classes: ['north', 'east', 'south', 'west'], trials: [{ name: 'only', base, streams }] };
  },
};
const options: TaskOptions = {
  learn: true,
  seed: 1,
  fronts: 2,
  draws: 2,
  wrong: 0,
  shuffle: false,
  signal: new AbortController().signal,
  progress: () => {},
};
interface Figures {
  readonly accuracy: number;
  readonly f1macro: number;
  readonly forgetting: number;
  readonly difference: { readonly mean: number; readonly half: number; readonly verdict: string };
}
interface Document extends Figures {
  readonly draws: number;
  readonly interval: number | null;
  readonly frozen: Figures;
  readonly baselines: Readonly<Record<string, Figures>>;
  readonly segments: readonly { readonly name: string; readonly samples: number; readonly accuracy: number }[];
  readonly areaUnderCurve?: number;
  readonly newClass?: { readonly recallAfter5: number; readonly recallAfter10: number };
  readonly majority: number;
  readonly calibrationError: number;
  readonly synapticOpsPerSample: number;
  readonly multiplicationsPerSample: number;
  readonly multiplyAddsPerAnswer: number;
  readonly multiplyAddsPerLesson: number;
  readonly nanojoulesPerAnswer: number;
  readonly memoryBytes: number;
  readonly stateBytes: number;
}
const documentOf = async (changes: Partial<TaskOptions> = {}) => {
  const { document } = await evaluateClasses(turned, '', { ...options, ...changes });
  return document as unknown as Document;
};
/** Without what the machine's speed decides. */
const timeless = (document: Document) => ({ ...document, millisecondsPerAnswer: 0, millisecondsPerLesson: 0 });

describe('evaluation on a stream', () => {
  it('is worth its labels where the world has turned, and says against whom', async () => {
    const learned = await documentOf();
    expect(learned.accuracy).toBeGreaterThan(learned.frozen.accuracy + 0.15);
    expect(learned.frozen.difference.verdict).toBe('better');
    expect(learned.frozen.difference.mean).toBeCloseTo(learned.accuracy - learned.frozen.accuracy, 4);
    // Of four clouds that have turned by half of what lies between them, the base knows about half.
    expect(learned.frozen.accuracy).toBeGreaterThan(0.4);
    expect(learned.frozen.forgetting).toBe(0);
    expect(learned.baselines['frozen-logistic-regression']!.forgetting).toBe(0);
    expect(learned.baselines['1-nn']!.accuracy).toBeGreaterThan(learned.frozen.accuracy);
    expect(learned.segments.map(({ name, samples }) => [name, samples])).toEqual([
      ['early', 150],
      ['late', 150],
    ]);
    expect(learned.segments[1]!.accuracy).toBeGreaterThan(learned.segments[0]!.accuracy);
    expect((learned.segments[0]!.accuracy + learned.segments[1]!.accuracy) / 2).toBeCloseTo(learned.accuracy, 4);
    expect(timeless(await documentOf())).toEqual(timeless(learned));
  });

  it('says what the net computes and takes, the read-out above all', async () => {
    const costs = await documentOf({ fronts: 1, draws: 1 });
    // All synapses come from the graded input, whose encoder gives numbers.
    expect(costs.multiplicationsPerSample).toBe(costs.synapticOpsPerSample);
    // Of 60 neurons in each view: half a square to say how strange a sample is, and twice four classes.
    expect(costs.multiplyAddsPerAnswer).toBeGreaterThan(60 ** 2 + 2 * 60 * 8);
    expect(costs.multiplyAddsPerLesson).toBeGreaterThan(costs.multiplyAddsPerAnswer + 3 * 60 ** 2);
    expect(costs.nanojoulesPerAnswer).toBeGreaterThan((4.6 * costs.multiplyAddsPerAnswer) / 1000);
    // A lesson needs a second copy of what is learned.
    expect(costs.memoryBytes).toBeGreaterThan(2 * costs.stateBytes);
  });

  it('without lessons nobody learns or forgets', async () => {
    const still = await documentOf({ learn: false });
    for (const figures of [still, ...Object.values(still.baselines)]) expect(figures.forgetting).toBe(0);
    expect(still.baselines.sgd!.accuracy).toBe(still.baselines['frozen-logistic-regression']!.accuracy);
  });

  it('at labels that mean nothing everybody is at chance', async () => {
    const chance = await documentOf({ shuffle: true });
    const all = [chance, chance.frozen, ...Object.values(chance.baselines)];
    // 600 samples of four classes: five deviations above the most frequent class.
    for (const { accuracy } of all) expect(accuracy).toBeLessThan(chance.majority + 5 * Math.sqrt(0.19 / 600));
  });

  it('draws labels once where all of them come', async () => {
    const [all, some] = [await documentOf({ labels: 1, fronts: 1 }), await documentOf({ fronts: 1 })];
    expect([all.draws, some.draws]).toEqual([1, 2]);
    expect(all.interval).toBe(null);
    expect(some.interval).toBeGreaterThan(0);
  });

  it('loses by wrong labels', async () => {
    const [right, wrong] = [await documentOf({ labels: 1 }), await documentOf({ labels: 1, wrong: 0.6 })];
    expect(wrong.accuracy).toBeLessThan(right.accuracy);
    expect(wrong.baselines.sgd!.accuracy).toBeLessThan(right.baselines.sgd!.accuracy);
  });

  it('tells a class that nobody taught, and names a new one once it was taught', async () => {
    const strange = await documentOf({ leaveOut: 'west', labels: 1 });
    expect(strange.areaUnderCurve).toBeGreaterThan(0.5);
    const added = await documentOf({ newClass: 'west', labels: 1 });
    expect(added.newClass!.recallAfter10).toBeGreaterThan(0.5);
  });

  it('refuses what does not fit, and ends when it is told to', async () => {
    await expect(documentOf({ leaveOut: 'up' })).rejects.toMatchObject({ code: 'usage' });
    const whole = { ...turned, needsAllLabels: 'they are features' };
    await expect(evaluateClasses(whole, '', options)).rejects.toThrow(
      /--labels 0.3: cannot be combined with turned; expected 1/,
    );
    await expect(documentOf({ signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped');
  });

  it('gives tables and curves of everybody', async () => {
    const { tables, charts } = await evaluateClasses(turned, '', { ...options, fronts: 1, draws: 1 });
    expect(tables[0]!.rows.length).toBe(14);
    expect(charts[0]!.curves.length).toBe(14);
    for (const { points } of charts[0]!.curves) {
      expect(points.length).toBe(40);
      expect(points.every(([x, y]) => x > 0 && x < 100 && y >= 0 && y <= 1)).toBe(true);
    }
  });
});
