import { kind } from '../kinds/kind.ts';
import type { Augmentation } from './augmentation.ts';
import { imageOf } from './image.ts';

/** Down or up and to a side by whole pixels, all distances equally likely; what comes in at the edges is 0. */
export const shift = kind({
  name: 'shift',
  summary: 'images moved by up to so many pixels in both directions (Simard, Steinkraus and Platt 2003, section 2)',
  parameters: { most: { doc: 'pixels', form: 'integer', default: 2, minimum: 1 } },
  prepare:
    ({ most }): Augmentation =>
    (shape) => {
      const { planes, height, width } = imageOf('shift', shape);
      return (sample, random) => {
        const [down, right] = [random, random].map((each) => each.nextInteger(2 * most + 1) - most) as [number, number];
        const moved = new Float32Array(sample.length);
        for (let row = Math.max(0, down); row < Math.min(height, height + down); row++) {
          for (let column = Math.max(0, right); column < Math.min(width, width + right); column++) {
            for (let plane = 0; plane < planes; plane++) {
              const at = plane * height * width;
              moved[at + row * width + column] = sample[at + (row - down) * width + column - right]!;
            }
          }
        }
        return moved;
      };
    },
});
