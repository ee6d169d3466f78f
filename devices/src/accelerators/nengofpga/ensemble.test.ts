import { type Model, parseModel } from '@spikewire/models';
import { expect, it } from 'vitest';
import { ensembleOf } from './ensemble.ts';
import { limitsOf } from './limits.ts';
import { nengofpgaDriver } from './nengofpga.ts';

const chain = {
  in: { type: 'Input', shape: [1] },
  encode: { type: 'Affine', weight: [[2], [-3]], bias: [1, 0.5] },
  neurons: { type: 'ReLU' },
  decode: { type: 'Linear', weight: [[4, 5]] },
  synapse: { type: 'Lowpass', tau: 0.01 },
  out: { type: 'Output', shape: [1] },
};
const pes = { rule: 'pes', learningRate: 0.1, tauPre: 0 };

function modelOf(change: object = {}, edges: readonly unknown[] = [], learning: object = {}): Model {
  return parsed({ ...chain, ...change }, edges, learning);
}

function parsed(nodes: Record<string, object>, edges: readonly unknown[] = [], learning: object = {}): Model {
  const names = Object.keys(nodes);
  return parseModel({
    nodes,
    edges: [...names.slice(1).map((name, k) => [names[k], name]), ...edges],
    learning,
    semantics: { dt: 0.002, threshold: 'ge', reset: 'subtract', spikesPerStep: 'many' },
  });
}

it('has rates in Hz, and decoders per Hz', () => {
  const form = ensembleOf(modelOf({}, [], { decode: pes }));
  expect(form).toMatchObject({
    inputs: 1,
    neurons: 2,
    outputs: 1,
    spiking: false,
    keepsState: false,
    learningRate: 0.1,
  });
  expect([...form.encoders, ...form.bias]).toEqual([1000, -1500, 500, 250]);
  expect([...form.decoders]).toEqual([0.008, 0.01]);
});

it('takes the gain and the threshold of spiking neurons into the encoders', () => {
  const { in: input, encode, neurons, decode, out } = chain;
  const spikes = { type: 'IF', r: [10, 20], v_threshold: [2, 0.5] };
  const form = ensembleOf(parsed({ in: input, encode, neurons, spikes, decode, out }));
  expect([...form.encoders]).toEqual([10, -120]);
});

it.each<[string, Model, RegExp]>([
  ['another neuron', modelOf({ neurons: { type: 'LIF', tau: 0.02, v_threshold: 1 } }), /^node "neurons": is a LIF; /],
  ['a second layer', modelOf({ synapse: { type: 'Linear', weight: [[1]] } }), /^node "neurons": leads to 0 nodes of /],
  ['an edge past it', modelOf({}, [['in', 'synapse']]), /^node "in": leads to "synapse" past the ensemble; /],
  [
    'a second way between two parts, with a delay',
    modelOf({}, [['synapse', 'out', { delay: 1 }]]),
    /^node "synapse": leads to "out" past the ensemble; /,
  ],
  ['another rule', modelOf({}, [], { decode: { rule: 'rls' } }), /^node "decode": learns by rls; it learns by pes/],
  [
    'a filter of the activity',
    modelOf({}, [], { decode: { ...pes, tauPre: 0.03 } }),
    /^node "decode": learns with a tauPre of 0.03 s; expected 0: the protocol carries no filter of activity$/,
  ],
  ['bounds', modelOf({}, [], { decode: { ...pes, bounds: [-1, 1] } }), /^node "decode": learns with bounds; /],
  ['learning elsewhere', modelOf({}, [], { encode: pes }), /^node "encode": learns; expected learning at "decode"/],
  ['a ceiling', modelOf({ neurons: { type: 'ReLU', ceiling: 1 } }), /^node "neurons": has ceiling; it has none/],
])('refuses %s, with the node and the reason', async (_, model, line) => {
  const [profile] = await nengofpgaDriver.profiles!();
  await expect(profile!.expectFit(model)).rejects.toThrow(line);
});

it('counts each number of a packet once, and refuses by one more what the limits refuse', async () => {
  const [profile] = await nengofpgaDriver.profiles!();
  const wide = (size: number) => {
    const decode = { type: 'Linear', weight: Array.from({ length: size }, () => [4, 5]) };
    const nodes = { in: chain.in, encode: chain.encode, neurons: chain.neurons, decode };
    return parsed({ ...nodes, out: { type: 'Output', shape: [size] } });
  };
  const packetOf = (model: Model) => limitsOf(model).find(({ what }) => what === 'bytes of a packet')!;
  const { in: input, encode, neurons } = chain;
  const two = parseModel({
    nodes: {
      ...{ in: input, encode, neurons },
      decode: { type: 'Linear', weight: Array.from({ length: 4100 }, () => [4, 5]) },
      ...{ out: { type: 'Output', shape: [4100] }, other: { type: 'Output', shape: [4100] } },
    },
    edges: [
      ...['in', 'encode', 'neurons'].map((name, k, all) => [name, all[k + 1] ?? 'decode']),
      ['decode', 'out'],
      ['decode', 'other'],
    ],
    semantics: { dt: 0.002 },
  });
  expect(packetOf(two)).toMatchObject({ needs: String(8 * 4102), fits: true });
  await profile!.expectFit(two);
  // 65,535 bytes of an IPv4 packet less its header of 20 and that of UDP, 8: 8,188 numbers.
  expect(packetOf(wide(8186))).toMatchObject({ needs: '65504', has: '65507', fits: true });
  await profile!.expectFit(wide(8186));
  expect(packetOf(wide(8187))).toMatchObject({ needs: '65512', fits: false });
  await expect(profile!.expectFit(wide(8187))).rejects.toThrow(
    /^model: needs packets of 65512 bytes; expected up to 65507$/,
  );
});

it('names each limit with its source, met or not', () => {
  const limits = limitsOf(
    modelOf({ neurons: { type: 'LIF', tau: 0.02, v_threshold: 1 } }, [], { decode: { rule: 'rls' } }),
  );
  expect(limits.map(({ node, what, needs, fits }) => [node, what, needs, fits])).toEqual([
    [undefined, 'ensembles (exactly)', '0', false],
    [undefined, 'bytes of a packet', '24', true],
    ['neurons', 'type of neurons', 'LIF', false],
    ['synapse', 'type of neurons', 'Lowpass', true],
    ['decode', 'learning rule', 'rls', false],
  ]);
  expect(limits.map(({ source }) => source.title)).toEqual([
    ...['nengo-fpga', 'RFC 768', 'nengo-fpga', 'nengo-fpga', 'nengo-fpga'].map((title) =>
      expect.stringContaining(title),
    ),
  ]);
});
