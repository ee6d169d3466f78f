import type { RandomGenerator, Shape } from '@spikewire/models';

/** Another sample of the same class, made of one that is learned; the one that is given stays as it is. */
export type Augment = (sample: ArrayLike<number>, random: RandomGenerator) => ArrayLike<number>;

/** How samples of a shape are varied while a net learns them. Throws `usage` for shapes that it cannot vary. */
export type Augmentation = (shape: Shape) => Augment;
