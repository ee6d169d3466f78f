import { FrameScale, type TaughtFrames } from './frame-scale.ts';

/** As small a share of the least distance counts as none. */
const SMALLEST = 1e-12;

/**
 * How near a window is to the nearest lesson of each class (Cover and Hart 1967), for a read-out that had only a few
 * lessons. Numbers are compared as asinh(x/s), s the least root mean square that a class has of them: small ones by
 * their difference, large ones by their ratio. One that has both signs within a class, as the slope of what swings has,
 * is compared by its magnitude. Each is scaled by its spread over the lessons, and counts for less where it differs no
 * more between classes than within them. The probability of a class is in proportion to 1/d².
 */
export class Neighbours {
  readonly #labels: readonly number[];
  /** Of each number, what it is divided by before it is compressed. */
  readonly #sizes: Float64Array;
  readonly #isSigned: readonly boolean[];
  readonly #scale: FrameScale;
  /** [lessons, numbers], scaled. */
  readonly #lessons: readonly Float64Array[];
  readonly #window: Float64Array;

  /** Of two lessons at least. */
  constructor(lessons: readonly TaughtFrames[]) {
    const size = lessons[0]!.frames.length;
    this.#labels = lessons.map(({ label }) => label);
    const classes = [...new Set(this.#labels)].map((own) => lessons.filter(({ label }) => label === own));
    this.#sizes = Float64Array.from({ length: size }, (_, k) => leastSize(classes, k));
    this.#isSigned = Array.from({ length: size }, (_, k) => classes.every((own) => hasOneSign(own, k)));
    this.#window = new Float64Array(size);
    const compressed = lessons.map(({ frames, label }) => ({
      frames: this.#compress(frames, new Float64Array(size)),
      label,
    }));
    this.#scale = new FrameScale(1, size, { of: 2, early: true });
    this.#scale.fit(compressed);
    this.#lessons = compressed.map(({ frames }) => this.#scaled(frames));
  }

  /** Bytes for so many lessons of `size` numbers, with those of their scale. */
  static bytes(lessons: number, size: number): number {
    return 8 * size * (lessons + 8);
  }

  #compress(frames: Float64Array, into: Float64Array): Float64Array {
    for (let k = 0; k < frames.length; k++) {
      const number = Math.asinh(frames[k]! / this.#sizes[k]!);
      into[k] = this.#isSigned[k] ? number : Math.abs(number);
    }
    return into;
  }

  /** In place. */
  #scaled(frames: Float64Array): Float64Array {
    for (let k = 0; k < frames.length; k++) frames[k] = this.#scale.apply(0, k, frames[k]!);
    return frames;
  }

  /** Writes the probability of each class of a window with such frames. */
  vote(frames: Float64Array, probabilities: Float64Array): void {
    const window = this.#scaled(this.#compress(frames, this.#window));
    probabilities.fill(0);
    let total = 0;
    for (const [k, lesson] of this.#lessons.entries()) {
      const label = this.#labels[k]!;
      const nearness = 1 / (SMALLEST + squaredDistance(window, lesson));
      probabilities[label] = Math.max(probabilities[label]!, nearness);
    }
    for (const nearness of probabilities) total += nearness;
    for (let c = 0; c < probabilities.length; c++) probabilities[c]! /= total;
  }
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k]! - b[k]!) ** 2;
  return sum;
}

type Lessons = readonly TaughtFrames[];

/** Of number k, the root mean square over the lessons of the class in which it is smallest; 1 where it is 0. */
function leastSize(classes: readonly Lessons[], k: number): number {
  const squareOf = (own: Lessons) => own.reduce((sum, { frames }) => sum + frames[k]! ** 2, 0) / own.length;
  return Math.sqrt(Math.min(...classes.map(squareOf))) || 1;
}

function hasOneSign(lessons: Lessons, k: number): boolean {
  return lessons.every(({ frames }) => frames[k]! >= 0) || lessons.every(({ frames }) => frames[k]! <= 0);
}
