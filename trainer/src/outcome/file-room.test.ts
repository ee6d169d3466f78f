import { type Model, parseModel, quantize, writeModel } from '@spikewire/models';
import { expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { fileRoom, whyLarger } from './file-room.ts';

/** A net of LIF neurons, all of whose inputs have these weights. */
function netOf(inputs: number, neurons: number, weight: number): Model {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [inputs] },
      fc: { type: 'Linear', weight: Array.from({ length: neurons }, () => new Array(inputs).fill(weight)) },
      lif: { type: 'LIF', tau: 0.01, v_threshold: 0.5 },
      out: { type: 'Output' },
    },
    edges: chain('in', 'fc', 'lif', 'out'),
  });
}

function roomOf(net: Model) {
  const integer = quantize(net, { bits: 8, membraneBits: 32 });
  return fileRoom(net, integer, writeModel(integer).length);
}

it('knows what weights take of both files: 8 bytes of each as JSON has them, 1 of a whole number', () => {
  const net = netOf(5, 7, 0.25);
  expect(roomOf(net)).toMatchObject({ float: writeModel(net).length, weights: { float: 8 * 35, integer: 35 } });
});

it('has nothing to explain where the file did not grow', () => {
  expect(whyLarger(roomOf(netOf(100, 100, 0.1)))).toBe('');
  expect(whyLarger({ float: 1000, integer: 1000, weights: { float: 10, integer: 5 } })).toBe('');
});

it.each([
  [1, 1],
  [4, 8],
])('says what takes the room where the file of %d × %d weights grew', (inputs, neurons) => {
  const found = roomOf(netOf(inputs, neurons, 0.3));
  const [more, integer, float, others] = whyLarger(found).match(/\d+/g)!.map(Number);
  expect({ integer, float }).toEqual(found.weights);
  expect(more).toBe(found.integer - found.float);
  expect(others! + integer! - float!).toBe(more);
});
