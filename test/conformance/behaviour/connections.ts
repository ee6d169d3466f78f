import { parseModel, RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chain } from '../../chain.ts';
import { listed } from '../arbitrary-model.ts';
import type { EngineUnderTest } from '../engine-under-test.ts';
import { correlate, type Image, type WindowOptions } from '../naive-window.ts';
import { play } from '../play.ts';

/** Never spikes; its membrane is the sum of all that arrived. */
const sum = { type: 'IF', r: 1000, v_threshold: 20_000 };

/** Whole weights in −127…127 whose rows reach 127, so that they are the same in every number format. */
function wholeWeights(random: RandomGenerator, rows: number, rowLength: number): number[][] {
  return Array.from({ length: rows }, () => {
    const row = Array.from({ length: rowLength }, () => random.nextInteger(255) - 127);
    row[random.nextInteger(rowLength)] = random.nextInteger(2) === 0 ? 127 : -127;
    return row;
  });
}

function spikePattern(random: RandomGenerator, size: number): number[] {
  return Array.from({ length: size }, () => random.nextInteger(2));
}

function eventsOf(values: readonly number[], step = 0): number[][] {
  return values.flatMap((value, index) => (value === 0 ? [] : [[step, index, value]]));
}

/** Flat entries as arrays of arrays, by the leading dimensions of a weight. */
function nested(entries: readonly unknown[], [length, ...inner]: readonly number[]): readonly unknown[] {
  if (inner.length === 0) return entries;
  const each = entries.length / length!;
  return Array.from({ length: length! }, (_, k) => nested(entries.slice(k * each, (k + 1) * each), inner));
}

