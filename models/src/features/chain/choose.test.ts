import { describe, expect, it } from 'vitest';
import { RandomGenerator } from '../../random/generator.ts';
import { featureCandidates } from './candidates.ts';
import { FeatureChain } from './chain.ts';
import { chooseFeatures, type LabelledReadings } from './choose.ts';

const PER_CLASS = 40;
/** Blocks of as many classes as there are signals: stretches of 10, each with its own generator. */
function recorded(
  block: number,
  signals: readonly ((k: number, noise: RandomGenerator) => number)[],
): LabelledReadings {
  const readings: Float64Array[] = [];
  const labels: number[] = [];
  for (let stretch = 0; stretch < PER_CLASS / 10; stretch++) {
    for (const [label, signal] of signals.entries()) {
      for (let k = 0; k < 10; k++) {
        const noise = new RandomGenerator(1000 * stretch + 10 * label + k, 'signal');
        readings.push(Float64Array.from({ length: block }, (_, n) => signal(n, noise)));
        labels.push(label);
      }
    }
  }
  return { readings, labels, classes: signals.length, channels: 1 };
}

describe('candidates', () => {
  it.each([
    { block: 1 },
    { block: 10 },
    { block: 64, rate: 100 },
    { block: 100, rate: 25.6 },
    { block: 2048, rate: 12_000 },
    { block: 65_536, rate: 96_000 },
  ])('are chains that work on blocks of $block', (shape) => {
    const { block } = shape;
    for (const { name, stages } of featureCandidates(shape)) {
      const numbers = FeatureChain.outputsOf(name, stages);
      const chain = new FeatureChain(name, stages, numbers);
      expect(chain.inputs, name).toBe(block);
      const noise = new RandomGenerator(1, 'noise');
      let samples = 0;
      for (let k = 0; k < (block > 1 ? 2 : 64); k++)
        if (chain.take(Float64Array.from({ length: block }, () => noise.nextNormal()))) samples++;
      expect(samples, name).toBeGreaterThan(0);
      expect(chain.values.every(Number.isFinite), name).toBe(true);
    }
  });
});

describe('choosing features', () => {
  it('takes few numbers where strength tells the classes apart', () => {
    const given = recorded(256, [(_, noise) => noise.nextNormal(), (_, noise) => 3 * noise.nextNormal()]);
    const { chosen, scores } = chooseFeatures(featureCandidates({ block: 256, rate: 1000 }), given);
    expect(chosen.accuracy).toBe(1);
    expect(chosen.numbers).toBe(Math.min(...scores.map(({ numbers }) => numbers)));
  });

  it('takes bands where only the frequency does', () => {
    const tone = (cycles: number) => (k: number, noise: RandomGenerator) =>
      Math.sin((2 * Math.PI * cycles * k) / 256) + 0.1 * noise.nextNormal();
    const { chosen, scores } = chooseFeatures(
      featureCandidates({ block: 256, rate: 1000 }),
      recorded(256, [tone(20), tone(60), tone(100)]),
    );
    expect(chosen.name).toMatch(/bands/);
    expect(chosen.accuracy).toBe(1);
    expect(scores.find(({ name }) => name === 'form')!.accuracy).toBeLessThan(0.7);
  });

  it('takes the level where only the mean does', () => {
    const held = (level: number) => (_: number, noise: RandomGenerator) => level + noise.nextNormal();
    const { chosen } = chooseFeatures(featureCandidates({ block: 128, rate: 50 }), recorded(128, [held(-1), held(1)]));
    expect(chosen.name).toMatch(/level/);
    expect(chosen.accuracy).toBe(1);
  });

  it('takes the course where the same sounds come in another order, however loud', () => {
    const word = (first: number, last: number) => {
      let strength = 0;
      return (k: number, noise: RandomGenerator) => {
        if (k === 0) strength = Math.exp(3 * noise.nextUniform());
        return strength * Math.sin((2 * Math.PI * (k < 512 ? first : last) * k) / 1024) + 1e-3 * noise.nextNormal();
      };
    };
    const { chosen } = chooseFeatures(
      featureCandidates({ block: 1024, rate: 8000 }),
      recorded(1024, [word(50, 150), word(150, 50)]),
    );
    expect(chosen.name).toMatch(/course/);
    expect(chosen.accuracy).toBe(1);
  });

  it('is at chance where labels say nothing, although neighbours are alike', () => {
    const given = recorded(64, [(_, noise) => noise.nextNormal(), (_, noise) => noise.nextNormal()]);
    for (const { accuracy } of chooseFeatures(featureCandidates({ block: 64, rate: 100 }), given).scores) {
      expect(Math.abs(accuracy - 0.5)).toBeLessThan(0.2);
    }
  });

  it('refuses to choose by a handful of samples', () => {
    const { readings, labels, ...rest } = recorded(64, [(k) => k, (k) => -k]);
    const few = { readings: readings.slice(0, 15), labels: Array.from(labels).slice(0, 15), ...rest };
    expect(() => chooseFeatures(featureCandidates({ block: 64, rate: 100 }), few)).toThrow(
      'expected 10 samples of each class',
    );
  });

  it('has nothing to choose by where there are no two classes, and none of a class with few samples among very many', () => {
    const candidates = featureCandidates({ block: 1 });
    const of = (classes: number) => {
      const labels = Array.from({ length: classes }, (_, k) => k);
      return { readings: labels.map((k) => Float64Array.of(k)), labels, classes, channels: 1 };
    };
    for (const classes of [0, 1]) {
      expect(() => chooseFeatures(candidates, of(classes))).toThrow(`have ${classes} classes; expected two to tell`);
    }
    expect(() => chooseFeatures(candidates, { ...of(100), classes: 300_000 })).toThrow(
      'expected 10 samples of each class',
    );
  });
});
