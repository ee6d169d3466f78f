import { describe, expect, it } from 'vitest';
import { checkModel } from '../check/check.ts';
import { readModel, writeModel } from '../file/spike.ts';
import { formatModel, parseModel } from '../file/text/model.ts';
import type { Tensor } from '../tensor.ts';
import { type ConnectionOptions, NetworkBuilder } from './network-builder.ts';

const lif = { type: 'LIF', tau: 0.02, v_threshold: 1 };

function pair(options: ConnectionOptions, sizes: readonly [number, number] = [4, 4]) {
  const net = new NetworkBuilder({ dt: 0.001, seed: 3 });
  const source = net.input('in', sizes[0]);
  const target = net.population('cells', sizes[1], lif);
  const name = net.connect(source, target, options);
  net.output('out', target);
  const model = net.model();
  checkModel(model);
  return { model, name, node: model.graph.nodes.get(name)! };
}

const dataOf = (value: unknown) => Array.from((value as Tensor).data);

describe('NetworkBuilder', () => {
  it.each<[ConnectionOptions, string]>([
    [{}, 'Linear'],
    [{ kind: 'one-to-one' }, 'Scale'],
    [{ kind: 'all-but-one', weights: -1 }, 'AllButOne'],
    [{ kind: 'random', probability: 0.5 }, 'Sparse'],
    [{ kind: 'random', inDegree: 2, weights: { normal: [1, 0.1] } }, 'Sparse'],
  ])('makes %j a %s node of a model that can be run, read and written', (options, type) => {
    const { model, name, node } = pair(options);
    expect([name, node.type]).toEqual(['in-cells', type]);
    const text = formatModel(model).json;
    expect(formatModel(parseModel(text)).json).toBe(text);
    const stored = readModel(writeModel(model)).graph.nodes.get(name)!;
    for (const [key, value] of Object.entries(node.parameters)) {
      expect(dataOf(stored.parameters[key]), key).toEqual(dataOf(value));
    }
  });

  it('puts weights [outputs][inputs] and asks for them by source and target', () => {
    const { node } = pair({ weights: (source, target) => 10 * target + source }, [2, 3]);
    expect(dataOf(node.parameters.weight)).toEqual([0, 1, 10, 11, 20, 21]);
  });

  it('connects parts of groups, and keeps other rows empty', () => {
    const net = new NetworkBuilder();
    const cells = net.population('cells', 5, lif);
    const name = net.connect(cells.slice(1, 3), cells.slice(3, 5), { weights: (i, j) => 10 * i + j });
    const { parameters } = net.model().graph.nodes.get(name)!;
    expect(dataOf(parameters.offset)).toEqual([0, 0, 2, 4, 4, 4]);
    expect(dataOf(parameters.target)).toEqual([3, 4, 3, 4]);
    expect(dataOf(parameters.weight)).toEqual([0, 1, 10, 11]);
  });

  it('takes synapses as they are listed', () => {
    const { node } = pair({ kind: 'listed', synapses: [[1, 2], [], Uint16Array.of(0)] }, [3, 3]);
    expect([dataOf(node.parameters.target), dataOf(node.parameters.offset)]).toEqual([
      [1, 2, 0],
      [0, 2, 2, 3],
    ]);
    expect(() => pair({ kind: 'listed', synapses: [[1]] }, [3, 3])).toThrow(/lists 1 sources; expected 3/);
    expect(() => pair({ kind: 'listed', synapses: [[1, 0], [], []] }, [3, 3])).toThrow(/ascending outputs, none twice/);
    expect(() => pair({ kind: 'listed' })).toThrow(/synapses with kind "listed", and only there/);
  });

  it('gives inhibition its sign, or its port where the target has one', () => {
    expect(dataOf(pair({ sign: 'inhibitory', kind: 'one-to-one', weights: 2 }).node.parameters.scale)).toEqual([-2]);
    const net = new NetworkBuilder();
    const target = net.population('cells', 2, {
      ...{ type: 'ConductanceLIF', tau: 0.02, tau_e: 0.005, tau_i: 0.01, e_e: 0, e_i: -1, v_threshold: 1 },
    });
    const name = net.connect(net.input('in', 2), target, { sign: 'inhibitory', weights: 2 });
    const { nodes, edges } = net.model().graph;
    expect(new Set(dataOf(nodes.get(name)!.parameters.weight))).toEqual(new Set([2]));
    expect(edges).toContainEqual({ source: name, target: 'cells', delay: 0, port: 'inhibitory' });
  });

  it('draws no weight of the other sign', () => {
    const { node } = pair({ sign: 'excitatory', weights: { normal: [0, 1] } }, [20, 20]);
    const weights = dataOf(node.parameters.weight);
    expect(Math.min(...weights)).toBe(0);
    expect(weights.filter((weight) => weight > 0).length).toBeGreaterThan(120);
  });

  it('delays a group to itself by one step, and others by what is said', () => {
    const net = new NetworkBuilder({ dt: 0.0005 });
    const cells = net.population('cells', 2, lif);
    net.connect(cells, cells, { name: 'back' });
    net.connect(net.input('in', 2), cells, { name: 'late', delay: 0.002 });
    const delays = net.model().graph.edges.map(({ target, delay }) => [target, delay]);
    expect(delays).toContainEqual(['back', 1]);
    expect(delays).toContainEqual(['late', 4]);
  });

  it('shares one synapse among connections of one time constant', () => {
    const net = new NetworkBuilder();
    const cells = net.population('cells', 3, lif);
    for (const name of ['a', 'b']) net.connect(net.input(`in ${name}`, 3), cells, { name, synapse: 0.005 });
    net.connect(cells, cells, { name: 'back', synapse: 0.01 });
    const lowpass = [...net.model().graph.nodes].filter(([, { type }]) => type === 'Lowpass');
    expect(lowpass.map(([name]) => name)).toEqual(['cells/synapse 0.005 s', 'cells/synapse 0.01 s']);
  });

  it('gives equal models for equal seeds, and connections of their own streams', () => {
    const drawn = (seed: number, extra: boolean) => {
      const net = new NetworkBuilder({ seed });
      const cells = net.population('cells', 30, lif);
      if (extra) net.connect(net.input('in', 30), cells, { kind: 'random', probability: 0.5 });
      const name = net.connect(cells, cells, { kind: 'random', probability: 0.2, weights: { uniform: [0, 1] } });
      return net.model().graph.nodes.get(name)!.parameters;
    };
    expect(drawn(1, true)).toEqual(drawn(1, false));
    expect(drawn(2, false)).not.toEqual(drawn(1, false));
  });

  it.each<[ConnectionOptions, readonly [number, number], RegExp]>([
    [{ kind: 'random' }, [4, 4], /connection "in-cells": is random; expected either a probability or an inDegree/],
    [{ kind: 'random', probability: 0.1, inDegree: 2 }, [4, 4], /either a probability or an inDegree/],
    [{ probability: 0.1 }, [4, 4], /is all-to-all and draws synapses; expected kind "random"/],
    [{ kind: 'one-to-one' }, [4, 3], /is one-to-one from 4 to 3 elements; expected equally many/],
    [{ kind: 'random', probability: 0 }, [4, 4], /connection "in-cells": has no synapse/],
    [{ sign: 'excitatory', weights: -1 }, [4, 4], /has the weight -1; expected a magnitude from 0: it is excitatory/],
    [{ delay: -1 }, [4, 4], /has a delay of -1 s; expected a time from 0/],
  ])('refuses %j', (options, sizes, message) => {
    expect(() => pair(options, sizes)).toThrow(message);
  });

  it('refuses a name twice, parts that are none, and kinds that are no neurons', () => {
    const net = new NetworkBuilder();
    const cells = net.population('cells', 3, lif);
    expect(() => net.input('cells', 2)).toThrow(/node "cells": stands twice/);
    expect(() => cells.slice(2, 2)).toThrow(/"cells"\[2…2\]: is not a part/);
    expect(() => net.output('out', cells.slice(0, 1))).toThrow(/takes a part of "cells"/);
    expect(() => net.population('p', 2, { type: 'Scale', scale: 1 })).toThrow(/population "p": is of type Scale/);
  });
});

