import { kindNamed } from '../../parameters/kind-named.ts';
import { bernoulli } from './bernoulli.ts';
import { burst } from './burst.ts';
import { delta } from './delta.ts';
import { direct } from './direct.ts';
import type { EncoderKind } from './encoder.ts';
import { latency } from './latency.ts';
import { phase } from './phase.ts';
import { poisson } from './poisson.ts';
import { population } from './population.ts';
import { rankOrder } from './rank-order.ts';
import { sequence } from './sequence.ts';
import { uniform } from './uniform.ts';

/** Every encoder. A new one is a file of its own and a line here. */
export const encoderKinds: readonly EncoderKind[] = [
  direct,
  bernoulli,
  poisson,
  uniform,
  latency,
  rankOrder,
  phase,
  burst,
  population,
  delta,
  sequence,
];

/** The encoder of a type name, or a `graph` error that says where and lists the types there are. */
export function encoderKindOf(type: string, where: string): EncoderKind {
  return kindNamed('encoder', encoderKinds, type, where);
}
