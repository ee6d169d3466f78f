import type { RandomGenerator } from '@spikewire/models';
import { squaredDistance } from '../measures/numbers.ts';

/** Rounds in which centres move to the middle of what is nearest to them. */
const ROUNDS = 10;

/**
 * So many centres of samples by k-means (Lloyd 1982), begun as k-means++ does (Arthur and Vassilvitskii 2007): each
 * further centre is a sample, with a probability that grows by the square of its distance from the centres so far.
 */
export function centresOf(
  samples: readonly ArrayLike<number>[],
  count: number,
  random: RandomGenerator,
): Float32Array[] {
  let centres = begun(samples, count, random);
  for (let round = 0; round < ROUNDS; round++) {
    const sums = centres.map(({ length }) => new Float64Array(length));
    const counts = new Uint32Array(count);
    for (const sample of samples) {
      const at = nearestOf(sample, centres);
      counts[at]!++;
      for (let j = 0; j < sample.length; j++) sums[at]![j]! += sample[j]!;
    }
    centres = centres.map((centre, k) =>
      counts[k] === 0 ? centre : Float32Array.from(sums[k]!, (x) => x / counts[k]!),
    );
  }
  return centres;
}

function begun(samples: readonly ArrayLike<number>[], count: number, random: RandomGenerator): Float32Array[] {
  const centres = [Float32Array.from(samples[random.nextInteger(samples.length)]!)];
  const distances = Float64Array.from(samples, (sample) => squaredDistance(sample, centres[0]!));
  while (centres.length < count) {
    let left = random.nextUniform() * distances.reduce((sum, each) => sum + each, 0);
    const chosen = distances.findIndex((each) => {
      left -= each;
      return left <= 0;
    });
    const centre = Float32Array.from(samples[Math.max(0, chosen)]!);
    centres.push(centre);
    for (const [n, sample] of samples.entries())
      distances[n] = Math.min(distances[n]!, squaredDistance(sample, centre));
  }
  return centres;
}

function nearestOf(sample: ArrayLike<number>, centres: readonly Float32Array[]): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (const [k, centre] of centres.entries()) {
    const distance = squaredDistance(sample, centre);
    if (distance < least) [best, least] = [k, distance];
  }
  return best;
}
