import { type KeptNumbers, kept, real, whole } from '../kept-numbers.ts';
import { followMoments } from '../running-moments.ts';

/** Lessons of known classes before anything is called unknown. */
const LEAST_LESSONS = 20;
/** Lessons over which what is usual is taken. */
const MOST_LESSONS = 100;
/** Deviations above the usual from which on a window is unknown. */
const LIMIT = 3;
const SMALLEST = 1e-12;

/**
 * Whether a window looks like something that was taught. How strange one is, is what the read-out knows least about:
 * the variance that least squares leaves in its direction, and the doubt in its answer. It is compared with how strange
 * windows of known classes were before their lessons, on a logarithmic scale.
 */
export class Familiarity {
  /** Lessons counted, mean and variance of ln strangeness. */
  readonly state = new Float64Array(3);

  /** The state, as it is saved. */
  get kept(): KeptNumbers<Float64Array> {
    return kept(this.state, whole(0, MOST_LESSONS), real(), real(0));
  }

  learn(strangeness: number): void {
    const n = Math.min(MOST_LESSONS, this.state[0]! + 1);
    this.state[0] = n;
    const change = Math.log(Math.max(SMALLEST, strangeness)) - this.state[1]!;
    followMoments(this.state, 1, change, n);
  }

  isUnknown(strangeness: number): boolean {
    const [lessons, mean, variance] = this.state as unknown as readonly [number, number, number];
    if (lessons < LEAST_LESSONS) return false;
    return Math.log(Math.max(SMALLEST, strangeness)) > mean + LIMIT * Math.sqrt(variance);
  }
}
