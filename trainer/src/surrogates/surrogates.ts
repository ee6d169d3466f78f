import { arctan } from './arctan.ts';
import { gaussian } from './gaussian.ts';
import { fastSigmoid, superSpike } from './hyperbolic.ts';
import { polynomial } from './polynomial.ts';
import { rectangular } from './rectangular.ts';
import { sigmoid } from './sigmoid.ts';
import type { Surrogate } from './surrogate.ts';

/** Every surrogate at its usual width. A new one is a file of its own and a line here. */
export const surrogates: readonly Surrogate[] = [
  fastSigmoid(),
  arctan(),
  superSpike(),
  rectangular(),
  polynomial(),
  sigmoid(),
  gaussian(),
];
