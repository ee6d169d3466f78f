import type { Kind } from '../kinds/kind.ts';
import { membrane } from './membrane.ts';
import { percentile } from './percentile.ts';
import { rate } from './rate.ts';
import type { Regulariser } from './regulariser.ts';
import { weights } from './weights.ts';

/** Every regulariser. A new one is a file of its own and a line here. */
export const regularisers: readonly Kind<Regulariser>[] = [rate, membrane, weights, percentile];
