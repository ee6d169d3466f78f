import type { Kind } from '../kinds/kind.ts';
import { adam } from './adam.ts';
import { adamw } from './adamw.ts';
import type { Optimiser } from './optimiser.ts';
import { sgd } from './sgd.ts';

/** Every optimiser. A new one is a file of its own and a line here. */
export const optimisers: readonly Kind<Optimiser>[] = [adam, adamw, sgd];
