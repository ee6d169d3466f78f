import { activationCovering, type LayerActivations } from './activations.ts';

/** λ of every layer: the activation that so many percent of those above 0 lie below. */
export function scalesAt(
  activations: ReadonlyMap<string, LayerActivations>,
  percentile: number,
): ReadonlyMap<string, number> {
  return new Map([...activations].map(([name, layer]) => [name, activationCovering(layer, percentile / 100)]));
}