export function describeConnections({ load, tolerance }: EngineUnderTest): void {
  /** What has gathered in the sums behind `connections` once `values` have arrived. */
  const gathered = (
    inputShape: readonly number[],
    connections: readonly Readonly<Record<string, unknown>>[],
    values: readonly number[],
    largestInput?: number,
  ): number[] => {
    const names = connections.map((_, k) => `c${k}`);
    const path = ['in', ...names, 'sum'];
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: inputShape },
        ...Object.fromEntries(connections.map((connection, k) => [names[k], connection])),
        sum,
      },
      edges: path.slice(1).map((name, k) => [path[k], name]),
    });
    const net = load(model, largestInput === undefined ? {} : { largestInput });
    play(net, 1, { in: eventsOf(values) });
    return Array.from(net.readState('sum', 'v'));
  };

  const expectClose = (actual: readonly number[], expected: readonly number[]) => {
    const scale = Math.max(1, ...expected.map(Math.abs));
    expect(actual).toHaveLength(expected.length);
    actual.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!), `[${i}]: ${value}, ${expected[i]}`).toBeLessThanOrEqual(
        tolerance.membrane * scale,
      );
    });
  };

  describe('connections', () => {
    it('dense: y = W·x', () => {
      fc.assert(
        fc.property(
          fc.nat(),
          fc.integer({ min: 1, max: 40 }),
          fc.integer({ min: 1, max: 40 }),
          (seed, inputs, outputs) => {
            const random = new RandomGenerator(seed, 'dense');
            const weight = wholeWeights(random, outputs, inputs);
            const x = spikePattern(random, inputs);
            const y = weight.map((row) => row.reduce((total, w, i) => total + w * x[i]!, 0));
            expectClose(gathered([inputs], [{ type: 'Linear', weight }], x), y);
          },
        ),
        { numRuns: 25 },
      );
    });

    it('dense with leading dimensions: one matrix and one bias for each of their indices', () => {
      const leading = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 });
      const length = fc.integer({ min: 1, max: 20 });
      const biased = fc.constantFrom('none', 'shared', 'each');
      fc.assert(
        fc.property(fc.nat(), leading, length, length, biased, (seed, shape, inputs, outputs, bias) => {
          const random = new RandomGenerator(seed, 'slices');
          const slices = shape.reduce((product, size) => product * size, 1);
          const matrices = Array.from({ length: slices }, () => wholeWeights(random, outputs, inputs));
          const own = matrices.map(() => wholeWeights(random, 1, outputs)[0]!);
          const biases = own.map((each) => (bias === 'none' ? each.map(() => 0) : bias === 'shared' ? own[0]! : each));
          const x = spikePattern(random, slices * inputs);
          const y = matrices.flatMap((matrix, slice) =>
            matrix.map((row, o) => row.reduce((sum, w, i) => sum + w * x[slice * inputs + i]!, biases[slice]![o]!)),
          );
          const weight = nested(matrices, shape);
          const node =
            bias === 'none'
              ? { type: 'Linear', weight }
              : { type: 'Affine', weight, bias: bias === 'shared' ? own[0] : nested(own, shape) };
          expectClose(gathered([...shape, inputs], [node], x), y);
        }),
        { numRuns: 60 },
      );
    });

    it('a weight of [2, 3, 4] takes [2, 4] to [2, 3], as by hand', () => {
      const weight = [
        [
          [1, 2, 3, 127],
          [0, -1, 0, 127],
          [5, 0, 0, -127],
        ],
        [
          [127, 0, 0, 0],
          [0, 127, 0, 9],
          [-2, -2, 127, -2],
        ],
      ];
      // Of the first row of the input elements 0 and 2 are 1, of the second 1, 2 and 3.
      expectClose(gathered([2, 4], [{ type: 'Linear', weight }], [1, 0, 1, 0, 0, 1, 1, 1]), [4, 0, 5, 0, 136, 123]);
    });

    it('sums what a convolution and matrices bring, however each counts its channels', () => {
      const taps = [[[127, 1]], [[-3, 127]]];
      const matrices = [
        [
          [127, 0, 2, 0],
          [0, 127, 0, 0],
          [0, 0, 127, -1],
        ],
        [
          [5, 0, 0, 127],
          [0, 6, 127, 0],
          [127, 0, 0, 7],
        ],
      ];
      const model = parseModel({
        nodes: {
          in: { type: 'Input', shape: [1, 4] },
          rows: { type: 'Input', shape: [2, 4] },
          taps: { type: 'Conv1d', weight: taps },
          matrices: { type: 'Linear', weight: matrices },
          sum,
        },
        edges: [...chain('in', 'taps', 'sum'), ...chain('rows', 'matrices', 'sum')],
      });
      const net = load(model);
      play(net, 1, { in: eventsOf([1, 0, 1, 1]), rows: eventsOf([1, 1, 1, 0, 0, 1, 1, 1]) });
      const fromTaps = [127, 1, 128, -3, 127, 124];
      const fromMatrices = [129, 127, 127, 127, 133, 7];
      expectClose(
        Array.from(net.readState('sum', 'v')),
        fromTaps.map((value, i) => value + fromMatrices[i]!),
      );
    });

    it('takes the spikes of a convolution by the last dimension alone', () => {
      const matrices = [[[127, 2, 4]], [[8, 127, 16]]];
      const model = parseModel({
        nodes: {
          in: { type: 'Input', shape: [1, 4] },
          taps: { type: 'Conv1d', weight: [[[127, 1]], [[-3, 127]]] },
          cells: { type: 'Threshold', threshold: 100 },
          matrices: { type: 'Linear', weight: matrices },
          sum,
        },
        edges: chain('in', 'taps', 'cells', 'matrices', 'sum'),
      });
      const net = load(model);
      play(net, 1, { in: eventsOf([1, 0, 1, 1]) });
      // Of the first channel the pixels 0 and 2 spike, of the second 1 and 2.
      expectClose(Array.from(net.readState('sum', 'v')), [131, 143]);
    });

    it('sums in neurons whose shape has a leading 1 more than that of the convolution before them', () => {
      const weight = [[[127, 1]], [[-3, 127]]];
      const thresholds = [[new Array<number>(3).fill(20_000), new Array<number>(3).fill(20_000)]];
      const model = parseModel({
        nodes: {
          in: { type: 'Input', shape: [1, 4] },
          taps: { type: 'Conv1d', weight },
          sum: { ...sum, v_threshold: thresholds },
        },
        edges: chain('in', 'taps', 'sum'),
      });
      const net = load(model);
      play(net, 1, { in: eventsOf([1, 0, 1, 1]) });
      expectClose(Array.from(net.readState('sum', 'v')), [127, 1, 128, -3, 127, 124]);
    });

    const sizes = [fc.nat(), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })] as const;

    it('Sparse: y = W·x with 0 where no synapse is listed', () => {
      fc.assert(
        fc.property(...sizes, fc.boolean(), (seed, inputs, outputs, equalRows) => {
          const random = new RandomGenerator(seed, 'sparse');
          const perInput = Array.from({ length: inputs }, () => (random.nextInteger(2) === 0 ? 127 : -127));
          const full = wholeWeights(random, outputs, inputs).map((row) => (equalRows ? perInput : row));
          const kept = full.map((row) => row.map((w) => Math.abs(w) === 127 || random.nextInteger(3) === 0));
          kept[0]![0] = true;
          const x = spikePattern(random, inputs);
          const y = full.map((row, o) => row.reduce((total, w, i) => total + (kept[o]![i] ? w * x[i]! : 0), 0));
          expectClose(gathered([inputs], [listed(full, (output, input) => kept[output]![input]!)], x), y);
        }),
        { numRuns: 40 },
      );
    });

    it('AllButOne: the sum of all other inputs times the weight of the output', () => {
      fc.assert(
        fc.property(fc.nat(), fc.integer({ min: 1, max: 40 }), (seed, size) => {
          const random = new RandomGenerator(seed, 'all but one');
          const weight = Array.from({ length: size }, () => (random.nextInteger(2) === 0 ? 127 : -127));
          const x = spikePattern(random, size);
          const total = x.reduce((sum, value) => sum + value, 0);
          const y = weight.map((w, i) => w * (total - x[i]!));
          expectClose(gathered([size], [{ type: 'AllButOne', weight }], x), y);
        }),
        { numRuns: 25 },
      );
    });

    it('Affine adds its bias in every step', () => {
      const model = parseModel({
        nodes: {
          in: { type: 'Input', shape: [1] },
          fc: { type: 'Affine', weight: [[127], [127]], bias: [0.5, -2] },
          sum,
        },
        edges: chain('in', 'fc', 'sum'),
      });
      const net = load(model);
      play(net, 4, { in: [[2, 0]] });
      expectClose(Array.from(net.readState('sum', 'v')), [129, 119]);
    });

    const convolution = fc.record({
      seed: fc.nat(),
      groups: fc.constantFrom(1, 1, 2, 3),
      perGroup: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 })),
      size: fc.tuple(fc.integer({ min: 4, max: 9 }), fc.integer({ min: 4, max: 9 })),
      kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 })),
      stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      dilation: fc.constantFrom<[number, number]>([1, 1], [1, 2], [2, 1]),
      padding: fc.oneof(
        fc.constant('same' as const),
        fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
      ),
    });

    it('conv2d: cross-correlation with stride, padding, dilation and groups', () => {
      fc.assert(
        fc.property(convolution, ({ seed, groups, perGroup, size, kernel, stride, dilation, padding }) => {
          fc.pre(size.every((length, axis) => dilation[axis]! * (kernel[axis]! - 1) < length));
          const random = new RandomGenerator(seed, 'convolution');
          const [channels, outputs] = [groups * perGroup[0], groups * perGroup[1]];
          const flat = wholeWeights(random, outputs, perGroup[0] * kernel[0] * kernel[1]);
          const weight = flat.map((row) => imageOf(row, perGroup[0], kernel));
          const x = spikePattern(random, channels * size[0] * size[1]);
          const strides: [number, number] = padding === 'same' ? [1, 1] : stride;
          const options = { stride: strides, dilation, ...zerosOf(padding, kernel, dilation) };
          const y = correlate(imageOf(x, channels, size), weight, groups, options).flat(2);
          const node = { type: 'Conv2d', weight, stride: strides, padding, dilation, groups };
          expectClose(gathered([channels, ...size], [node], x), y);
        }),
        { numRuns: 60 },
      );
    });

    it('conv1d: cross-correlation along one axis', () => {
      const along = fc.record({
        seed: fc.nat(),
        groups: fc.constantFrom(1, 2, 3),
        perGroup: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 })),
        length: fc.integer({ min: 5, max: 40 }),
        taps: fc.integer({ min: 1, max: 5 }),
        stride: fc.integer({ min: 1, max: 4 }),
        dilation: fc.integer({ min: 1, max: 3 }),
        padding: fc.integer({ min: 0, max: 3 }),
        leading: fc.boolean(),
      });
      fc.assert(
        fc.property(along, ({ seed, groups, perGroup, length, taps, stride, dilation, padding, leading }) => {
          fc.pre(dilation * (taps - 1) < length + 2 * padding);
          const random = new RandomGenerator(seed, 'along');
          const [ins, outs] = perGroup;
          const flat = wholeWeights(random, groups * outs, ins * taps);
          const weight = flat.map((row) => Array.from({ length: ins }, (_, c) => row.slice(c * taps, (c + 1) * taps)));
          const x = spikePattern(random, groups * ins * length);
          const y = weight.flatMap((kernel, output) => {
            const found: number[] = [];
            for (let start = -padding; start + dilation * (taps - 1) < length + padding; start += stride) {
              let total = 0;
              for (let c = 0; c < ins; c++) {
                const channel = Math.floor(output / outs) * ins + c;
                for (let tap = 0; tap < taps; tap++) {
                  const at = start + tap * dilation;
                  if (at >= 0 && at < length) total += kernel[c]![tap]! * x[channel * length + at]!;
                }
              }
              found.push(total);
            }
            return found;
          });
          const node = { type: 'Conv1d', weight: leading ? [weight] : weight, stride, padding, dilation, groups };
          expectClose(gathered([groups * ins, length], [node], x), y);
        }),
        { numRuns: 60 },
      );
    });

    const transposed = fc.record({
      ...{ seed: fc.nat(), axes: fc.constantFrom(1, 2), groups: fc.constantFrom(1, 1, 2, 3) },
      perGroup: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 5 })),
      size: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      dilation: fc.constantFrom<[number, number]>([1, 1], [1, 1], [1, 2], [2, 1]),
      padding: fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })),
      more: fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 })),
    });

    it('ConvTranspose1d, ConvTranspose2d: every pixel brings its taps to places that lie a stride apart', () => {
      fc.assert(
        fc.property(transposed, ({ axes, ...each }) => {
          const { seed, groups, perGroup, size, kernel, stride, dilation, padding, more } =
            axes === 2 ? each : alongColumns(each);
          const outputSize = size.map(
            (length, a) => (length - 1) * stride[a]! + dilation[a]! * (kernel[a]! - 1) + 1 - 2 * padding[a]! + more[a]!,
          ) as [number, number];
          fc.pre(outputSize.every((length) => length > 0));
          const random = new RandomGenerator(seed, 'transposed');
          const [channels, outputs] = [groups * perGroup[0], groups * perGroup[1]];
          const flat = wholeWeights(random, outputs, perGroup[0] * kernel[0] * kernel[1]);
          const weight = flat.map((row) => imageOf(row, perGroup[0], kernel));
          const bias = wholeWeights(random, 1, outputs)[0]!;
          const x = spikePattern(random, channels * size[0] * size[1]);
          const y = bias.map((value) => new Array<number>(outputSize[0] * outputSize[1]).fill(value));
          x.forEach((value, index) => {
            const [row, column] = [Math.floor(index / size[1]) % size[0], index % size[1]];
            const channel = Math.floor(index / (size[0] * size[1]));
            const group = Math.floor(channel / perGroup[0]);
            for (let output = group * perGroup[1]; output < (group + 1) * perGroup[1]; output++) {
              weight[output]![channel % perGroup[0]]!.forEach((taps, ky) => {
                taps.forEach((tap, kx) => {
                  const toRow = row * stride[0] + ky * dilation[0] - padding[0];
                  const toColumn = column * stride[1] + kx * dilation[1] - padding[1];
                  const isInside = toRow >= 0 && toRow < outputSize[0] && toColumn >= 0 && toColumn < outputSize[1];
                  if (isInside) y[output]![toRow * outputSize[1] + toColumn]! += tap * value;
                });
              });
            }
          });
          const along = (pair: [number, number]) => (axes === 1 ? pair[1] : pair);
          const node = {
            type: `ConvTranspose${axes}d`,
            weight: axes === 1 ? weight.map((of) => of.map(([taps]) => taps)) : weight,
            ...{ bias, groups, stride: along(stride), padding: along(padding) },
            ...{ output_padding: along(more), dilation: along(dilation) },
          };
          expectClose(gathered([channels, ...(axes === 1 ? [size[1]] : size)], [node], x), y.flat());
        }),
        { numRuns: 80 },
      );
    });

    it.each(['SumPool1d', 'AvgPool1d'])('%s: windows along one axis', (type) => {
      const pooling = fc.record({
        seed: fc.nat(),
        channels: fc.integer({ min: 1, max: 3 }),
        length: fc.integer({ min: 4, max: 30 }),
        size: fc.integer({ min: 1, max: 4 }),
        stride: fc.integer({ min: 1, max: 4 }),
        padding: fc.integer({ min: 0, max: 1 }),
      });
      fc.assert(
        fc.property(pooling, ({ seed, channels, length, size, stride, padding }) => {
          const x = spikePattern(new RandomGenerator(seed, 'pooling'), channels * length);
          const y = Array.from({ length: channels }, (_, c) => {
            const found: number[] = [];
            for (let start = -padding; start + size <= length + padding; start += stride) {
              const inside = x.slice(c * length + Math.max(0, start), c * length + Math.min(length, start + size));
              found.push(inside.reduce((total, value) => total + value, 0) / (type === 'AvgPool1d' ? size : 1));
            }
            return found;
          }).flat();
          expectClose(gathered([channels, length], [{ type, kernel_size: size, stride, padding }], x), y);
        }),
        { numRuns: 40 },
      );
    });

    it.each(['SumPool2d', 'AvgPool2d'])('%s: windows with stride and padding', (type) => {
      const pooling = fc.record({
        seed: fc.nat(),
        channels: fc.integer({ min: 1, max: 3 }),
        size: fc.tuple(fc.integer({ min: 3, max: 8 }), fc.integer({ min: 3, max: 8 })),
        kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
        stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
        padding: fc.constantFrom<[number, number]>([0, 0], [1, 0], [1, 1]),
      });
      fc.assert(
        fc.property(pooling, ({ seed, channels, size, kernel, stride, padding }) => {
          const x = spikePattern(new RandomGenerator(seed, 'pooling'), channels * size[0] * size[1]);
          const ones = Array.from({ length: channels }, () =>
            imageOf(new Array(kernel[0] * kernel[1]).fill(1), 1, kernel),
          );
          const options = { stride, dilation: [1, 1] as const, before: padding, after: padding };
          const share = type === 'AvgPool2d' ? kernel[0] * kernel[1] : 1;
          const y = correlate(imageOf(x, channels, size), ones, channels, options).flat(2);
          const node = { type, kernel_size: kernel, stride, padding };
          expectClose(
            gathered([channels, ...size], [node], x),
            y.map((value) => value / share),
          );
        }),
        { numRuns: 30 },
      );
    });

    /** 1, 2, 3, …, each of which is exact as an input up to 127. */
    const ramp = (count: number, from = 1) => Array.from({ length: count }, (_, k) => from + k);
    const imageSize = fc.record({
      channels: fc.integer({ min: 1, max: 3 }),
      size: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      factor: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    });

    it('Upsample2d: every pixel in a block', () => {
      fc.assert(
        fc.property(imageSize, ({ channels, size, factor }) => {
          const x = ramp(channels * size[0] * size[1]);
          const y = imageOf(x, channels, size).map((image) =>
            image.flatMap((row) => {
              const wide = row.flatMap((value) => new Array<number>(factor[1]).fill(value));
              return new Array<number[]>(factor[0]).fill(wide);
            }),
          );
          const node = { type: 'Upsample2d', scale_factor: factor };
          expectClose(gathered([channels, ...size], [node], x, 127), y.flat(2));
          const means = { type: 'AvgPool2d', kernel_size: factor, stride: factor };
          expectClose(gathered([channels, ...size], [node, means], x, 127), x);
        }),
        { numRuns: 30 },
      );
    });

    it('Upsample1d: every element so many times', () => {
      const node = { type: 'Upsample1d', scale_factor: 3 };
      expectClose(gathered([2, 2], [node], [1, 2, 3, 4], 127), [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
    });

    it('GlobalAvgPool2d, GlobalAvgPool1d: the mean of each channel', () => {
      fc.assert(
        fc.property(imageSize, ({ channels, size }) => {
          const pixels = size[0] * size[1];
          // The mean of a ramp is the middle of its ends.
          const y = ramp(channels).map((channel) => (channel - 1) * pixels + (1 + pixels) / 2);
          const x = ramp(channels * pixels);
          expectClose(gathered([channels, ...size], [{ type: 'GlobalAvgPool2d' }], x, 127), y);
          expectClose(gathered([channels, pixels], [{ type: 'GlobalAvgPool1d' }], x, 127), y);
        }),
        { numRuns: 20 },
      );
    });

    it('Concat: the channels of one source behind those of the other, also a step late', () => {
      const parts = fc.record({
        seed: fc.nat(),
        channels: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
        size: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
        delay: fc.nat({ max: 1 }),
        weighted: fc.boolean(),
      });
      fc.assert(
        fc.property(parts, ({ seed, channels: [first, second], size, delay, weighted }) => {
          const pixels = size[0] * size[1];
          const whole = (first + second) * pixels;
          const [a, b] = [ramp(first * pixels), ramp(second * pixels, 3)];
          const weight = wholeWeights(new RandomGenerator(seed, 'parts'), 3, whole);
          const model = parseModel({
            nodes: {
              a: { type: 'Input', shape: [first, ...size] },
              b: { type: 'Input', shape: [second, ...size] },
              before: { type: 'Concat', channels: first + second },
              behind: { type: 'Concat', channels: first + second, start: first },
              flat: { type: 'Flatten' },
              ...(weighted ? { fc: { type: 'Linear', weight } } : {}),
              sum,
            },
            edges: [
              ['a', 'before'],
              ['b', 'behind'],
              ['before', 'flat'],
              ['behind', 'flat', { delay }],
              ...(weighted
                ? [
                    ['flat', 'fc'],
                    ['fc', 'sum'],
                  ]
                : [['flat', 'sum']]),
            ],
          });
          const net = load(model, { largestInput: 127 });
          play(net, 2, { a: eventsOf(a), b: eventsOf(b) });
          const joined = [...a, ...b];
          const y = weight.map((row) => row.reduce((total, w, i) => total + w * joined[i]!, 0));
          expectClose(Array.from(net.readState('sum', 'v')), weighted ? y : joined);
          // What is only copied passes no weights.
          if (weighted) expect(net.counters.synapticOperations).toBe(3 * whole);
        }),
        { numRuns: 30 },
      );
    });

    it('Flatten keeps the row-major order of channels, rows and columns', () => {
      const weight = wholeWeights(new RandomGenerator(3, 'flatten'), 5, 2 * 3 * 4);
      const x = spikePattern(new RandomGenerator(4, 'flatten'), 24);
      const y = weight.map((row) => row.reduce((total, w, i) => total + w * x[i]!, 0));
      const flatten = { type: 'Flatten', start_dim: 0, end_dim: -1 };
      expectClose(gathered([2, 3, 4], [flatten, { type: 'Linear', weight }], x), y);
    });

    it('Scale multiplies each element by its factor', () => {
      expectClose(gathered([3], [{ type: 'Scale', scale: [127, -0.5, 3] }], [1, 1, 0]), [127, -0.5, 0]);
    });

    it('takes graded input in proportion, several events of one element together', () => {
      const model = parseModel({
        nodes: { in: { type: 'Input', shape: [2] }, fc: { type: 'Linear', weight: [[127, -127]] }, sum },
        edges: chain('in', 'fc', 'sum'),
      });
      const net = load(model, { largestInput: 12.7 });
      play(net, 2, {
        in: [
          [0, 0, 2.5],
          [0, 0, 0.5],
          [1, 1, -4],
        ],
      });
      expectClose(Array.from(net.readState('sum', 'v')), [127 * (2.5 + 0.5 + 4)]);
    });
  });
}

