import type { Surrogate } from '../graph/operations/spike.ts';
import type { Kind } from '../kinds/kind.ts';
import { arctan } from './arctan.ts';
import { gaussian } from './gaussian.ts';
import { fastSigmoid, superSpike } from './hyperbolic.ts';
import { polynomial } from './polynomial.ts';
import { rectangular } from './rectangular.ts';
import { sigmoid } from './sigmoid.ts';
import { triangular } from './triangular.ts';

/** Every surrogate. A new one is a file of its own and a line here. */
export const surrogates: readonly Kind<Surrogate>[] = [
  fastSigmoid,
  arctan,
  superSpike,
  rectangular,
  polynomial,
  sigmoid,
  gaussian,
  triangular,
];
