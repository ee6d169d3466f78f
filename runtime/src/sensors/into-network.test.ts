import { TimedNetwork } from '@spikewire/engine';
import { TimedEventBuffer } from '@spikewire/engine/network';
import { parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { edgesForInput } from './into-network.ts';

/** Each event lifts one neuron by 1, from which it decays with a time constant of a microsecond. */
function network(shape: number[], threshold: number): TimedNetwork {
  const jump = 1 / (1 - Math.exp(-1));
  const elements = shape.reduce((product, size) => product * size);
  return new TimedNetwork(
    parseModel({
      nodes: {
        in: { type: 'Input', shape },
        flat: { type: 'Flatten', start_dim: 0 },
        weight: { type: 'Linear', weight: [new Array<number>(elements).fill(jump)] },
        cell: { type: 'LIF', tau: 1e-6, v_threshold: threshold },
        out: { type: 'Output' },
      },
      edges: chain('in', 'flat', 'weight', 'cell', 'out'),
      semantics: { dt: 1e-6, integrate: 'exact' },
    }),
  );
}

/**
 * On two lines that were low: up at 0 and 200 ns, the first down at 5 µs, and up again 100 ns after the other is down.
 */
const edges = {
  origin: 0,
  times: Float64Array.of(48, 48.0000002, 48.000005, 48.00001, 48.0000101),
  values: Float64Array.of(1, 0, 1, 1, 0, 1, 0, 0, 1, 0),
  changed: Int32Array.of(0, 1, 0, 1, 0),
};

describe('edges into a net', () => {
  it('meet within fractions of a microsecond: only those spike that come 200 and 100 ns after another', () => {
    const net = network([2], 1.5); // e^(−0.2) + 1 and e^(−0.1) + 1 are above, e^(−5) + 1 is below
    const output = new TimedEventBuffer(8);
    net.runEvents(0.001, edgesForInput(net.graph, edges, 47.9999), output);
    const times = Array.from(output.time.subarray(0, output.length));
    expect(times).toHaveLength(2);
    expect(Math.abs(times[0]! - 100.2e-6)).toBeLessThan(1e-9);
    expect(Math.abs(times[1]! - 110.1e-6)).toBeLessThan(1e-9);
  });

  it('have rising and falling ones apart where the Input does', () => {
    const net = network([2, 2], 1);
    const { index, length } = edgesForInput(net.graph, edges, 48);
    expect(Array.from(index.subarray(0, length))).toEqual([2, 3, 0, 1, 2]);
    const same = edgesForInput(network([2], 1).graph, edges, 48);
    expect(Array.from(same.index.subarray(0, same.length))).toEqual([0, 1, 0, 1, 0]);
    expect(same.time[1]).toBeCloseTo(2e-7, 12);
  });

  it('fit no other Input, and samples are no edges', () => {
    const { graph } = network([3], 1);
    expect(() => edgesForInput(graph, edges, 48)).toThrow(
      /Input "in" for edges: has shape \[3\]; expected \[2, 2\] or/,
    );
    const { changed: _, ...samples } = edges;
    expect(() => edgesForInput(graph, samples, 48)).toThrow(/edges: are samples/);
  });
});
