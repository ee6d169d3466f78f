import type { GraphNode, Model, Tensor } from '@spikewire/models';
import fc from 'fast-check';
import type { RunningNetwork } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { arbitraryNet, type RandomNet } from '../arbitrary-model.ts';
import type { EngineUnderTest, LoadModel } from '../engine-under-test.ts';
import { play } from '../play.ts';

/** A relative change of all thresholds that must not change a spike, for a net to count as away from ties. */
const MARGIN = 2e-4;

export function describeRandomNets({ load, tolerance, oracle }: EngineUnderTest): void {
  if (oracle === undefined) return;
  const agreement = oracle.bitExact ? 'bit for bit' : 'in spikes, away from ties';

  describe('random nets', () => {
    it(`equals its oracle ${agreement}`, () => {
      fc.assert(
        fc.property(arbitraryNet, (net) => {
          fc.pre(oracle.bitExact || isAwayFromTies(oracle.load, net));
          const [actual, expected] = [load(net.model), oracle.load(net.model)];
          const [events, truth] = [playTaught(actual, net), playTaught(expected, net)];
          for (const { name, kind } of actual.graph.nodes) {
            if (oracle.bitExact || spikes(kind.role, name)) expect(events[name], name).toEqual(truth[name]);
            if (kind.role !== 'neuron') continue;
            expectStates(
              actual.readState(name, 'v'),
              expected.readState(name, 'v'),
              oracle.bitExact ? 0 : tolerance.membrane,
              name,
            );
          }
          const weights = [actual.readWeights('decode'), expected.readWeights('decode')] as const;
          expectStates(...weights, oracle.bitExact ? 0 : tolerance.membrane, 'decode');
          if (oracle.bitExact) expect(actual.counters).toEqual(expected.counters);
        }),
        { numRuns: 150 },
      );
    });
  });
}

/** Values of a read-out are numbers, not spikes. */
function spikes(role: string, name: string): boolean {
  return role === 'neuron' || (role === 'output' && name !== 'out');
}

function expectStates(actual: Float64Array, expected: Float64Array, tolerance: number, name: string): void {
  expected.forEach((value, i) => {
    const error = Math.abs(actual[i]! - value);
    expect(error, `${name}[${i}]: ${actual[i]}, ${value}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(value)),
    );
  });
}

/** Plays a net step by step with its teaching signals. */
export function playTaught(network: RunningNetwork, { steps, stimulus, teach }: RandomNet, from = 0, to = steps) {
  const events: ReturnType<typeof play> = {};
  for (let step = from; step < to; step++) {
    for (const [name, list] of Object.entries(play(network, 1, stimulus, step))) {
      events[name] = [...(events[name] ?? []), ...list];
    }
    const signal = teach.get(step);
    if (signal !== undefined) network.teach('decode', signal);
  }
  return events;
}

/** Whether thresholds a little higher and a little lower give the same spikes. */
export function isAwayFromTies(load: LoadModel, net: RandomNet): boolean {
  const [lower, middle, upper] = [1 - MARGIN, 1, 1 + MARGIN].map((factor) => {
    const events = playTaught(load(withThresholds(net.model, factor)), net);
    return JSON.stringify(Object.entries(events).filter(([name]) => name !== 'out'));
  });
  return lower === middle && middle === upper;
}

function withThresholds(model: Model, factor: number): Model {
  const nodes = new Map<string, GraphNode>();
  for (const [name, node] of model.graph.nodes) {
    const threshold = node.parameters.v_threshold as Tensor | undefined;
    if (threshold === undefined) nodes.set(name, node);
    else {
      const v_threshold = {
        shape: threshold.shape,
        data: Float64Array.from(threshold.data, (theta) => theta * factor),
      };
      nodes.set(name, { ...node, parameters: { ...node.parameters, v_threshold } });
    }
  }
  return { ...model, graph: { nodes, edges: model.graph.edges } };
}
