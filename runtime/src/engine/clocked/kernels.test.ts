import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventBuffer } from '../event-buffer.ts';
import { createKernels } from './create-kernels.ts';
import { EventList, EventListPlan } from './event-list.ts';
import { InputWindow, InputWindowPlan } from './input-window.ts';
import { encode, instructionSet, populationFlags, realOperand, sparseFlags } from './instructions.ts';
import { Layout } from './layout.ts';
import { fixed, MemoryPlan, type MemoryViews } from './memory.ts';

/** Numbers from a seed; fast-check shrinks the structure and leaves the numbers alone. */
type Draw = (bound: number) => number;

function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state % bound;
  };
}

/** One instruction over a memory of its own. */
interface Case {
  readonly plan: MemoryPlan;
  readonly words: readonly number[];
  /** The list that it writes. */
  readonly written?: EventListPlan;
}

/** Runs the case in both forms of the kernels, twice over, and expects every byte of memory to be the same. */
function expectSameMemory({ plan, words, written }: Case): void {
  const at = plan.int32(words);
  const runs = (['wasm', 'typescript'] as const).map((form) => {
    const { memory, kernels } = createKernels(plan.bytes, form);
    plan.fill(memory);
    for (let step = 0; step < 2; step++) kernels.run(at, at + 4 * words.length);
    if (written !== undefined) new EventList(written, memory, 'int32').tidy();
    new Uint8Array(memory.buffer).fill(0, fixed.end, fixed.end + SCRATCH + 64);
    return new Uint8Array(memory.buffer, 0, plan.bytes);
  });
  const difference = runs[0]!.findIndex((byte, place) => byte !== runs[1]![place]);
  expect(difference, `first byte that differs, of ${plan.bytes}`).toBe(-1);
}

/** Bytes of scratch at the beginning, which the WASM kernels alone use. */
const SCRATCH = 16384;

function newPlan(): MemoryPlan {
  const plan = new MemoryPlan();
  const [offsets, factors] = [plan.reserve(SCRATCH / 2), plan.reserve(SCRATCH / 2)];
  plan.later(fixed.offsets, () => offsets);
  plan.later(fixed.factors, () => factors);
  return plan;
}

/** A list of random events, with values other than 1 if `graded`. */
function randomList(plan: MemoryPlan, layout: Layout, draw: Draw, kind: 'spikes' | 'whole' | 'real'): EventListPlan {
  const list = new EventListPlan(plan, layout);
  list.place();
  const events: [number, number][] = [];
  for (let index = 0; index < layout.size; index++) {
    const value = kind === 'spikes' ? 1 : kind === 'whole' ? draw(255) - 127 : (draw(2001) - 1000) / 37;
    if (draw(3) === 0 && value !== 0) events.push([layout.position(index), value]);
  }
  plan.reserve(16, (memory) => {
    const written = new EventList(list, memory, kind === 'real' ? 'float32' : 'int32');
    const slot = written.slot();
    events.forEach(([position, value], k) => {
      written.write(slot, k, position, value);
    });
    written.close(slot, events.length, kind !== 'spikes');
  });
  return list;
}

/** Says that the list holds what it held in the step before. */
function repeatList(plan: MemoryPlan, list: EventListPlan): void {
  plan.reserve(16, (memory) => new EventList(list, memory, 'int32').repeat());
}

type Format = 'Int16' | 'Int32' | 'Float32';

function randomArray(plan: MemoryPlan, format: Format | 'Int8', length: number, draw: Draw, magnitude: number): number {
  const values = Float64Array.from({ length }, () => draw(2 * magnitude + 1) - magnitude);
  if (format === 'Int8') return plan.int8(values);
  if (format === 'Int16') return plan.int16(values);
  return format === 'Int32' ? plan.int32(values) : plan.float32(values.map((value) => value / 61));
}

function listOperands(list: EventListPlan) {
  return { list: list.descriptor, delay: 0, sourceStride: list.layout.stride, sourcePlaces: list.layout.places };
}

const format = fc.constantFrom<Format>('Int16', 'Int32', 'Float32');
const seed = fc.nat();