function imageOf(flat: readonly number[], channels: number, [height, width]: readonly [number, number]): Image {
  return Array.from({ length: channels }, (_, c) =>
    Array.from({ length: height }, (_, y) => flat.slice((c * height + y) * width, (c * height + y + 1) * width)),
  );
}

/** The same along columns only: one row, and nothing that happens across rows. */
function alongColumns<Each extends Record<'size' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'more', Pair>>(
  each: Each,
): Each {
  const across = { size: 1, kernel: 1, stride: 1, dilation: 1, padding: 0, more: 0 } as const;
  const pairs = Object.entries(across).map(([key, row]) => [key, [row, each[key as keyof typeof across][1]]]);
  return { ...each, ...Object.fromEntries(pairs) };
}

type Pair = [number, number];

/** Zeros around an image: the same on both sides, or so many that the size stays, the odd one at the end. */
function zerosOf(
  padding: 'same' | readonly [number, number],
  kernel: readonly [number, number],
  dilation: readonly [number, number],
): Pick<WindowOptions, 'before' | 'after'> {
  if (padding !== 'same') return { before: padding, after: padding };
  const total = kernel.map((length, axis) => dilation[axis]! * (length - 1));
  return {
    before: [Math.floor(total[0]! / 2), Math.floor(total[1]! / 2)],
    after: [Math.ceil(total[0]! / 2), Math.ceil(total[1]! / 2)],
  };
}
