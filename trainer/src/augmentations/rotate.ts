import { kind } from '../kinds/kind.ts';
import type { Augmentation } from './augmentation.ts';
import { imageOf } from './image.ts';

/** About the middle, all angles equally likely, bilinear between pixels; what comes in at the edges is 0. */
export const rotate = kind({
  name: 'rotate',
  summary: 'images turned by up to so many degrees in both directions (Simard, Steinkraus and Platt 2003, section 2)',
  parameters: { most: { doc: 'degrees', form: 'number', default: 10, above: 0, maximum: 180 } },
  prepare:
    ({ most }): Augmentation =>
    (shape) => {
      const { planes, height, width } = imageOf('rotate', shape);
      const [middleRow, middleColumn] = [(height - 1) / 2, (width - 1) / 2];
      return (sample, random) => {
        const angle = ((2 * random.nextUniform() - 1) * most * Math.PI) / 180;
        const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
        const turned = new Float32Array(sample.length);
        const pixel = (start: number, row: number, column: number) =>
          row >= 0 && row < height && column >= 0 && column < width ? sample[start + row * width + column]! : 0;
        for (let row = 0; row < height; row++) {
          for (let column = 0; column < width; column++) {
            const [down, right] = [row - middleRow, column - middleColumn];
            const [y, x] = [middleRow + cosine * down - sine * right, middleColumn + sine * down + cosine * right];
            const [top, left] = [Math.floor(y), Math.floor(x)];
            const [below, beside] = [y - top, x - left];
            for (let start = 0; start < planes * height * width; start += height * width) {
              const upper = (1 - beside) * pixel(start, top, left) + beside * pixel(start, top, left + 1);
              const lower = (1 - beside) * pixel(start, top + 1, left) + beside * pixel(start, top + 1, left + 1);
              turned[start + row * width + column] = (1 - below) * upper + below * lower;
            }
          }
        }
        return turned;
      };
    },
});
