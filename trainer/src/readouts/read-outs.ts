import { membrane } from './membrane.ts';
import { rate } from './rate.ts';
import type { ReadOut } from './read-out.ts';

/** Every read-out. A new one is a file of its own and a line here. */
export const readOuts: readonly ReadOut[] = [rate, membrane];
