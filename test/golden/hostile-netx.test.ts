import { formats } from '@spikewire/exchange/formats';
import { type Hdf5Group, writeHdf5 } from '@spikewire/exchange/hdf5';
import { type CheckedReading, RandomGenerator, type ReadingChoices, readWith, SpikewireError } from '@spikewire/models';
import { engineNamed, simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { encoded, filled, integer, type PlainGroup, Stored, whole } from './hdf5-tree.ts';

const netx = formats.find(({ name }) => name === 'netx')!;

const neuron = (more: PlainGroup = {}): PlainGroup => ({
  ...{ type: 'CUBA', iDecay: integer(1024), vDecay: integer(128), vThMant: integer(80), refDelay: integer(1) },
  ...more,
});
const random = new RandomGenerator(1, 'netx');
const weights = (...shape: number[]) => {
  const size = shape.reduce((product, length) => product * length, 1);
  const drawn = () => 2 * Math.round(Math.max(-120, Math.min(120, 40 * random.nextNormal() + 8)));
  return new Stored(shape, Array.from({ length: size }, drawn));
};

/** An image of 2×5×6 → convolution with groups → pooling → dense. */
function sound() {
  return {
    layer: {
      0: { type: 'input', shape: whole(2, 5, 6) },
      1: {
        ...{ type: 'conv', shape: whole(4, 3, 3), neuron: neuron(), inChannels: integer(2), outChannels: integer(4) },
        ...{ kernelSize: whole(3, 2), stride: whole(1, 2), padding: whole(0, 0), dilation: whole(1, 1) },
        ...{ groups: integer(2), weight: weights(4, 1, 3, 2), bias: whole(1, 0, -2, 3), delay: whole(0, 3, 1, 0) },
      },
      2: {
        ...{ type: 'pool', shape: whole(4, 2, 2), neuron: neuron({ vThMant: integer(40) }), kernelSize: whole(2, 2) },
        ...{ stride: integer(1), padding: integer(0), dilation: integer(1), weight: filled(64, 1, 1, 2, 2, 1) },
      },
      3: { type: 'flatten', shape: whole(16, 1, 1) },
      4: {
        ...{ type: 'dense', shape: whole(3), inFeatures: integer(16), outFeatures: integer(3), weight: weights(3, 16) },
        neuron: neuron({ iDecay: whole(4096, 2000, 1), refDelay: integer(3) }),
      },
    } as Record<number | string, PlainGroup>,
  } as { layer: Record<number | string, PlainGroup> } & PlainGroup;
}

const bytesOf = (net: object): Uint8Array => writeHdf5(encoded(net as PlainGroup) as Hdf5Group);
const read = (net: object, choices: ReadingChoices = {}, memory = 1e8) =>
  readWith(netx, bytesOf(net), { bytes: memory }, choices) as CheckedReading;

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof SpikewireError) return error.message;
    throw error;
  }
  throw new Error('was read');
}

type Damage = (layers: Record<number | string, PlainGroup>, net: PlainGroup) => void;

const set = (index: number, more: PlainGroup): Damage => {
  return (layers) => Object.assign(layers[index]!, more);
};

