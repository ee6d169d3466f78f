import type { Kind } from '../kinds/kind.ts';
import type { Augmentation } from './augmentation.ts';
import { noise } from './noise.ts';
import { rotate } from './rotate.ts';
import { shift } from './shift.ts';

/** Every augmentation. A new one is a file of its own and a line here. */
export const augmentations: readonly Kind<Augmentation>[] = [shift, rotate, noise];
