import { parseModel, SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { EventBuffer, type RunningNetwork } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { chain } from '../../chain.ts';
import { arbitraryNet } from '../arbitrary-model.ts';
import type { EngineUnderTest } from '../engine-under-test.ts';
import { play, roomFor, windowOf } from '../play.ts';
import { playTaught } from './random-nets.ts';

/** Two neurons that each spike in the step in which a spike arrives. */
const pair = parseModel({
  nodes: {
    in: { type: 'Input', shape: [2] },
    fc: {
      type: 'Linear',
      weight: [
        [1, 0],
        [0, 1],
      ],
    },
    cell: { type: 'IF', r: 1000, v_threshold: 0.75 },
    out: { type: 'Output', shape: [2] },
  },
  edges: chain('in', 'fc', 'cell', 'out'),
});

function errorOf(action: () => void): SpikewireError {
  try {
    action();
  } catch (error) {
    if (error instanceof SpikewireError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Everything that can be seen of a net's state. */
function visibleState(network: RunningNetwork) {
  const states = network.graph.nodes.flatMap(({ name, kind }) =>
    kind.role === 'neuron' ? [network.readState(name, 'v')] : [],
  );
  const weights = network.graph.nodes.flatMap(({ name }) => (name === 'decode' ? [network.readWeights(name)] : []));
  return { states, weights, step: network.step, counters: { ...network.counters } };
}

export function describeRunning({ load }: EngineUnderTest): void {
  describe('running', () => {
    it('gives the same in one window as step by step', () => {
      fc.assert(
        fc.property(arbitraryNet, ({ model, steps, stimulus }) => {
          const [whole, single] = [load(model), load(model)];
          const events = play(whole, steps, stimulus);
          expect(playTaught(single, { model, steps, stimulus, teach: new Map() })).toEqual(events);
          expect(visibleState(single)).toEqual(visibleState(whole));
          expect(whole.step).toBe(steps);
        }),
        { numRuns: 40 },
      );
    });

    it('continues bit for bit from a saved state, in another net', () => {
      fc.assert(
        fc.property(arbitraryNet, fc.double({ min: 0, max: 1, noNaN: true }), (net, share) => {
          const cut = Math.floor(share * net.steps);
          const uninterrupted = load(net.model);
          playTaught(uninterrupted, net, 0, cut);
          const saved = uninterrupted.save();
          const resumed = load(net.model, { seed: 99 });
          resumed.restore(saved);
          expect(visibleState(resumed)).toEqual(visibleState(uninterrupted));
          expect(playTaught(resumed, net, cut)).toEqual(playTaught(uninterrupted, net, cut));
          expect(visibleState(resumed)).toEqual(visibleState(uninterrupted));
          expect(Buffer.from(resumed.save()).equals(uninterrupted.save())).toBe(true);
        }),
        { numRuns: 40 },
      );
    });

    it('refuses a damaged state and goes on as if nothing had been', () => {
      const [net, twin] = [load(pair), load(pair)];
      const stimulus = {
        in: [
          [0, 0],
          [1, 1],
          [3, 0],
        ],
      };
      for (const each of [net, twin]) play(each, 2, stimulus);
      const saved = net.save();
      for (const offset of [0, 9, 40, Math.floor(saved.length / 2), saved.length - 1]) {
        const damaged = saved.slice();
        damaged[offset]! ^= 0x10;
        expect(errorOf(() => net.restore(damaged)).code).toBe('store');
      }
      expect(errorOf(() => net.restore(saved.slice(0, -1))).code).toBe('store');
      expect(errorOf(() => net.restore(new Uint8Array())).code).toBe('store');
      expect(visibleState(net)).toEqual(visibleState(twin));
      expect(play(net, 2, stimulus, 2)).toEqual(play(twin, 2, stimulus, 2));
    });

    it('refuses the state of another model', () => {
      const nodes = new Map(pair.graph.nodes);
      nodes.delete('out');
      const other = { ...pair, graph: { nodes, edges: pair.graph.edges.slice(0, 2) } };
      const error = errorOf(() => load(pair).restore(load(other).save()));
      expect(error.code).toBe('store');
      expect(error.message).toMatch(/belongs to model/);
    });

    it('starts anew after resetActivity, and counts its steps on', () => {
      fc.assert(
        fc.property(arbitraryNet, ({ model, steps, stimulus }) => {
          const net = load(model);
          const first = play(net, steps, stimulus);
          net.resetActivity();
          expect(play(net, steps, stimulus)).toEqual(first);
          expect(net.step).toBe(2 * steps);
        }),
        { numRuns: 25 },
      );
    });

    it('counts spikes, and the weighted synapses that events passed', () => {
      const net = load(pair);
      play(net, 4, {
        in: [
          [0, 0],
          [0, 1],
          [2, 1],
        ],
      });
      expect(net.counters.spikes).toBe(3);
      expect(net.counters.synapticOperations).toBe(6);
      expect(net.bytes).toBeGreaterThan(0);
    });

    it('counts what finds a full buffer and keeps the rest', () => {
      const net = load(pair);
      const stimulus = {
        in: [
          [0, 0],
          [0, 1],
          [1, 0],
        ],
      };
      const [output, raster] = [new EventBuffer(2), new EventBuffer(1)];
      net.run(2, windowOf(net, stimulus), output, raster);
      expect([output.length, output.dropped]).toEqual([2, 1]);
      expect([raster.length, raster.dropped]).toEqual([1, 2]);
      expect(Array.from(output.index)).toEqual([0, 1]);
    });

    it.each([
      ['a neuron', [0, 'cell', 0, 1], /event 0: goes to "cell" \(IF\); expected an Input node/],
      ['an element that is not there', [0, 'in', 2, 1], /event 0 into "in": has index 2; expected 0…1/],
      ['a step outside the window', [5, 'in', 0, 1], /event 0 into "in": is at step 5/],
      ['a number that is none', [0, 'in', 0, Number.NaN], /event 0 into "in": is NaN/],
    ] as const)('refuses an event for %s before anything runs', (_case, [step, name, index, value], message) => {
      const net = load(pair);
      const input = new EventBuffer(1);
      input.push(
        step,
        net.graph.nodes.findIndex((node) => node.name === name),
        index,
        value,
      );
      const error = errorOf(() => net.run(2, input, roomFor(net, 2)));
      expect(error.code).toBe('input');
      expect(error.message).toMatch(message);
      expect(net.step).toBe(0);
    });

    it('names the node or state that it does not have', () => {
      const net = load(pair);
      expect(() => net.readState('call', 'v')).toThrow(/node "call": is not in the graph/);
      expect(() => net.readState('cell', 'u')).toThrow(/node "cell": has no state "u"/);
      expect(() => net.readWeights('cell')).toThrow(/node "cell": has no weights/);
    });
  });
}
