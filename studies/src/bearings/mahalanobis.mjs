import { solvePositiveDefinite } from '@spikewire/models';

/** Distance from the mean of the first points in their covariance, with a ridge of a thousandth of its trace. */
export function mahalanobis(width, learned, standardOf) {
  const points = [];
  let distance;
  return {
    scoreOf(point) {
      if (distance !== undefined) return distance(point);
      if (points.push(Float64Array.from(point)) === Math.floor(learned / 2))
        distance = distanceFrom(points, width, standardOf(points, 0).mean);
      return 0;
    },
  };
}

function distanceFrom(points, width, mean) {
  const indices = [...mean.keys()];
  const covarianceOf = (i, j) =>
    points.reduce((sum, p) => sum + (p[i] - mean[i]) * (p[j] - mean[j]), 0) / points.length;
  const covariance = Float64Array.from(indices.flatMap((i) => indices.map((j) => covarianceOf(i, j))));
  const trace = indices.reduce((sum, k) => sum + covariance[k * (width + 1)], 0);
  for (const k of indices) covariance[k * (width + 1)] += (1e-3 * trace) / width;
  return (point) => {
    const difference = mean.map((value, k) => point[k] - value);
    const solved = difference.slice();
    solvePositiveDefinite(covariance.slice(), solved, width, 1);
    return Math.sqrt(difference.reduce((sum, d, k) => sum + d * solved[k], 0));
  };
}
