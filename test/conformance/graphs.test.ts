import { type Model, nodeKinds, type TensorData } from '@spikewire/models';
import fc from 'fast-check';
import { engineNamed, type RunningNetwork, referenceEngine } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { arbitraryGraph } from './arbitrary-graph.ts';
import type { RandomNet } from './arbitrary-model.ts';
import { cells } from './cells.ts';
import { play } from './play.ts';

/** All weights a little larger: what comes out the same is away from ties. */
function nudged(model: Model): Model {
  const nodes = new Map(model.graph.nodes);
  for (const [name, node] of nodes) {
    const key = node.parameters.scale === undefined ? 'weight' : 'scale';
    const weight = node.parameters[key] as { shape: readonly number[]; data: TensorData } | undefined;
    if (weight === undefined) continue;
    const data = Float64Array.from(weight.data as Float64Array, (w) => w * (1 + 3e-6));
    nodes.set(name, { ...node, parameters: { ...node.parameters, [key]: { ...weight, data } } });
  }
  return { ...model, graph: { ...model.graph, nodes } };
}

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