function kindOf(format: Format, graded: boolean): 'spikes' | 'whole' | 'real' {
  if (!graded) return 'spikes';
  return format === 'Float32' ? 'real' : 'whole';
}

describe('the two forms of each kernel', () => {
  it('addSparse: any rows, order of the source, width of targets and of weights', () => {
    const shape = fc.record({
      ...{ format, seed, graded: fc.boolean(), shift: fc.integer({ min: 0, max: 3 }), flags: fc.nat({ max: 3 }) },
      ...{ channels: fc.integer({ min: 1, max: 40 }), places: fc.integer({ min: 1, max: 3 }) },
      outputs: fc.integer({ min: 1, max: 90 }),
    });
    fc.assert(
      fc.property(shape, ({ format, seed, graded, shift, flags, channels, places, outputs }) => {
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const list = randomList(plan, new Layout(channels, places), draw, kindOf(format, graded));
        const targets: number[] = [];
        const offsets = [0];
        for (let input = 0; input < channels * places; input++) {
          for (let output = 0; output < outputs; output++) if (draw(3) === 0) targets.push(output);
          offsets.push(targets.length);
        }
        const length = Math.max(targets.length, channels * places);
        const words = encode(`addSparse${format}`, {
          ...listOperands(list),
          weights: randomArray(plan, format === 'Float32' ? 'Float32' : 'Int8', length, draw, 127),
          offsets: plan.int32(offsets),
          targets: flags & sparseFlags.wide ? plan.int32(targets) : plan.int16(targets),
          accumulator: randomArray(plan, format, outputs, draw, 1000),
          shift: format === 'Float32' ? 0 : shift,
          flags,
        });
        expectSameMemory({ plan, words });
      }),
      { numRuns: 150 },
    );
  });

  it('addOthers: any size and order of source and target', () => {
    const shape = fc.record({
      ...{ format, seed, graded: fc.boolean(), shift: fc.integer({ min: 0, max: 3 }) },
      ...{ channels: fc.integer({ min: 1, max: 90 }), places: fc.integer({ min: 1, max: 4 }), image: fc.boolean() },
    });
    fc.assert(
      fc.property(shape, ({ format, seed, graded, shift, channels, places, image }) => {
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const sourceLayout = new Layout(channels, places);
        const target = image ? sourceLayout : new Layout(channels * places, 1);
        const list = randomList(plan, sourceLayout, draw, kindOf(format, graded));
        const words = encode(`addOthers${format}`, {
          ...listOperands(list),
          targetStride: target.stride,
          targetPlaces: target.places,
          accumulator: randomArray(plan, format, target.length, draw, 1000),
          weights: randomArray(plan, format === 'Float32' ? 'Float32' : 'Int8', target.length, draw, 127),
          shift: format === 'Float32' ? 0 : shift,
          synapses: channels * places - 1,
        });
        expectSameMemory({ plan, words });
      }),
      { numRuns: 150 },
    );
  });

  it('stepSynaptic: any size, one synapse or two, through the end of a round', () => {
    const shape = fc.record({ seed, size: fc.integer({ min: 1, max: 120 }), both: fc.boolean() });
    fc.assert(
      fc.property(shape, ({ seed, size, both }) => {
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const layout = new Layout(size, 1);
        const list = new EventListPlan(plan, layout);
        list.place();
        const reals = () => randomArray(plan, 'Float32', layout.length, draw, 200);
        const now = [draw(140), 2 ** 20 - 1 - draw(2)][draw(2)]!;
        const resting = draw(Math.ceil(size / 2));
        const head = draw(layout.length);
        // The first ones rest, in this order.
        const queue = new Int32Array(layout.length);
        for (let i = 0; i < resting; i++) queue[(head + i) % layout.length] = i;
        const wakes = Int32Array.from({ length: layout.length }, (_, i) => (i < resting ? now + 1 + (i >> 2) : 0));
        const membrane = Float64Array.from({ length: layout.length }, (_, i) =>
          i < resting || i >= size ? -(2 ** 90) : (draw(401) - 200) / 61,
        );
        const words = encode('stepSynaptic', {
          membrane: plan.float32(membrane),
          first: reals(),
          second: both ? reals() : 0,
          neurons: size,
          length: layout.length,
          list: list.descriptor,
          wakes: plan.int32(wakes),
          queue: plan.int32(queue),
          clock: plan.int32([now, head, resting]),
          decay: realOperand(0.95),
          firstDecay: realOperand(0.8),
          secondDecay: realOperand(0.9),
          ratio: realOperand(draw(100) / 30),
          threshold: realOperand(draw(5) - 2.1),
          reset: realOperand(-3.1),
          refractorySteps: draw(4),
        });
        expectSameMemory({ plan, words, written: list });
      }),
      { numRuns: 150 },
    );
  });

  it('addRows: any size, tail, order of the source and weight', () => {
    const shape = fc.record({
      ...{ format, seed, graded: fc.boolean(), shift: fc.integer({ min: 0, max: 3 }) },
      ...{ channels: fc.integer({ min: 1, max: 300 }), places: fc.integer({ min: 1, max: 4 }) },
      ...{ outputs: fc.integer({ min: 1, max: 150 }), keeps: fc.boolean(), repeats: fc.boolean() },
    });
    fc.assert(
      fc.property(shape, ({ format, seed, graded, shift, channels, places, outputs, keeps, repeats }) => {
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const list = randomList(plan, new Layout(channels, places), draw, kindOf(format, graded));
        const target = new Layout(outputs, 1);
        const length = channels * places * target.length;
        const words = encode(`addRows${format}`, {
          ...listOperands(list),
          weights: randomArray(plan, format === 'Float32' ? 'Float32' : 'Int8', length, draw, 127),
          rowBytes: target.length * (format === 'Float32' ? 4 : 1),
          accumulator: randomArray(plan, format, target.length, draw, 1000),
          columns: target.length,
          shift: format === 'Float32' ? 0 : shift,
          synapses: outputs,
          kept: keeps ? randomArray(plan, format, target.length, draw, 1000) : 0,
        });
        if (repeats) repeatList(plan, list);
        expectSameMemory({ plan, words });
      }),
      { numRuns: 60 },
    );
  });

  it('addRows: more events than a 16-bit sum of bytes can take', () => {
    for (const name of ['addRowsInt16', 'addRowsInt32'] as const) {
      const [plan, layout] = [newPlan(), new Layout(1000, 1)];
      const list = randomList(plan, layout, () => 0, 'spikes');
      const words = encode(name, {
        ...listOperands(list),
        weights: plan.int8(new Int8Array(1000 * 80).fill(127)),
        rowBytes: 80,
        accumulator: plan.reserve(4 * 80),
        columns: 80,
        shift: 0,
        synapses: 80,
        kept: 0,
      });
      expectSameMemory({ plan, words });
    }
  });

  it('convolve: any geometry', () => {
    const shape = fc.record({
      ...{ format, seed, graded: fc.boolean(), shift: fc.integer({ min: 0, max: 2 }), plain: fc.boolean() },
      ...{ channelLast: fc.boolean(), groups: fc.constantFrom(1, 1, 2, 3) },
      ...{ inputs: fc.integer({ min: 1, max: 4 }), outputs: fc.integer({ min: 1, max: 20 }) },
      size: fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 })),
      kernel: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      padding: fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })),
      dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    });
    fc.assert(
      fc.property(shape, (each) => {
        const { format, size, kernel, padding } = each;
        const groups = each.plain ? 1 : each.groups;
        const stride = each.plain ? [1, 1] : each.stride;
        const dilation = each.plain ? [1, 1] : each.dilation;
        const outputSize = [0, 1].map((a) => {
          const room = size[a]! + 2 * padding[a]! - dilation[a]! * (kernel[a]! - 1) - 1;
          return Math.floor(room / stride[a]!) + 1;
        });
        fc.pre(outputSize.every((length) => length > 0));
        const [plan, draw] = [newPlan(), drawFrom(each.seed)];
        const [inputs, outputs, area] = [each.inputs * groups, each.outputs * groups, size[0] * size[1]];
        const source = each.channelLast ? new Layout(inputs, area) : new Layout(inputs * area, 1);
        const target = new Layout(outputs, outputSize[0]! * outputSize[1]!);
        const list = randomList(plan, source, draw, kindOf(format, each.graded));
        const run = groups > 1 ? each.outputs : target.stride;
        const taps = inputs * kernel[0] * kernel[1] * run;
        const words = encode(`convolve${format}`, {
          ...listOperands(list),
          weights: randomArray(plan, format === 'Float32' ? 'Float32' : 'Int16', taps, draw, 127),
          accumulator: randomArray(plan, format, target.length, draw, 1000),
          shift: format === 'Float32' ? 0 : each.shift,
          ...{ inputWidth: size[1], inputArea: area, kernelHeight: kernel[0], kernelWidth: kernel[1] },
          ...{ strideY: stride[0]!, strideX: stride[1]!, paddingY: padding[0], paddingX: padding[1] },
          ...{ dilationY: dilation[0]!, dilationX: dilation[1]! },
          ...{ outputHeight: outputSize[0]!, outputWidth: outputSize[1]!, stride: target.stride },
          ...{ inputsPerGroup: each.inputs, outputsPerGroup: each.outputs, groups },
          partial: format === 'Int32' ? plan.reserve(2 * target.length) : 0,
          largest: 127,
        });
        expectSameMemory({ plan, words });
      }),
      { numRuns: 120 },
    );
  });

  it('pool: windows with stride and padding, in either order of channels', () => {
    const shape = fc.record({
      ...{ format, seed, graded: fc.boolean(), channelLast: fc.boolean(), channels: fc.integer({ min: 1, max: 20 }) },
      ...{ size: fc.integer({ min: 2, max: 8 }), kernel: fc.integer({ min: 1, max: 3 }) },
      ...{ stride: fc.integer({ min: 1, max: 3 }), padding: fc.nat({ max: 1 }) },
    });
    fc.assert(
      fc.property(shape, ({ format, seed, graded, channelLast, channels, size, kernel, stride, padding }) => {
        const outputSize = Math.floor((size + 2 * padding - kernel) / stride) + 1;
        fc.pre(outputSize > 0);
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const [area, places] = [size * size, outputSize * outputSize];
        const source = channelLast ? new Layout(channels, area) : new Layout(channels * area, 1);
        const target = channelLast ? new Layout(channels, places) : new Layout(channels * places, 1);
        const list = randomList(plan, source, draw, kindOf(format, graded));
        const words = encode(`pool${format}`, {
          ...listOperands(list),
          accumulator: randomArray(plan, format, target.length, draw, 100),
          gain: new Int32Array(Float32Array.of(1 / kernel ** 2).buffer)[0]!,
          ...{ inputWidth: size, inputArea: area, kernelHeight: kernel, kernelWidth: kernel },
          ...{ strideY: stride, strideX: stride, paddingY: padding, paddingX: padding },
          ...{ outputHeight: outputSize, outputWidth: outputSize },
          placeStep: channelLast ? target.stride : 1,
          channelStep: channelLast ? 1 : places,
          table: 0,
        });
        expectSameMemory({ plan, words });
      }),
      { numRuns: 60 },
    );
  });

  it('addElements: between any two orders, with and without weights', () => {
    const layouts = fc.record({
      ...{ format, seed, graded: fc.boolean(), weighted: fc.boolean(), shift: fc.integer({ min: 0, max: 4 }) },
      ...{ channels: fc.integer({ min: 1, max: 20 }), places: fc.integer({ min: 1, max: 9 }), turned: fc.boolean() },
    });
    fc.assert(
      fc.property(layouts, ({ format, seed, graded, weighted, shift, channels, places, turned }) => {
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const image = new Layout(channels, places);
        const vector = new Layout(channels * places, 1);
        const [source, target] = turned ? [vector, image] : [image, vector];
        const list = randomList(plan, source, draw, kindOf(format, graded));
        const weights = () => randomArray(plan, format === 'Float32' ? 'Float32' : 'Int8', source.size, draw, 127);
        const words = encode(`addElements${format}`, {
          ...listOperands(list),
          targetStride: target.stride,
          targetPlaces: target.places,
          accumulator: randomArray(plan, format, target.length, draw, 1000),
          weights: weighted ? weights() : 0,
          shift: format === 'Float32' ? 0 : shift,
        });
        expectSameMemory({ plan, words });
      }),
      { numRuns: 60 },
    );
  });

  it('addProduct: factors times trace, of a few columns and of many', () => {
    const count = (max: number) => fc.integer({ min: 1, max });
    const shape = fc.record({ seed, inputs: count(40), vectors: count(5), padding: fc.nat({ max: 2 }) });
    fc.assert(
      fc.property(shape, ({ seed, inputs, vectors, padding }) => {
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const columns = 4 * vectors;
        const rowLength = columns + 4 * padding;
        const trace = Array.from({ length: 1 + inputs }, () => (draw(2000) - 1000) / 300);
        const address: number = plan.reserve(8 * trace.length, ({ float64 }) => float64.set(trace, address / 8));
        const words = encode('addProduct', {
          weights: randomArray(plan, 'Float32', inputs * rowLength, draw, 1000),
          trace: address,
          factors: randomArray(plan, 'Float32', columns, draw, 1000),
          inputs,
          columns,
          rowBytes: 4 * rowLength,
        });
        expectSameMemory({ plan, words });
      }),
      { numRuns: 60 },
    );
  });

  it('changeRow: linear in trace and weight, within bounds', () => {
    const count = (max: number) => fc.integer({ min: 1, max });
    const shape = fc.record({ seed, inputs: count(40), rowLength: count(9), bounded: fc.boolean() });
    fc.assert(
      fc.property(shape, ({ seed, inputs, rowLength, bounded }) => {
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const real = () => (draw(2000) - 1000) / 700;
        const trace = Array.from({ length: 1 + inputs }, real);
        const traceAt: number = plan.reserve(8 * trace.length, ({ float64 }) => float64.set(trace, traceAt / 8));
        const weights = randomArray(plan, 'Float32', inputs * rowLength, draw, 1000);
        const bounds = bounded ? [-0.5, 0.75] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
        const [reals, singles] = [
          [real(), real()],
          [real(), real(), ...bounds],
        ];
        const column = draw(rowLength);
        const row: number = plan.reserve(40, ({ int32, float32, float64 }) => {
          int32[row / 4] = weights + 4 * column;
          float64.set(reals, row / 8 + 1);
          float32.set(singles, row / 4 + 6);
        });
        const words = encode('changeRow', { row, trace: traceAt, inputs, rowBytes: 4 * rowLength });
        expectSameMemory({ plan, words });
      }),
      { numRuns: 60 },
    );
  });

  it('collect: what is not zero, in order', () => {
    const shape = fc.record({
      ...{ format, seed, sparse: fc.nat({ max: 9 }) },
      length: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(shape, ({ format, seed, sparse, length }) => {
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const layout = new Layout(length, 1);
        const list = randomList(plan, layout, draw, kindOf(format, true));
        const values = Float64Array.from({ length: layout.length }, () => (draw(10) < sparse ? 0 : draw(99) - 49));
        // Too small and too large numbers, and what is not a number at all.
        if (format === 'Float32') values.set([1e-20, -3e38, Number.NaN, 1e-40].slice(0, layout.length));
        const put = { Int16: 'int16', Int32: 'int32', Float32: 'float32' } as const;
        const words = encode(`collect${format}`, {
          accumulator: plan[put[format]](values),
          length: layout.length,
          list: list.descriptor,
        });
        expectSameMemory({ plan, words, written: list });
      }),
      { numRuns: 60 },
    );
  });

  const population = fc.record({
    ...{
      seed,
      channels: fc.integer({ min: 1, max: 40 }),
      places: fc.integer({ min: 1, max: 8 }),
      shared: fc.boolean(),
    },
    flags: fc
      .array(fc.constantFrom(2, 4, 8, 16), { maxLength: 4 })
      .map((bits) => bits.reduce((all, bit) => all | bit, 0)),
    output: fc.constantFrom('spikes', 'many', 'state'),
    atThreshold: fc.boolean(),
    hasMap: fc.boolean(),
  });

  it('integer populations: every combination, at the ends of the formats', () => {
    const sized = fc.record({
      each: population,
      ...{
        membranes: fc.constantFrom(16, 32),
        sums: fc.constantFrom(16, 32),
        fraction: fc.integer({ min: -9, max: 8 }),
      },
      extreme: fc.boolean(),
    });
    fc.assert(
      fc.property(sized, ({ each, membranes, sums, fraction, extreme }) => {
        const { draw, layout, plan, list, entries, period, flags, map } = preparePopulation(each);
        const held = 2 ** (membranes - 1);
        const state = () => {
          const wide = Float64Array.from({ length: layout.length }, () =>
            extreme ? [held - 1, -held, held - 2 - draw(9), draw(100) - 50][draw(4)]! : draw(20001) - 10000,
          );
          return membranes === 16 ? plan.int16(wide) : plan.int32(wide);
        };
        const arrived = () => randomArray(plan, sums === 16 ? 'Int16' : 'Int32', layout.length, draw, 32000);
        // (x << F) + b stays within 32 bits, as the form proves; sums of three such numbers need not.
        const bias = extreme && sums === 32 ? 2 ** 30 : 300;
        const ofBit15 = () =>
          plan.int32(Array.from({ length: entries }, () => [32768, -32767, 0, draw(32768)][draw(4)]!));
        const numbers = (magnitude: number, lowest = -magnitude) =>
          plan.int32(Array.from({ length: entries }, () => lowest + draw(magnitude - lowest + 1)));
        const words = encode(`stepMembranes${membranes as 16 | 32}Sums${sums as 16 | 32}`, {
          accumulator: arrived(),
          membrane: state(),
          ...{ length: layout.length, period, list: list.descriptor, flags, map },
          ...{ fraction, handOn: 1 + draw(8), gain: 0 },
          decay: ofBit15(),
          bias: numbers(bias),
          threshold: numbers(2 ** (membranes - 3)),
          reset: flags & populationFlags.many ? numbers(5000, 1) : numbers(held - 1),
          minimum: numbers(held - 1),
          refractory: plan.int32(Array.from({ length: layout.length }, () => draw(3))),
          refractorySteps: numbers(3, 0),
          current: state(),
          currentDecay: ofBit15(),
          currentGain: ofBit15(),
          currentBias: numbers(bias),
          saturated: plan.reserve(16),
        });
        expectSameMemory({ plan, words, written: list });
      }),
      { numRuns: 300 },
    );
  });

  it('integer populations that never saturate', () => {
    const sized = fc.record({ each: population, membranes: fc.constantFrom(16, 32), sums: fc.constantFrom(16, 32) });
    fc.assert(
      fc.property(sized, fc.nat({ max: 3 }), ({ each, membranes, sums }, fraction) => {
        const single = { ...each, output: 'spikes', flags: each.flags & ~populationFlags.current } as const;
        const { draw, layout, plan, list, entries, period, flags, map } = preparePopulation(single);
        const numbers = (highest: number, lowest = -highest) =>
          plan.int32(Array.from({ length: entries }, () => lowest + draw(highest - lowest + 1)));
        const words = encode(`stepMembranes${membranes as 16 | 32}Sums${sums as 16 | 32}`, {
          accumulator: randomArray(plan, sums === 16 ? 'Int16' : 'Int32', layout.length, draw, 1000),
          membrane: randomArray(plan, membranes === 16 ? 'Int16' : 'Int32', layout.length, draw, 5000),
          ...{ length: layout.length, period, list: list.descriptor, map },
          flags: flags | populationFlags.neverSaturates,
          ...{ fraction, handOn: 0, gain: 0, current: 0, currentDecay: 0, currentGain: 0, currentBias: 0 },
          decay: numbers(32767, 0),
          ...{ bias: numbers(100), threshold: numbers(3000), reset: numbers(5000, 0), minimum: numbers(3000) },
          refractory: plan.int32(Array.from({ length: layout.length }, () => draw(3))),
          refractorySteps: numbers(3, 0),
          saturated: plan.reserve(16),
        });
        expectSameMemory({ plan, words, written: list });
      }),
      { numRuns: 100 },
    );
  });

  it('real populations: every combination, with numbers that are none', () => {
    fc.assert(
      fc.property(population, fc.boolean(), (each, wild) => {
        const { draw, layout, plan, list, entries, period, flags, map } = preparePopulation(each);
        const odd = () => [Number.NaN, Number.POSITIVE_INFINITY, -3e38, 1e-42, 0][draw(5)]!;
        const numbers = (length: number, scale: number) =>
          Array.from({ length }, () => (wild && draw(8) === 0 ? odd() : ((draw(2001) - 1000) * scale) / 1000));
        const finite = (scale: number) =>
          plan.float32(Array.from({ length: entries }, () => ((draw(2001) - 1000) * scale) / 1000));
        const words = encode('stepReals', {
          accumulator: plan.float32(numbers(layout.length, 2)),
          membrane: plan.float32(numbers(layout.length, 2)),
          ...{ length: layout.length, period, list: list.descriptor, map },
          flags: flags | (each.atThreshold ? populationFlags.atThreshold : 0),
          ...{ fraction: 0, handOn: 0, saturated: 0 },
          ...{ decay: finite(1.2), gain: finite(3), bias: finite(0.2), threshold: finite(1) },
          reset: plan.float32(Array.from({ length: entries }, () => (draw(1000) + 1) / 900)),
          minimum: finite(2),
          refractory: plan.int32(Array.from({ length: layout.length }, () => draw(3))),
          refractorySteps: plan.int32(Array.from({ length: entries }, () => draw(3))),
          current: plan.float32(numbers(layout.length, 2)),
          ...{ currentDecay: finite(1), currentGain: finite(2), currentBias: finite(0.1) },
        });
        expectSameMemory({ plan, words, written: list });
      }),
      { numRuns: 300 },
    );
  });

  function preparePopulation({
    seed,
    channels,
    places,
    shared,
    flags: some,
    output,
    hasMap,
  }: typeof population extends fc.Arbitrary<infer T> ? T : never) {
    const [plan, draw, layout] = [newPlan(), drawFrom(seed), new Layout(channels, places)];
    const list = randomList(plan, layout, draw, 'spikes');
    const period = shared ? layout.period : layout.length;
    const { firing, many, subtract } = populationFlags;
    const flags = output === 'state' ? some & ~4 : some | firing | (output === 'many' ? many | subtract : 0);
    // Only neurons that are stepped in lanes leave one.
    const inLanes = output === 'spikes' && (flags & populationFlags.current) === 0;
    const map = hasMap && inLanes ? plan.reserve(layout.length) : 0;
    return { draw, layout, plan, list, period, flags, map, entries: period };
  }

  it('poolSpikes: any whole windows, with padding of channels', () => {
    const shape = fc.record({
      ...{ format: fc.constantFrom('Int32', 'Float32'), seed, channels: fc.integer({ min: 1, max: 40 }) },
      ...{ height: fc.integer({ min: 1, max: 4 }), width: fc.integer({ min: 1, max: 4 }) },
      ...{ kernelHeight: fc.integer({ min: 1, max: 3 }), kernelWidth: fc.integer({ min: 1, max: 3 }) },
      rest: fc.nat({ max: 1 }),
    });
    fc.assert(
      fc.property(shape, ({ format, seed, channels, height, width, kernelHeight, kernelWidth, rest }) => {
        fc.pre(height * width > 1);
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const inputWidth = width * kernelWidth + rest;
        const source = new Layout(channels, (height * kernelHeight + rest) * inputWidth);
        const spikes = Float64Array.from({ length: source.size }, () => -Math.floor(draw(4) / 3));
        const map = plan.int8([...source.arrange(spikes), ...new Array(16).fill(-1)]);
        const list = new EventListPlan(plan, new Layout(channels, height * width));
        list.place();
        const words = encode(`poolSpikes${format as 'Int32' | 'Float32'}`, {
          ...{ map, list: list.descriptor, stride: source.stride, inputWidth, kernelHeight, kernelWidth },
          ...{ outputHeight: height, outputWidth: width, gain: realOperand(1 / (kernelHeight * kernelWidth)) },
        });
        expectSameMemory({ plan, words, written: list });
      }),
      { numRuns: 150 },
    );
  });

  it('openWindow and takeInput: hand on what is plain, and refuse anything else', () => {
    const event = fc.record({ step: fc.nat({ max: 4 }), index: fc.nat({ max: 19 }) });
    const fault = fc.record({
      at: fc.nat(60),
      column: fc.constantFrom('step', 'node', 'index', 'value'),
      becomes: fc.constantFrom(-1, 0, 1, 5, 20, 2 ** 31 - 1, Number.NaN),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.option(fault), (drawn, fault) => {
        const key = ({ step, index }: { step: number; index: number }) => 100 * step + index;
        const events = [...new Map(drawn.map((each) => [key(each), each])).values()].sort((a, b) => key(a) - key(b));
        const buffer = new EventBuffer(events.length);
        for (const { step, index } of events) buffer.push(step, 3, index, 2);
        if (fault !== null && events.length > 0) buffer[fault.column][fault.at % events.length] = fault.becomes;
        const expected = plainSteps(buffer, 5);
        expect(takenSteps('typescript', buffer, 5)).toEqual(expected);
        expect(takenSteps('wasm', buffer, 5)).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  /** The elements of each step, if the buffer holds spikes of value 2 for 20 elements of node 3, in order; else undefined. */
  function plainSteps({ length, step, node, index, value }: EventBuffer, steps: number): number[][] | undefined {
    const found = Array.from({ length: steps }, (): number[] => []);
    for (let k = 0; k < length; k++) {
      const isSpike = node[k] === 3 && value[k] === 2 && index[k]! >= 0 && index[k]! < 20;
      const inOrder = k === 0 || step[k]! > step[k - 1]! || (step[k] === step[k - 1] && index[k]! > index[k - 1]!);
      if (!isSpike || !inOrder || found[step[k]!] === undefined) return undefined;
      found[step[k]!]!.push(index[k]!);
    }
    return found;
  }

  function takenSteps(form: 'wasm' | 'typescript', buffer: EventBuffer, steps: number): number[][] | undefined {
    const plan = new MemoryPlan();
    const window = new InputWindowPlan(plan, [
      { place: 1, size: 4, spike: 1 },
      { place: 3, size: 20, spike: 2 },
    ]);
    const list = new EventListPlan(plan, new Layout(20, 1));
    list.place();
    const words = encode('takeInput', { window: window.descriptor, place: 3, list: list.descriptor });
    const at = plan.int32(words);
    const { memory, kernels } = createKernels(plan.bytes, form);
    plan.fill(memory);
    if (!new InputWindow(window, memory).open(kernels, buffer, steps)) return undefined;
    const taken = new EventList(list, memory, 'int32');
    return Array.from({ length: steps }, () => {
      kernels.run(at, at + 4 * words.length);
      return Array.from({ length: taken.count(taken.slot()) }, (_, k) => taken.position(taken.slot(), k));
    });
  }

  it('advance and copy', () => {
    const plan = newPlan();
    const list = new EventListPlan(plan, new Layout(8, 1));
    list.lookBack(2);
    list.place();
    const from = plan.float32([1, 2, 3, 4]);
    const to = plan.reserve(16);
    const advance = encode('advance', { list: list.descriptor });
    expectSameMemory({ plan, words: [...advance, ...advance, ...encode('copy', { to, from, bytes: 16 })] });
  });
});

describe('the instruction set', () => {
  it('has one code for each instruction', () => {
    const codes = Object.values(instructionSet).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('says "typescript" or "wasm" and runs either', () => {
    const views = (['wasm', 'typescript', undefined] as const).map(
      (form): MemoryViews => createKernels(64, form).memory,
    );
    expect(views.map(({ buffer }) => buffer.byteLength)).toEqual([65536, 64, 65536]);
  });
});