const cases: readonly [string, Damage, RegExp][] = [
  ['no layers', (_, net) => Object.assign(net, { layer: {} }), /^layer: has no layers/],
  ['layers that are numbers', (_, net) => Object.assign(net, { layer: [1, 2] }), /^file\.layer: is a dataset/],
  ['a layer that is missing', (layers) => Object.assign(layers, { 7: layers[4]! }), /^layer\.5: is missing/],
  ['another part', (_, net) => Object.assign(net, { extra: 1 }), /^file: has the dataset "extra"/],
  ['a layer without a type', (layers) => Reflect.deleteProperty(layers[1]!, 'type'), /^layer 1\.type: is missing/],
  ['a layer of a number', set(1, { type: 3 }), /^layer 1\.type: is float/],
  ['an unknown layer', set(2, { type: 'convT' }), /^layer 2 \(convT\): is an unknown layer/],
  ['a layer called like a method', set(2, { type: 'constructor' }), /^layer 2 \(constructor\): is an unknown layer/],
  ['an input in the middle', (layers) => Object.assign(layers, { 3: layers[0]! }), /^layer 3 \(input\): follows/],
  ['an input with neurons', set(0, { neuron: neuron() }), /^layer 0 \(input\): has neurons/],
  ['an input of size 0', set(0, { shape: whole(0, 5, 6) }), /^layer 0 \(input\)\.shape: is 0/],
  ['an input of four axes', set(0, { shape: whole(1, 2, 5, 6) }), /\.shape: is \[1, 2, 5, 6\]/],
  ['an input of 10^27', set(0, { shape: whole(1e9, 1e9, 1e9) }), /\.shape: is \[1000000000/],
  [
    'another input',
    set(0, { shape: whole(2, 7, 6) }),
    /^layer 1 \(conv\)\.shape: is \[4, 3, 3\]; expected \[4, 5, 3\]/,
  ],
  ['a convolution of a row', set(0, { shape: whole(60) }), /^layer 1 \(conv\): gets \[60\]/],
  ['resonators', set(1, { neuron: neuron({ type: 'RF' }) }), /^layer 1 \(conv\)\.neuron: is "RF"; expected CUBA/],
  ['graded spikes', set(1, { neuron: neuron({ gradedSpike: integer(1) }) }), /\.gradedSpike: is not False/],
  ['a scaled neuron', set(1, { neuron: neuron({ weight_exp: integer(2) }) }), /has the dataset "weight_exp"/],
  ['a decay of 4097', set(1, { neuron: neuron({ vDecay: integer(4097) }) }), /\.vDecay: is 4097; .* 0 to 4096/],
  ['half a decay', set(1, { neuron: neuron({ iDecay: 0.5 }) }), /\.iDecay: is 0\.5/],
  ['a threshold of no number', set(1, { neuron: neuron({ vThMant: Number.NaN }) }), /\.vThMant: is NaN/],
  ['three decays of four', set(1, { neuron: neuron({ vDecay: whole(1, 2, 3) }) }), /\.vDecay: has 3 numbers/],
  ['no neurons', (layers) => Reflect.deleteProperty(layers[4]!, 'neuron'), /^layer 4 \(dense\)\.neuron: is missing/],
  ['a weight of 300', set(4, { weight: filled(300, 3, 16) }), /^layer 4 \(dense\)\.weight\[0\]: is 300/],
  ['a weight of a half', set(4, { weight: filled(0.5, 3, 16) }), /weight\[0\]: is 0\.5/],
  ['complex weights', set(4, { weight: { real: filled(1, 3, 16), imag: filled(1, 3, 16) } }), /real and imaginary/],
  ['a weight that does not fit', set(4, { weight: filled(2, 3, 15) }), /inFeatures: is 16; expected 15/],
  ['weights of other neurons', set(4, { weight: filled(2, 4, 16) }), /weight: has shape \[4, 16\]; .*\[3, inputs\]/],
  ['channels of nothing', set(1, { inChannels: integer(5) }), /inChannels: is 5; expected 2/],
  ['a stride of 0', set(1, { stride: whole(0, 1) }), /stride: is 0/],
  ['three strides', set(1, { stride: whole(1, 1, 1) }), /stride: has 3 numbers/],
  ['another kernel', set(1, { kernelSize: whole(3, 3) }), /weight: has shape .* a kernel of 3×3/],
  ['a kernel for each channel', set(2, { weight: filled(2, 4, 1, 2, 2) }), /pool\)\.weight: has shape \[4, 1, 2, 2\]/],
  ['a delay below 0', set(1, { delay: integer(-1) }), /delay: is -1; expected 0 to 62/],
  ['a delay of no number', set(1, { delay: filled(Number.NaN, 4) }), /delay: is NaN/],
  ['another dataset', set(2, { bias: integer(1) }), /^layer 2 \(pool\): has the dataset "bias"/],
];

describe('broken netx files', () => {
  it.each(cases)('%s: one clear line', (_, damage, line) => {
    const net = sound();
    damage(net.layer, net);
    const message = messageOf(() => read(net));
    expect(message).toMatch(line);
    expect(message).not.toMatch(/\n/);
    expect(message.length).toBeLessThan(300);
  });

  it('that need more memory than there is say so', () => {
    const net = sound();
    net.layer[4] = { ...net.layer[4]!, weight: filled(2, 3, 4000) };
    expect(messageOf(() => read(net, {}, 60_000))).toMatch(/takes more than/);
  });

  it('with a cut anywhere are refused', () => {
    const bytes = bytesOf(sound());
    for (let length = 0; length < bytes.length; length += 97) {
      expect(messageOf(() => readWith(netx, bytes.subarray(0, length)))).not.toMatch(/\n/);
    }
  });

  it('are told from those of NIR by their layers', () => {
    const found = (bytes: Uint8Array) => formats.find((format) => format.sniff(bytes))?.name;
    expect(found(bytesOf(sound()))).toBe('netx');
    expect(found(bytesOf({ node: { type: 'NIRGraph' } }))).toBe('nir');
    expect(found(bytesOf(sound()).subarray(0, 700))).toBe('nir');
  });

  it('under a step that Loihi does not have', () => {
    const under = (choices: ReadingChoices) => messageOf(() => read(sound(), choices));
    expect(under({ step: { from: 'norse' } })).toMatch(/step rule "norse": is not known; expected lava, slayer/);
    expect(under({ step: { reset: 'subtract' } })).toMatch(/reset subtract differs from Loihi; expected value/);
    expect(under({ repair: true })).toMatch(/has no edges to repair/);
  });
});

