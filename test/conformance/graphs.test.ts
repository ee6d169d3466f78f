import { nodeKinds } from '@spikewire/models';
import fc from 'fast-check';
import { engineNamed, type RunningNetwork, referenceEngine } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { arbitraryGraph } from './arbitrary-graph.ts';
import type { RandomNet } from './arbitrary-model.ts';
import { cells } from './cells.ts';
import { nudged } from './nudged.ts';
import { play } from './play.ts';

/** Spikes of all populations; what a read-out hands on is numbers, and differs in its last digits. */
function spikesOf(network: RunningNetwork, { steps, stimulus }: RandomNet) {
  const spiking = network.graph.nodes.filter(({ kind }) => kind.role === 'neuron' && kind.emits === 'spikes');
  const events = play(network, steps, stimulus);
  return Object.fromEntries(spiking.map(({ name }) => [name, events[name]]));
}

describe('random graphs of every kind of neuron and connection', () => {
  const lengths = [...new Set(Object.values(cells).map(({ dt }) => dt))];

  it.each(lengths)('in steps of %d s: every engine spikes as the reference, away from ties', (length) => {
    const alike = Object.values(cells).filter(({ dt }) => dt === length);
    let compared = 0;
    let spikes = 0;
    const met = new Set<string>();
    fc.assert(
      fc.property(arbitraryGraph(alike), (net) => {
        const truth = spikesOf(referenceEngine.load(net.model), net);
        fc.pre(JSON.stringify(spikesOf(referenceEngine.load(nudged(net.model)), net)) === JSON.stringify(truth));
        for (const engine of ['clocked', 'event']) {
          expect(spikesOf(engineNamed(engine).load(net.model), net), engine).toEqual(truth);
        }
        compared++;
        for (const { type } of net.model.graph.nodes.values()) met.add(type);
        spikes += Object.values(truth).reduce((sum, events) => sum + events!.length, 0);
      }),
      { numRuns: 60, maxSkipsPerRun: 20 },
    );
    expect(spikes / compared).toBeGreaterThan(3);
    const wanted = nodeKinds.filter(({ role }) => role === 'connection').map(({ type }) => type);
    const missing = [...wanted, ...alike.map(({ node }) => node.type)].filter((type) => !met.has(type as string));
    expect(missing).toEqual([]);
  });
});
