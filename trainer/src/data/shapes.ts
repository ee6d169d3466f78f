import type { DataSource, LabelledSamples } from '@spikewire/engine/data';
import { RandomGenerator } from '@spikewire/models';
import { seedOf } from './seed-of.ts';

/** Pixels of a side. */
const SIZE = 16;
/** Samples to learn, to choose by, and to test. */
const [TRAINING, VALIDATION, TEST] = [2000, 200, 400];
/** Deviation of the noise of a pixel, where black is 0 and white 1. */
const NOISE = 0.15;

/**
 * Images under noise whose mask is known: one or two discs and boxes on a ground that grows lighter to one side, and a
 * thin line that is no shape. A sample's targets are its mask, 1 within a shape, 0 elsewhere.
 */
export const shapes: DataSource = {
  name: 'shapes',
  summary: 'shapes or shapes:SEED, discs and boxes under noise, and the mask of each image',
  async load(argument = '1') {
    const seed = seedOf('shapes', argument);
    const part = (name: string, count: number) => imagesOf(count, new RandomGenerator(seed, `shapes ${name}`));
    return {
      name: `shapes:${seed}`,
      classes: [],
      shape: [1, SIZE, SIZE],
      ...part('test', TEST),
      training: part('training', TRAINING),
      validation: part('validation', VALIDATION),
    };
  },
};

function imagesOf(count: number, random: RandomGenerator): LabelledSamples {
  const images = Array.from({ length: count }, () => imageOf(random));
  return {
    samples: images.map(({ image }) => image),
    labels: new Int32Array(count),
    targets: images.map(({ mask }) => mask),
  };
}

/** Whether a pixel lies within. */
type Figure = (row: number, column: number) => boolean;

function imageOf(random: RandomGenerator): { readonly image: Float64Array; readonly mask: Float64Array } {
  const between = (low: number, high: number) => low + (high - low) * random.nextUniform();
  const [ground, down, right] = [between(0.15, 0.4), between(-0.015, 0.015), between(-0.015, 0.015)];
  const image = Float64Array.from({ length: SIZE * SIZE }, (_, pixel) => {
    return ground + down * (Math.floor(pixel / SIZE) - SIZE / 2) + right * ((pixel % SIZE) - SIZE / 2);
  });
  const mask = new Float64Array(SIZE * SIZE);
  const place = (figure: Figure, mark: (pixel: number) => void) => {
    for (let pixel = 0; pixel < image.length; pixel++) {
      if (figure(Math.floor(pixel / SIZE), pixel % SIZE)) mark(pixel);
    }
  };
  const lightness = () => between(0.25, 0.55);
  const ofLine = lightness();
  place(lineOf(between), (pixel) => {
    image[pixel]! += ofLine;
  });
  for (let count = 1 + random.nextInteger(2); count > 0; count--) {
    const ofShape = lightness();
    place(random.nextInteger(2) === 0 ? discOf(between) : boxOf(between), (pixel) => {
      if (mask[pixel] === 0) image[pixel]! += ofShape;
      mask[pixel] = 1;
    });
  }
  return { image: image.map((value) => Math.min(1, Math.max(0, value + NOISE * random.nextNormal()))), mask };
}

type Between = (low: number, high: number) => number;

function discOf(between: Between): Figure {
  const [y, x, radius] = [between(2, SIZE - 3), between(2, SIZE - 3), between(2, 4.5)];
  return (row, column) => (row - y) ** 2 + (column - x) ** 2 <= radius ** 2;
}

function boxOf(between: Between): Figure {
  const [y, x, height, width] = [between(2, SIZE - 3), between(2, SIZE - 3), between(1.5, 4), between(1.5, 4)];
  const [cosine, sine] = directionOf(between);
  return (row, column) => {
    const [dy, dx] = [row - y, column - x];
    return Math.abs(cosine * dx + sine * dy) <= width && Math.abs(cosine * dy - sine * dx) <= height;
  };
}

/** One pixel wide, from side to side. */
function lineOf(between: Between): Figure {
  const [y, x] = [between(3, SIZE - 4), between(3, SIZE - 4)];
  const [cosine, sine] = directionOf(between);
  return (row, column) => Math.abs(cosine * (row - y) - sine * (column - x)) <= 0.5;
}

/** A unit vector of any direction. */
function directionOf(between: Between): [number, number] {
  for (;;) {
    const [x, y] = [between(-1, 1), between(-1, 1)];
    const length = Math.sqrt(x * x + y * y);
    if (length > 0.1 && length <= 1) return [x / length, y / length];
  }
}
