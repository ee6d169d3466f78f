import type { RandomGenerator } from '../random/generator.ts';

/**
 * `count` points spread uniformly over the surface of the unit sphere, row-major [count, dimensions]; ±1 in one
 * dimension.
 */
export function drawOnSphere(count: number, dimensions: number, random: RandomGenerator): Float64Array {
  const points = new Float64Array(count * dimensions);
  for (let point = 0; point < count; point++) {
    const row = points.subarray(point * dimensions, (point + 1) * dimensions);
    let length = 0;
    // A normal vector has no preferred direction; one of length 0 has none at all.
    while (length === 0) {
      for (let k = 0; k < dimensions; k++) row[k] = random.nextNormal();
      length = Math.hypot(...row);
    }
    for (let k = 0; k < dimensions; k++) row[k]! /= length;
  }
  return points;
}

/** `count` points spread uniformly over the inside of the ball of a radius, row-major [count, dimensions]. */
export function drawInBall(count: number, dimensions: number, radius: number, random: RandomGenerator): Float64Array {
  const points = drawOnSphere(count, dimensions, random);
  for (let point = 0; point < count; point++) {
    const scale = radius * random.nextUniform() ** (1 / dimensions);
    for (let k = 0; k < dimensions; k++) points[point * dimensions + k]! *= scale;
  }
  return points;
}
