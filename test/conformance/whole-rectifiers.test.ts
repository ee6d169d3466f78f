import { parseModel, readModel, writeModel } from '@spikewire/models';
import { EventBuffer, engineNamed, type RunningNetwork } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';

const INPUT = { scale: 0.5, maximum: 127 };
const FORGETS = { decay: [0, 0], initial: [0, 0] };

/** Two layers of rectifiers in whole numbers, and a read-out that adds up. */
const model = (membraneBits: 16 | 32) =>
  parseModel({
    nodes: {
      in: { type: 'Input', shape: [2] },
      a: {
        type: 'Linear',
        weight: [
          [3, -2],
          [1, 4],
        ],
      },
      first: { type: 'ReLU' },
      b: {
        type: 'Linear',
        weight: [
          [5, -1],
          [9, 2],
        ],
      },
      second: { type: 'ReLU', ceiling: 1 },
      c: { type: 'Linear', weight: [[-1, 7]] },
      sum: { type: 'I', r: 1000 },
      out: { type: 'Output' },
    },
    edges: chain('in', 'a', 'first', 'b', 'second', 'c', 'sum', 'out'),
    semantics: { dt: 0.001 },
    quantization: {
      bits: 8,
      inputs: { in: INPUT },
      connections: { a: { shift: 0 }, b: { shift: 1 }, c: { shift: 0 } },
      neurons: {
        first: {
          membraneBits,
          scale: [0.25, 0.25],
          fraction: 1,
          bias: [2, -9],
          minimum: [0, 0],
          handOn: 2,
          ...FORGETS,
        },
        second: {
          ...{ membraneBits, scale: [0.125, 0.125], fraction: 0, bias: [0, 0], minimum: [0, 0], maximum: [200, 150] },
          ...{ handOn: 1, ...FORGETS },
        },
        sum: { membraneBits, scale: [0.25], fraction: 0, decay: [32768], bias: [3], initial: [0], handOn: 1 },
      },
    },
  });

const engines: [string, (bits: 16 | 32) => RunningNetwork][] = [
  ['integer', (bits) => engineNamed('integer').load(model(bits))],
  ['clocked', (bits) => engineNamed('clocked').load(model(bits))],
  ['clocked in TypeScript', (bits) => engineNamed('clocked').load(model(bits), { kernels: 'typescript' })],
  ['clocked, from a file', (bits) => engineNamed('clocked').load(readModel(writeModel(model(bits))))],
];

describe.each([16, 32] as const)('rectifiers in whole numbers, membranes of %i bits', (bits) => {
  it.each(engines)('come to what a person computes: %s', (_name, load) => {
    const network = load(bits);
    const input = new EventBuffer(4);
    // n = [4, −3], then [2, 20].
    input.push(0, 0, 0, 2);
    input.push(0, 0, 1, -1.5);
    input.push(1, 0, 0, 1);
    input.push(1, 0, 1, 10);
    const step = (events: EventBuffer) => {
      const output = new EventBuffer(4);
      network.run(1, events, output);
      return Array.from({ length: output.length }, (_, k) => output.value[k]!);
    };
    const at = (wanted: number) => {
      const events = new EventBuffer(2);
      for (let k = 0; k < input.length; k++) {
        if (input.step[k] === wanted) events.push(0, 0, input.index[k]!, input.value[k]!);
      }
      return events;
    };
    // x = [3·4 + 2·3, 4 − 4·3] = [18, −8], v = [2·18 + 2, −2·8 − 9] = [38, −25], handed on (38 + 2) >> 2 = 10 and 0;
    // x = [2·5·10, 2·9·10] = [100, 180], v the same, handed on (100 + 1) >> 1 = 50 and, of 150, 75;
    // x = −50 + 7·75 = 475, v = 478, handed on (478 + 1) >> 1 = 239, held at 127: 127 times 2·¼.
    expect(step(at(0))).toEqual([127 * 0.5]);
    expect([...network.readState('first', 'v')]).toEqual([38 * 0.125, -25 * 0.125]);
    expect([...network.readState('second', 'v')]).toEqual([100 * 0.125, 180 * 0.125]);
    expect([...network.readState('sum', 'v')]).toEqual([478 * 0.25]);
    expect(network.counters.saturatedHigh).toBe(1);
    // x = [3·2 − 2·20, 2 + 4·20] = [−34, 82], v = [−66, 155], handed on 0 and (155 + 2) >> 2 = 39;
    // x = [−2·39, 2·2·39] = [−78, 156], v the same, handed on 0 and, of 150, 75: nothing is left of before;
    // x = 7·75 = 525, v = 478 + 525 + 3.
    step(at(1));
    expect([...network.readState('first', 'v')]).toEqual([-66 * 0.125, 155 * 0.125]);
    expect([...network.readState('second', 'v')]).toEqual([-78 * 0.125, 156 * 0.125]);
    expect([...network.readState('sum', 'v')]).toEqual([1006 * 0.25]);
  });
});

it.each(['integer', 'clocked'])('pixels of a channel have ceilings of their own: %s', (engine) => {
  const each = <Value>(found: (pixel: number) => Value) => Array.from({ length: 32 }, (_, pixel) => found(pixel));
  const zeros = each(() => 0);
  const image = parseModel({
    nodes: {
      in: { type: 'Input', shape: [1, 1, 32] },
      taps: { type: 'Conv2d', weight: [[[[1]]]] },
      cells: { type: 'ReLU', ceiling: [[each((pixel) => (32 - pixel) / 4)]] },
      out: { type: 'Output' },
    },
    edges: chain('in', 'taps', 'cells', 'out'),
    quantization: {
      ...{ bits: 8, inputs: { in: INPUT }, connections: { taps: { shift: 0 } } },
      neurons: {
        cells: {
          ...{ membraneBits: 16, scale: each(() => 0.25), fraction: 0, decay: zeros, bias: zeros, initial: zeros },
          ...{ minimum: zeros, maximum: each((pixel) => 32 - pixel), handOn: 1 },
        },
      },
    },
  });
  const [input, output] = [new EventBuffer(32), new EventBuffer(32)];
  for (let pixel = 0; pixel < 32; pixel++) input.push(0, 0, pixel, 10);
  engineNamed(engine).load(image).run(1, input, output);
  // 20 is held at 32 … 1, (20 + 1) >> 1 = 10 and less handed on, each unit worth 2·¼.
  expect([...output.value.subarray(0, output.length)]).toEqual(
    each((pixel) => Math.floor((Math.min(20, 32 - pixel) + 1) / 2) / 2),
  );
});