describe('what a builder refuses', () => {
  const builder = () => {
    const net = new NetworkBuilder({ dt: 0.001 });
    return { net, source: net.input('in', 4), target: net.population('cells', 10, lif) };
  };
  const { source: strange } = builder();

  it.each<[string, () => unknown, RegExp]>([
    ['a step of no length', () => new NetworkBuilder({ dt: 0 }), /^dt: is 0; expected a positive number of seconds$/],
    [
      'a target of another net',
      () => builder().net.connect(strange, new NetworkBuilder().population('far', 2, lif)),
      /^connection "in-far": leads to "far"; expected a group of this net$/,
    ],
    [
      'a source of another net',
      () => {
        const { net, target } = builder();
        net.connect(new NetworkBuilder().input('far', 2), target);
      },
      /^connection "far-cells": comes from "far"; expected a group of this net$/,
    ],
    ...[7, -1, 0.5].map((listed): [string, () => unknown, RegExp] => [
      `a listed target ${listed} outside the part of a group that is connected`,
      () => {
        const { net, source, target } = builder();
        net.connect(source.slice(0, 1), target.slice(5, 10), { kind: 'listed', synapses: [[listed]] });
      },
      new RegExp(`^connection "in-cells": lists the target ${listed}; expected a whole number from 0 to 4$`),
    ]),
    ...[Number.NaN, 3].map((value): [string, () => unknown, RegExp] => [
      `a probability of ${value} that was worked out`,
      () => {
        const { net, source, target } = builder();
        net.connect(source, target, { kind: 'random', probability: () => value });
      },
      new RegExp(`^probability: is ${value}; expected a number from 0 to 1$`),
    ]),
    [
      'a kind that there is not',
      () => {
        const { net, source, target } = builder();
        net.connect(source, target, { kind: 'all' as 'all-to-all' });
      },
      /^connection "in-cells": is of kind "all"; expected all-to-all, one-to-one, all-but-one, random, listed$/,
    ],
    [
      'a sign that there is not',
      () => {
        const { net, source, target } = builder();
        net.connect(source, target, { sign: 'minus' as 'inhibitory' });
      },
      /^connection "in-cells": has the sign "minus"; expected excitatory or inhibitory$/,
    ],
  ])('%s', (_what, build, message) => {
    expect(build).toThrow(message);
  });
});
