import { kindNamed } from '../../parameters/kind-named.ts';
import { count, maxRate } from './count.ts';
import type { DecoderKind } from './decoder.ts';
import { earliestSpike } from './earliest-spike.ts';
import { linearReadout } from './linear-readout.ts';
import { membraneSoftmax } from './membrane-softmax.ts';
import { populationVector } from './population-vector.ts';
import { rank } from './rank.ts';
import { softmaxDrawn } from './softmax-drawn.ts';
import { teachable } from './teachable.ts';

/** Every decoder. A new one is a file of its own and a line here. */
export const decoderKinds: readonly DecoderKind[] = [
  count,
  maxRate,
  earliestSpike,
  rank,
  membraneSoftmax,
  softmaxDrawn,
  populationVector,
  linearReadout,
  teachable,
];

/** The decoder of a type name, or a `graph` error that says where and lists the types there are. */
export function decoderKindOf(type: string, where: string): DecoderKind {
  return kindNamed('decoder', decoderKinds, type, where);
}
