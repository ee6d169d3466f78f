import { type NeuronKind, type ResolvedNode, whole } from '@spikewire/models';
import type { EmissionRingPlan } from '../emission-ring.ts';
import { HELD } from '../kernels/float-numbers.ts';
import type { MemoryPlan } from '../kernels/memory.ts';
import type { DynamicsPlan, StateVariable } from '../program.ts';
import type { Sums } from '../sums.ts';

/** Lays out a population that runs by its kind's own equations. */
export function planDynamics(
  memory: MemoryPlan,
  site: {
    readonly kind: NeuronKind;
    readonly node: ResolvedNode;
    readonly index: number;
    readonly list: EmissionRingPlan;
  },
  accumulators: readonly Sums[],
): DynamicsPlan {
  const { kind, index, list } = site;
  const { node, semantics } = site.node;
  const { layout } = list;
  const dynamics = kind.prepare(node, layout.size, semantics);
  const state = new Map<string, StateVariable>();
  for (const [name, start] of Object.entries(dynamics.initial)) {
    const address = memory.float32(layout.arrange(start));
    state.set(name, {
      address,
      format: 'float32',
      length: layout.length,
      layout,
      resets: true,
      ranges: [name === 'refractory' ? whole() : HELD],
    });
  }
  const population = { index, list, spikes: kind.emits === 'spikes', state };
  const inputs = accumulators.map(({ address }) => address);
  return { kind, dynamics, population, size: layout.size, inputs };
}
