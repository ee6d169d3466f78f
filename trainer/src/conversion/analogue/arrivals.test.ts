import { readdirSync, readFileSync } from 'node:fs';
import { EventBuffer, engineNamed } from '@spikewire/engine';
import { windowsOf } from '@spikewire/engine/data';
import { formats } from '@spikewire/exchange/formats';
import { broadcast, elementCount, numbersOf, parseModel, RandomGenerator, readWith } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../backend/backend.ts';
import { backends } from '../../backend/backends.ts';
import { interpreter } from '../../backend/interpreter.ts';
import { images, masker, maxima, samplesFor, twoLayers } from '../nets.test-data.ts';
import { type AnalogueNet, analogueNet } from './analogue-net.ts';
import { arrivalsOf } from './arrivals.ts';

const random = new RandomGenerator(5, 'arrivals');
const drawn = (...[size, ...inner]: number[]): unknown =>
  size === undefined ? random.nextNormal() : Array.from({ length: size }, () => drawn(...inner));

/**
 * What the other nets have not: several inputs, of which layers hear one alone or not at all, ceilings of single units,
 * transposed convolution, sums, synapses one by one, and maxima of what is below 0 at a border.
 */
const rare = parseModel({
  nodes: {
    left: { type: 'Input', shape: [1, 6, 6] },
    right: { type: 'Input', shape: [2, 6, 6] },
    unheard: { type: 'Input', shape: [2] },
    largest: { type: 'MaxPool2d', kernel_size: [3, 3], stride: [2, 2], padding: [1, 1] },
    below: {
      type: 'ReLU',
      ceiling: [
        [
          [0.1, 0.2, 0.3],
          [0.4, 0.5, 0.6],
          [0.7, 0.8, 0.9],
        ],
      ],
    },
    wide: { type: 'ConvTranspose2d', weight: drawn(2, 1, 2, 2), stride: [2, 2], bias: drawn(2) },
    both: { type: 'ReLU' },
    sums: { type: 'SumPool2d', kernel_size: [2, 2], stride: [2, 2] },
    flat: { type: 'Flatten', start_dim: 0 },
    few: {
      type: 'Sparse',
      weight: drawn(18),
      target: Array(18).fill([0, 1, 2]).flat().slice(0, 18),
      offset: [...Array(19).keys()],
      outputs: 3,
    },
    last: { type: 'ReLU' },
    alone: { type: 'ReLU', ceiling: 0.25 },
    flatAlone: { type: 'Flatten', start_dim: 0 },
    weighted: { type: 'Linear', weight: drawn(3, 36) },
    past: { type: 'Linear', weight: drawn(3, 2) },
    out: { type: 'Output', shape: [3] },
  },
  edges: [
    ['left', 'largest'],
    ['largest', 'below'],
    ['below', 'wide'],
    ['wide', 'both'],
    ['right', 'both'],
    ['both', 'sums'],
    ['sums', 'flat'],
    ['flat', 'few'],
    ['few', 'last'],
    ['last', 'out'],
    ['left', 'alone'],
    ['alone', 'flatAlone'],
    ['flatAlone', 'weighted'],
    ['weighted', 'out'],
    ['unheard', 'past'],
    ['past', 'out'],
  ],
  encoder: Object.fromEntries(
    ['left', 'right', 'unheard'].map((name) => [name, { type: 'direct', range: [-4, 4], span: 'signed', gain: 2 }]),
  ),
});

const FOLDER = new URL('../../../../test/golden/data/onnx/', import.meta.url);
const onnx = formats.find(({ name }) => name === 'onnx')!;
const files = readdirSync(FOLDER).map((file) => {
  const bytes = new Uint8Array(readFileSync(new URL(file, FOLDER)));
  return [file, readWith(onnx, bytes).model] as const;
});

/** A batch and a part of one, near 0, over the range and beyond it. */
function drawnFor({ wiring }: AnalogueNet): Float64Array[] {
  const sizes = wiring.graph.nodes.map(({ kind, shape }) => (kind.role === 'input' ? elementCount(shape) : 0));
  const length = sizes.reduce((a, b) => a + b, 0);
  return Array.from({ length: 21 }, (_, k) =>
    Float64Array.from({ length }, () => [0.02, 0.5, 5][k % 3]! * random.nextNormal()),
  );
}

/** The same of the readable engine, in float64. */
function* arrivalsByReference({ model, wiring, layers }: AnalogueNet, samples: readonly Float64Array[]) {
  const network = engineNamed('reference').load(model);
  for (const { steps, input } of windowsOf(model, { samples })) {
    network.resetActivity();
    network.run(steps, input, new EventBuffer(1e5));
    yield layers.map((name) => {
      const { node, shape } = wiring.graph.nodes.find((each) => each.name === name)!;
      const ceiling = numbersOf(node, 'ceiling');
      const most = ceiling && broadcast(ceiling, elementCount(shape));
      return [name, network.readState(name, 'v').map((value, i) => Math.min(value, most?.[i] ?? value))] as const;
    });
  }
}

describe.each(backends)('by $name', (backend) => {
  it.each([...Object.entries({ twoLayers, images, maxima, masker, rare }), ...files])(
    'what arrives at layers is what the readable engine says: %s',
    async (_, model) => {
      const net = analogueNet(model);
      const samples = drawnFor(net);
      const expected = [...arrivalsByReference(net, samples)];
      let count = 0;
      for await (const found of arrivalsOf(net, samples, { backend })) {
        expect([...found.keys()]).toEqual(net.layers);
        for (const [name, values] of expected[count++]!) {
          const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
          const error = values.reduce((a, value, i) => Math.max(a, Math.abs(found.get(name)![i]! - value)), 0);
          expect(error, `${name} of sample ${count}`).toBeLessThan(1e-5 * largest);
          expect(found.get(name)).toHaveLength(values.length);
        }
      }
      expect(count).toBe(samples.length);
    },
  );
});

/** The interpreter, with the runs of its programs and how many of them are open. */
function counted(onRun = () => {}) {
  const counts = { runs: 0, open: 0 };
  const backend: Backend = {
    ...interpreter,
    async compile(program) {
      const executable = await interpreter.compile(program);
      counts.open++;
      return {
        async run(inputs, outputs) {
          counts.runs++;
          onRun();
          await executable.run(inputs, outputs);
        },
        async close() {
          counts.open--;
          await executable.close();
        },
      };
    },
  };
  return { counts, backend };
}

describe('a look at what arrives', () => {
  const net = analogueNet(twoLayers);
  const samples = samplesFor(twoLayers, 100);

  it('ends after the batch in which the signal comes, and closes what it opened', async () => {
    const stop = new AbortController();
    const { counts, backend } = counted(() => setImmediate(() => stop.abort(new Error('stopped'))));
    const look = async () => {
      for await (const _ of arrivalsOf(net, samples, { backend, signal: stop.signal }));
    };
    await expect(look()).rejects.toThrow('stopped');
    expect(counts).toEqual({ runs: 1, open: 0 });
  });

  it('closes what it opened where nobody looks on, and where samples do not fit', async () => {
    const { counts, backend } = counted();
    for await (const _ of arrivalsOf(net, samples, { backend })) break;
    const wrong = arrivalsOf(net, [[1, 2]], { backend });
    await expect(wrong.next()).rejects.toThrow('data: has samples of 2 numbers; expected 3');
    expect(counts).toEqual({ runs: 1, open: 0 });
  });
});