describe('a sound netx file', () => {
  it('has the threshold of a program or of its own, and the length of a step', () => {
    const semantics = (choices: ReadingChoices) => read(sound(), choices).model.semantics;
    expect(semantics({})).toMatchObject({ threshold: 'gt', dt: 1e-3 });
    expect(semantics({ step: { from: 'slayer' } })).toMatchObject({ threshold: 'ge' });
    expect(semantics({ step: { from: 'slayer', threshold: 'gt', dt: 0.01 } })).toMatchObject({
      threshold: 'gt',
      dt: 0.01,
    });
  });

  it('takes no memory for tables of a flow, which its neurons have not', () => {
    expect(read(sound(), {}, 16e6).notes.length).toBeGreaterThan(0);
  });

  it('convolves, pools, delays and rests as an integer program does', () => {
    const [net, steps] = [sound(), 200];
    const { model } = read(net);
    const events: number[][] = [];
    for (let t = 0; t < steps; t++) for (let n = 0; n < 60; n++) if (random.nextUniform() < 0.12) events.push([t, n]);
    const input = { dt: 1e-3, steps, input: { input: events } };
    const { spikes } = simulate(model, input, { engine: engineNamed('clocked') });
    const wanted = integerProgram(net.layer, events, steps);
    for (const [name, layer] of Object.entries({ layer1: 0, layer2: 1, layer4: 2 })) {
      expect(wanted[layer]!.length, name).toBeGreaterThan(50);
      expect(spikes[name], name).toEqual(wanted[layer]);
    }
  });
});

/** Numbers of a dataset. */
const of = (group: PlainGroup, name: string) => (group[name] as Stored).values as readonly number[];

/** The net above in BigInt, with sums written for its sizes; spikes of each layer as [step, neuron]. */
function integerProgram(layers: Record<number | string, PlainGroup>, events: number[][], steps: number): number[][][] {
  const kernel = of(layers[1]!, 'weight');
  const matrix = of(layers[4]!, 'weight');
  const conv = (x: readonly number[]) =>
    Array.from({ length: 36 }, (_, n) => {
      const [channel, row, column] = [Math.floor(n / 9), Math.floor(n / 3) % 3, n % 3];
      let sum = 0;
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 2; j++)
          sum += kernel[channel * 6 + i * 2 + j]! * x[(channel < 2 ? 0 : 30) + (row + i) * 6 + 2 * column + j]!;
      return sum;
    });
  const pool = (x: readonly number[]) =>
    Array.from({ length: 16 }, (_, n) => {
      const at = Math.floor(n / 4) * 9 + (Math.floor(n / 2) % 2) * 3 + (n % 2);
      return 64 * (x[at]! + x[at + 1]! + x[at + 3]! + x[at + 4]!);
    });
  const dense = (x: readonly number[]) =>
    Array.from({ length: 3 }, (_, n) => x.reduce((sum, spike, k) => sum + matrix[n * 16 + k]! * spike, 0));
  const biasOf = (n: number) => of(layers[1]!, 'bias')[Math.floor(n / 9)]!;
  const first = population(36, () => 1024, 80, biasOf, 0);
  const second = population(
    16,
    () => 1024,
    40,
    () => 0,
    0,
  );
  const third = population(
    3,
    (n) => [4096, 2000, 1][n]!,
    80,
    () => 0,
    2,
  );
  const late = of(layers[1]!, 'delay');
  const answers: number[][][] = [[], [], []];
  const blank = (size: number) => new Array<number>(size).fill(0);
  const [inputs, firsts, seconds]: number[][][] = [[], [], []];
  for (let t = 0; t < steps; t++) {
    inputs!.push(blank(60));
    for (const [step, n] of events) if (step === t) inputs![t]![n!] = 1;
    const delayed = blank(36).map((_, n) => firsts![t - 1 - late[Math.floor(n / 9)]!]?.[n] ?? 0);
    const now = [
      first(conv(inputs![t - 1] ?? blank(60))),
      second(pool(delayed)),
      third(dense(seconds![t - 1] ?? blank(16))),
    ];
    firsts!.push(now[0]!);
    seconds!.push(now[1]!);
    for (const [k, row] of now.entries()) for (const [n, s] of row.entries()) if (s) answers[k]!.push([t, n]);
  }
  return answers;
}

function population(
  size: number,
  decay: (n: number) => number,
  threshold: number,
  bias: (n: number) => number,
  rest: number,
) {
  const [u, v] = [new Array<bigint>(size).fill(0n), new Array<bigint>(size).fill(0n)];
  const resting = new Array<number>(size).fill(0);
  return (arriving: readonly number[]) =>
    arriving.map((x, n) => {
      // BigInt divides toward zero.
      u[n] = (u[n]! * BigInt(4096 - decay(n))) / 4096n + 64n * BigInt(x);
      if (resting[n]! > 0) {
        resting[n]!--;
        return 0;
      }
      v[n] = (v[n]! * BigInt(4096 - 128)) / 4096n + u[n]! + 64n * BigInt(bias(n));
      if (v[n]! <= 64n * BigInt(threshold)) return 0;
      v[n] = 0n;
      resting[n] = rest;
      return 1;
    });
}
