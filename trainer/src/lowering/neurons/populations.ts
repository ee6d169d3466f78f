import { SpikewireError } from '@spikewire/models';
import { adaptivePopulation } from './adaptive.ts';
import { linearPopulation } from './linear.ts';
import type { Population, PopulationSite } from './population.ts';
import { rectifierPopulation } from './rectifier.ts';

/** The population of a node, by the form that its kind has. Throws `unsupported` for kinds that have none. */
export function lowerPopulation(site: PopulationSite): Population {
  const { kind, size, node } = site;
  if (kind.type === 'ReLU') return rectifierPopulation(site);
  if (kind.linear !== undefined) return linearPopulation(site, kind.linear(node.node, size, node.semantics));
  const adaptive = kind.adaptive?.(node.node, size, node.semantics);
  if (adaptive !== undefined) return adaptivePopulation(site, adaptive);
  const where = `node "${node.name}" (${kind.type})`;
  const expected = 'IF, LIF, CubaLIF, ALIF, LI or another kind that is linear between spikes';
  throw new SpikewireError('unsupported', where, 'cannot be trained by gradient', expected);
}
