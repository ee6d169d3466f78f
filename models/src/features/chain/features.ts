import { kindNamed } from '../../parameters/kind-named.ts';
import { belowLargest } from '../below-largest.ts';
import { block } from '../block.ts';
import { difference } from '../difference.ts';
import type { FeatureKind } from '../feature.ts';
import { logarithm } from '../logarithm.ts';
import { range } from '../range.ts';
import { runningStandardise } from '../running-standardise.ts';
import { bandEnergies } from '../spectrum/band-energies.ts';
import { bearingLines } from '../spectrum/bearing-lines.ts';
import { envelopeEnergies } from '../spectrum/envelope-energies.ts';
import { filterbank } from '../spectrum/filterbank.ts';
import { velocity } from '../spectrum/velocity.ts';
import { standardise } from '../standardise.ts';
import { statistics } from '../statistics.ts';
import { window } from '../window.ts';

/** Every feature. A new one is a file of its own and a line here. */
export const featureKinds: readonly FeatureKind[] = [
  block,
  window,
  ...statistics,
  bandEnergies,
  envelopeEnergies,
  bearingLines,
  velocity,
  filterbank,
  difference,
  logarithm,
  belowLargest,
  range,
  standardise,
  runningStandardise,
];

/** The feature of a type name, or a `graph` error that says where and lists the types there are. */
export function featureKindOf(type: string, where: string): FeatureKind {
  return kindNamed('feature', featureKinds, type, where);
}
