import type { DataSource } from '@spikewire/engine/data';

/** Pairs of a class, in orders that bring both of them to learning and to validation. */
const equal = [...Array(6).fill([1, 1, 0, 0]), ...Array(6).fill([0, 0, 1, 1])].flat() as number[];
const unequal = [...Array(6).fill([1, 0, 0, 1]), ...Array(6).fill([0, 1, 1, 0])].flat() as number[];
const pairsOf = (bits: readonly number[]) =>
  Array.from({ length: bits.length / 2 }, (_, k) => Float64Array.of(bits[2 * k]!, bits[2 * k + 1]!));

/** Exclusive or: there are four samples, which all are learned, many times an epoch, and all are the test. */
export const xor: DataSource = {
  name: 'xor',
  summary: 'xor, two bits; the class is their exclusive or',
  load: async () => ({
    name: 'xor',
    classes: ['0', '1'],
    samples: pairsOf([0, 0, 0, 1, 1, 0, 1, 1]),
    labels: Int32Array.of(0, 1, 1, 0),
    training: {
      samples: [...pairsOf(equal), ...pairsOf(unequal)],
      labels: Int32Array.from({ length: 48 }, (_, k) => Number(k >= 24)),
    },
  }),
};
