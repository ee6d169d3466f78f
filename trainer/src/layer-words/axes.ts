import { formatShape, SpikewireError } from '@spikewire/models';
import type { LayerSite } from './word.ts';

/** 1 where a layer gets signals, 2 where it gets images; throws `usage` for what is neither. */
export function axesOf({ inputShape }: LayerSite, word: string): number {
  const axes = inputShape.length - 1;
  if (axes === 1 || axes === 2) return axes;
  const expected = 'images [channels, height, width], or signals [channels, length]';
  throw new SpikewireError('usage', `layer ${word}`, `gets shape ${formatShape(inputShape)}`, expected);
}
