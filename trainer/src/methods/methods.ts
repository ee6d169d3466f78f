import type { Method } from './method.ts';
import { stbp } from './stbp.ts';

/** Every method. A new one is a file of its own and a line here. */
export const methods: readonly Method[] = [stbp];
