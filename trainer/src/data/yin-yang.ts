import type { DataSource, LabelledSamples } from '@spikewire/engine/data';
import { RandomGenerator } from '@spikewire/models';
import { seedOf } from './seed-of.ts';

const classes = ['yin', 'yang', 'dot'] as const;
type YinYang = (typeof classes)[number];

/** Of the figure, which touches the sides of the unit square, of either half's bulge, and of a dot. */
const [RADIUS, BULGE, DOT] = [0.5, 0.25, 0.1];
/** Samples to learn, to choose by, and to test. */
const [TRAINING, VALIDATION, TEST] = [5000, 1000, 1000];

/**
 * The Yin-Yang data set (Kriener, Göltz and Petrovici 2022, section 2): points of the figure as x, y, 1 − x, 1 − y,
 * each class as likely as the others. No line tells them apart, so that hidden neurons have to learn.
 */
export const yinYang: DataSource = {
  name: 'yin-yang',
  summary: 'yin-yang or yin-yang:SEED, points of three classes',
  async load(argument = '1') {
    const seed = seedOf('yin-yang', argument);
    const part = (name: string, count: number) => pointsOf(count, new RandomGenerator(seed, `yin-yang ${name}`));
    return {
      name: `yin-yang:${seed}`,
      classes,
      ...part('test', TEST),
      training: part('training', TRAINING),
      validation: part('validation', VALIDATION),
    };
  },
};

function pointsOf(count: number, random: RandomGenerator): LabelledSamples {
  const labels = Int32Array.from({ length: count }, () => random.nextInteger(classes.length));
  const samples = Array.from(labels, (label) => {
    for (;;) {
      const [x, y] = [random.nextUniform(), random.nextUniform()];
      if (yinYangAt(x, y) === classes[label]) return Float64Array.of(x, y, 1 - x, 1 - y);
    }
  });
  return { samples, labels };
}

/** The class of a point of the unit square; undefined outside of the figure. */
export function yinYangAt(x: number, y: number): YinYang | undefined {
  const middle = RADIUS;
  if (Math.hypot(x - middle, y - middle) > RADIUS) return undefined;
  const toLeft = Math.hypot(x - middle + BULGE, y - middle);
  const toRight = Math.hypot(x - middle - BULGE, y - middle);
  if (toLeft < DOT || toRight < DOT) return 'dot';
  // The upper half without the right bulge, and with the left one of the lower half.
  const isYang = toLeft <= BULGE || (y > middle && toRight > BULGE);
  return isYang ? 'yang' : 'yin';
}
