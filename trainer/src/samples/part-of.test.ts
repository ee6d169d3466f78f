import { expect, it } from 'vitest';
import { partOf } from './part-of.ts';

it('takes samples with what is wanted of them, from the front and from the end', () => {
  const data = { name: 'rows', classes: [], samples: [[1], [2], [3]], labels: Int32Array.of(4, 5, 6) };
  const numbers = { ...data, targets: [[7], [8], [9]] };
  expect(partOf(numbers, 0, 2)).toEqual({
    ...{ ...numbers, samples: [[1], [2]] },
    ...{ labels: Int32Array.of(4, 5), targets: [[7], [8]] },
  });
  expect(partOf(numbers, -1)).toMatchObject({ samples: [[3]], labels: Int32Array.of(6), targets: [[9]] });
  expect(partOf(data, 0, undefined)).toEqual(data);
});
