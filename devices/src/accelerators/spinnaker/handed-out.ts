import type { ResolvedGraph } from '@spikewire/models';
import type { EventList } from 'spikewire';

/**
 * Populations of a model whose spikes a board hands out: an Output that one of them leads to, alone and without a
 * delay, emits just what its neurons do.
 */
export class HandedOut {
  /** By index of an Output: the population in front of it, each of them once. */
  readonly #populations = new Map<number, number>();
  /** Names of the populations that spike unseen. */
  readonly missing: readonly string[];

  constructor({ nodes, edges }: ResolvedGraph) {
    const spiking = [...nodes.keys()].filter((index) => {
      const { kind } = nodes[index]!;
      return kind.role === 'neuron' && kind.emits === 'spikes';
    });
    const seen = new Set<number>();
    for (const { source, target, delay } of edges) {
      const isAlone = edges.filter((other) => other.target === target).length === 1;
      if (nodes[target]!.kind.role !== 'output' || !isAlone || delay > 0) continue;
      if (!spiking.includes(source) || seen.has(source)) continue;
      this.#populations.set(target, source);
      seen.add(source);
    }
    this.missing = spiking.filter((index) => !seen.has(index)).map((index) => nodes[index]!.name);
  }

  /** The spikes of populations from the events of Outputs, by step, node and index. */
  rasterOf({ step, node, index, value }: EventList): EventList {
    const nodeOf = (k: number) => this.#populations.get(node[k]!)!;
    const kept = Array.from(step.keys()).filter((k) => this.#populations.has(node[k]!));
    kept.sort((a, b) => step[a]! - step[b]! || nodeOf(a) - nodeOf(b) || index[a]! - index[b]!);
    return {
      step: Int32Array.from(kept, (k) => step[k]!),
      node: Int32Array.from(kept, nodeOf),
      index: Int32Array.from(kept, (k) => index[k]!),
      value: Float64Array.from(kept, (k) => value[k]!),
    };
  }
}
