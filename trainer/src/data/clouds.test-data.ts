import type { DataSet } from '@spikewire/engine/data';
import { RandomGenerator } from '@spikewire/models';

/** Points in three clouds of a plane and noise in a third channel. */
export function clouds(count: number): DataSet {
  const random = new RandomGenerator(1, 'clouds');
  const labels = Int32Array.from({ length: count }, (_, k) => k % 3);
  const centres = [
    [0, 0],
    [3, 0],
    [0, 3],
  ];
  const samples = Array.from(labels, (label) =>
    Float64Array.of(
      centres[label]![0]! + 0.4 * random.nextNormal(),
      centres[label]![1]! + 0.4 * random.nextNormal(),
      random.nextNormal(),
    ),
  );
  return { name: 'clouds', classes: ['a', 'b', 'c'], samples, labels };
}
