import { formatShape, type Shape, SpikewireError } from '@spikewire/models';

/** Of a shape [planes, height, width]; throws `usage` for any other, in the name of an augmentation. */
export function imageOf(augmentation: string, shape: Shape): { planes: number; height: number; width: number } {
  const [planes, height, width] = shape as [number, number, number];
  if (shape.length === 3) return { planes, height, width };
  throw new SpikewireError('usage', `augment ${augmentation}`, `gets shape ${formatShape(shape)}`, 'images');
}
