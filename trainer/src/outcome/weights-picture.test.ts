import { expect, it } from 'vitest';
import { weightsPicture } from './weights-picture.ts';

it('shows the weights of each neuron side by side, from black to white', () => {
  const picture = weightsPicture({ weights: [0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 5], form: [2, 2] });
  const view = new DataView(picture.buffer);
  expect(String.fromCharCode(...picture.subarray(0, 2))).toBe('BM');
  expect(view.getUint32(2, true)).toBe(picture.length);
  // Three neurons of 2 × 2 in a square of two by two, with a line between: 5 × 5 pixels in rows of 8 bytes.
  expect([view.getUint32(18, true), view.getUint32(22, true)]).toEqual([5, 5]);
  const start = view.getUint32(10, true);
  expect(picture.length - start).toBe(5 * 8);
  const pixels = Array.from({ length: 5 }, (_, row) => [...picture.subarray(start + (4 - row) * 8).subarray(0, 5)]);
  expect(pixels).toEqual([
    [0, 51, 0, 204, 255],
    [102, 153, 0, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 255, 0, 0, 0],
  ]);
});
