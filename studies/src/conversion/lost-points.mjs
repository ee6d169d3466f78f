import { RandomGenerator } from '@spikewire/models';
import { sum } from '../shared/figures.mjs';

/** Points that the second has right less than the first, and their 95 % interval by a paired bootstrap. */
export function lostPoints(first, second) {
  const differences = Float64Array.from(first, (isRight, k) => isRight - second[k]);
  const random = new RandomGenerator(1, 'bootstrap');
  const size = differences.length;
  const draws = Array.from({ length: 1000 }, () => {
    let drawn = 0;
    for (let k = 0; k < size; k++) drawn += differences[Math.floor(size * random.nextUniform())];
    return (100 * drawn) / size;
  }).sort((a, b) => a - b);
  return { points: (100 * sum(differences)) / size, low: draws[25], high: draws[974] };
}

export const inWords = ({ points, low, high }) => `${points.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;

/** Half of the 95 % interval of a share of so many samples (Wilson). */
export function halfInterval(share, size) {
  const z = 1.96;
  return (z * Math.sqrt((share * (1 - share)) / size + (z / (2 * size)) ** 2)) / (1 + z ** 2 / size);
}
