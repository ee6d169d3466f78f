import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventBuffer } from '../../event-buffer.ts';
import { planConvolution } from '../connect/convolution.ts';
import { setLanes } from '../connect/pooling.ts';
import { EmissionRing, EmissionRingPlan } from '../emission-ring.ts';
import { createKernels } from '../engine/create-kernels.ts';
import { InputWindow, InputWindowPlan } from '../input-window.ts';
import { Layout } from '../layout.ts';
import {
  decode,
  encode,
  floatOperand,
  type InstructionName,
  instructionSet,
  type OperandsOf,
  operandLists,
  populationFlags,
  sparseFlags,
} from './instructions.ts';
import { fixed } from './kernel-constants.ts';
import { MemoryPlan, type MemoryViews } from './memory.ts';

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
  readonly written?: EmissionRingPlan;
}

/** Runs the case in both forms of the kernels, twice over, and expects every byte of memory to be the same. */
function expectSameMemory({ plan, words, written }: Case): void {
  const at = plan.int32(words);
  const runs = (['wasm', 'typescript'] as const).map((form) => {
    const { memory, kernels } = createKernels(plan.bytes, form);
    plan.fill(memory);
    for (let step = 0; step < 2; step++) kernels.run(at, at + 4 * words.length);
    if (written !== undefined) new EmissionRing(written, memory, 'int32').tidy();
    new Uint8Array(memory.buffer).fill(0, fixed.end, fixed.end + SCRATCH + 64);
    return new Uint8Array(memory.buffer, 0, plan.bytes);
  });
  const difference = runs[0]!.findIndex((byte, input) => byte !== runs[1]![input]);
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
function randomList(plan: MemoryPlan, layout: Layout, draw: Draw, kind: 'spikes' | 'whole' | 'real'): EmissionRingPlan {
  const list = new EmissionRingPlan(plan, layout);
  list.place();
  const events: [number, number][] = [];
  for (let index = 0; index < layout.size; index++) {
    const value = kind === 'spikes' ? 1 : kind === 'whole' ? draw(255) - 127 : (draw(2001) - 1000) / 37;
    if (draw(3) === 0 && value !== 0) events.push([layout.position(index), value]);
  }
  plan.reserve(16, (memory) => {
    const written = new EmissionRing(list, memory, kind === 'real' ? 'float32' : 'int32');
    const slot = written.slot();
    events.forEach(([position, value], k) => {
      written.write(slot, k, position, value);
    });
    written.close(slot, events.length, kind !== 'spikes');
  });
  return list;
}

/** Says that the list holds what it held in the step before. */
function repeatList(plan: MemoryPlan, list: EmissionRingPlan): void {
  plan.reserve(16, (memory) => new EmissionRing(list, memory, 'int32').repeat());
}

type Format = 'Int16' | 'Int32' | 'Float32';

function randomArray(plan: MemoryPlan, format: Format | 'Int8', length: number, draw: Draw, magnitude: number): number {
  const values = Float64Array.from({ length }, () => draw(2 * magnitude + 1) - magnitude);
  if (format === 'Int8') return plan.int8(values);
  if (format === 'Int16') return plan.int16(values);
  return format === 'Int32' ? plan.int32(values) : plan.float32(values.map((value) => value / 61));
}

function listOperands(list: EmissionRingPlan) {
  return { list: list.descriptor, delay: 0, sourceStride: list.layout.stride, sourcePixels: list.layout.pixels };
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
      ...{ channels: fc.integer({ min: 1, max: 40 }), pixels: fc.integer({ min: 1, max: 3 }) },
      outputs: fc.integer({ min: 1, max: 90 }),
    });
    fc.assert(
      fc.property(shape, ({ format, seed, graded, shift, flags, channels, pixels, outputs }) => {
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const list = randomList(plan, new Layout(channels, pixels), draw, kindOf(format, graded));
        const targets: number[] = [];
        const offsets = [0];
        for (let input = 0; input < channels * pixels; input++) {
          for (let output = 0; output < outputs; output++) if (draw(3) === 0) targets.push(output);
          offsets.push(targets.length);
        }
        const length = Math.max(targets.length, channels * pixels);
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
      ...{ channels: fc.integer({ min: 1, max: 90 }), pixels: fc.integer({ min: 1, max: 4 }), image: fc.boolean() },
    });
    fc.assert(
      fc.property(shape, ({ format, seed, graded, shift, channels, pixels, image }) => {
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const sourceLayout = new Layout(channels, pixels);
        const target = image ? sourceLayout : new Layout(channels * pixels, 1);
        const list = randomList(plan, sourceLayout, draw, kindOf(format, graded));
        const words = encode(`addOthers${format}`, {
          ...listOperands(list),
          targetStride: target.stride,
          targetPixels: target.pixels,
          accumulator: randomArray(plan, format, target.length, draw, 1000),
          weights: randomArray(plan, format === 'Float32' ? 'Float32' : 'Int8', target.length, draw, 127),
          shift: format === 'Float32' ? 0 : shift,
          synapses: channels * pixels - 1,
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
        const list = new EmissionRingPlan(plan, layout);
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
          decay: floatOperand(0.95),
          firstDecay: floatOperand(0.8),
          secondDecay: floatOperand(0.9),
          ratio: floatOperand(draw(100) / 30),
          threshold: floatOperand(draw(5) - 2.1),
          reset: floatOperand(-3.1),
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
      ...{ channels: fc.integer({ min: 1, max: 300 }), pixels: fc.integer({ min: 1, max: 4 }) },
      ...{ outputs: fc.integer({ min: 1, max: 150 }), keeps: fc.boolean(), repeats: fc.boolean() },
    });
    fc.assert(
      fc.property(shape, ({ format, seed, graded, shift, channels, pixels, outputs, keeps, repeats }) => {
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const list = randomList(plan, new Layout(channels, pixels), draw, kindOf(format, graded));
        const target = new Layout(outputs, 1);
        const length = channels * pixels * target.length;
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

  it('addByteRowsFloat32: whole weights for numbers that are not whole, any size and order of the source', () => {
    const shape = fc.record({
      ...{ seed, graded: fc.boolean(), keeps: fc.boolean(), repeats: fc.boolean() },
      ...{ channels: fc.integer({ min: 1, max: 300 }), pixels: fc.integer({ min: 1, max: 4 }) },
      outputs: fc.integer({ min: 1, max: 150 }),
    });
    fc.assert(
      fc.property(shape, ({ seed, graded, keeps, repeats, channels, pixels, outputs }) => {
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const list = randomList(plan, new Layout(channels, pixels), draw, kindOf('Float32', graded));
        const columns = new Layout(outputs, 1).length;
        const words = encode('addByteRowsFloat32', {
          ...listOperands(list),
          weights: randomArray(plan, 'Int8', channels * pixels * columns, draw, 127),
          rowBytes: columns,
          accumulator: randomArray(plan, 'Float32', columns, draw, 1000),
          ...{ columns, shift: 0, synapses: outputs },
          kept: keeps ? randomArray(plan, 'Float32', columns, draw, 1000) : 0,
        });
        if (repeats) repeatList(plan, list);
        expectSameMemory({ plan, words });
      }),
      { numRuns: 60 },
    );
  });

  it('onlyIf: passes over the next instruction, whatever its length, where the list is of the other sort', () => {
    for (const listed of ['spikes', 'real'] as const) {
      for (const graded of [0, 1] as const) {
        const plan = newPlan();
        const list = randomList(plan, new Layout(20, 1), drawFrom(3), listed);
        const [from, first, second] = [plan.int32([7]), plan.reserve(16), plan.reserve(16)];
        const copy = (to: number) => encode('copy', { to, from, bytes: 4 });
        const words = [
          ...encode('onlyIf', { list: list.descriptor, delay: 0, graded }),
          ...copy(first),
          ...copy(second),
        ];
        const at = plan.int32(words);
        for (const form of ['wasm', 'typescript'] as const) {
          const { memory, kernels } = createKernels(plan.bytes, form);
          plan.fill(memory);
          kernels.run(at, at + 4 * words.length);
          const isMet = (graded === 1) === (listed === 'real');
          expect([memory.int32[first / 4], memory.int32[second / 4]]).toEqual([isMet ? 7 : 0, 7]);
        }
      }
    }
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
      apart: fc.constantFrom<[number, number]>([1, 1], [2, 1], [1, 3]),
    });
    fc.assert(
      fc.property(shape, (each) => {
        const { format, size, kernel, padding, apart } = each;
        const groups = each.plain ? 1 : each.groups;
        const stride = each.plain ? [1, 1] : each.stride;
        const dilation = each.plain ? [1, 1] : each.dilation;
        const outputSize = [0, 1].map((a) => {
          const room = (size[a]! - 1) * apart[a]! + 2 * padding[a]! - dilation[a]! * (kernel[a]! - 1);
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
          ...{ dilationY: dilation[0]!, dilationX: dilation[1]!, apartY: apart[0], apartX: apart[1] },
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

  it('convolve: the last pixel of a large image', () => {
    const [plan, side] = [newPlan(), 1024];
    const list = new EmissionRingPlan(plan, new Layout(16, 1));
    list.place();
    plan.reserve(16, (memory) => {
      const written = new EmissionRing(list, memory, 'int32');
      written.write(written.slot(), 0, 2 * side * side - 1, 1);
      written.close(written.slot(), 1, false);
    });
    const words = encode('convolveInt16', {
      ...listOperands(list),
      ...{ weights: plan.int16([1, 2, 3, 4, 5, 6, 7, 8]), accumulator: plan.reserve(2 * 4), shift: 0 },
      ...{ inputWidth: side, inputArea: side * side, kernelHeight: 1, kernelWidth: 1, strideY: 1, strideX: 1 },
      // The output is that pixel and nothing else.
      ...{ paddingY: 1 - side, paddingX: 1 - side, dilationY: 1, dilationX: 1, apartY: 1, apartX: 1 },
      ...{ outputHeight: 1, outputWidth: 1 },
      ...{ stride: 4, inputsPerGroup: 2, outputsPerGroup: 4, groups: 1, partial: 0, largest: 127 },
    });
    expectSameMemory({ plan, words });
  });

  it('convolutions from tables: of patterns where one channel spikes, of multiples where counts arrive', () => {
    const shape = fc.record({
      ...{ seed, kind: fc.constantFrom('patterns', 'multiples'), shift: fc.nat({ max: 2 }) },
      ...{ largestValue: fc.integer({ min: 1, max: 4 }), every: fc.integer({ min: 1, max: 12 }) },
      ...{ inputs: fc.integer({ min: 1, max: 9 }), outputs: fc.integer({ min: 1, max: 70 }) },
      size: fc.tuple(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 2, max: 20 })),
      kernel: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      padding: fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 })),
    });
    fc.assert(
      fc.property(shape, ({ seed, kind, shift, largestValue, every, outputs, size, kernel, padding, ...each }) => {
        const isPatterns = kind === 'patterns';
        const [inputs, area] = [isPatterns ? 1 : each.inputs, size[0] * size[1]];
        const outputSize = [0, 1].map((a) => size[a]! + 2 * padding[a]! - kernel[a]! + 1) as [number, number];
        fc.pre(outputSize.every((length) => length > 0) && inputs * area * 8 <= SCRATCH / 2);
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const list = new EmissionRingPlan(plan, isPatterns ? new Layout(area, 1) : new Layout(inputs, area));
        list.place();
        fillCounts(plan, list, draw, every, isPatterns ? 1 : largestValue);
        const layout = new Layout(outputs, outputSize[0] * outputSize[1]);
        const length = inputs * kernel[0] * kernel[1] * layout.stride;
        const address = randomArray(plan, 'Int16', layout.length, draw, 1000);
        const words = planConvolution({
          ...{
            memory: plan,
            arrival: { list, delay: 0 },
            apart: [1, 1],
            shift,
            largest: 127,
            isLearned: false,
            largestValue,
          },
          ...{ weights: randomArray(plan, 'Int16', length, draw, 127), sums: { address, format: 'int16', layout } },
          geometry: {
            ...{ inputChannels: inputs, outputChannels: outputs, inputSize: size, outputSize, kernel, padding },
            ...{ stride: [1, 1], dilation: [1, 1], groups: 1 },
          },
        });
        seen.push(decode(Int32Array.from(words), 0).name);
        expectSameMemory({ plan, words });
      }),
      { numRuns: 200 },
    );
    expect(seen).toEqual(expect.arrayContaining(['addPatterns', 'gather']));
  });

  /** The instructions that tables led to. */
  const seen: string[] = [];

  /** About one element in `every` with a count from 1 to `largest`. */
  function fillCounts(plan: MemoryPlan, list: EmissionRingPlan, draw: Draw, every: number, largest: number): void {
    const positions = Array.from({ length: list.layout.size }, (_, index) => list.layout.position(index));
    const active = positions.sort((a, b) => a - b).filter(() => draw(every) === 0);
    const counts = active.map(() => 1 + draw(largest));
    plan.reserve(16, (memory) => {
      const written = new EmissionRing(list, memory, 'int32');
      const slot = written.slot();
      active.forEach((position, k) => {
        written.write(slot, k, position, counts[k]!);
      });
      written.close(slot, active.length, largest > 1);
    });
  }

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
        const [area, pixels] = [size * size, outputSize * outputSize];
        const source = channelLast ? new Layout(channels, area) : new Layout(channels * area, 1);
        const target = channelLast ? new Layout(channels, pixels) : new Layout(channels * pixels, 1);
        const list = randomList(plan, source, draw, kindOf(format, graded));
        const words = encode(`pool${format}`, {
          ...listOperands(list),
          accumulator: randomArray(plan, format, target.length, draw, 100),
          gain: new Int32Array(Float32Array.of(1 / kernel ** 2).buffer)[0]!,
          ...{ inputWidth: size, inputArea: area, kernelHeight: kernel, kernelWidth: kernel },
          ...{ strideY: stride, strideX: stride, paddingY: padding, paddingX: padding },
          ...{ outputHeight: outputSize, outputWidth: outputSize },
          pixelStep: channelLast ? target.stride : 1,
          channelStep: channelLast ? 1 : pixels,
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
      ...{ channels: fc.integer({ min: 1, max: 20 }), pixels: fc.integer({ min: 1, max: 9 }), turned: fc.boolean() },
    });
    fc.assert(
      fc.property(layouts, ({ format, seed, graded, weighted, shift, channels, pixels, turned }) => {
        const [plan, draw] = [newPlan(), drawFrom(seed)];
        const image = new Layout(channels, pixels);
        const vector = new Layout(channels * pixels, 1);
        const [source, target] = turned ? [vector, image] : [image, vector];
        const list = randomList(plan, source, draw, kindOf(format, graded));
        const weights = () => randomArray(plan, format === 'Float32' ? 'Float32' : 'Int8', source.size, draw, 127);
        const words = encode(`addElements${format}`, {
          ...listOperands(list),
          targetStride: target.stride,
          targetPixels: target.pixels,
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
      pixels: fc.integer({ min: 1, max: 8 }),
      shared: fc.boolean(),
    },
    flags: fc
      .array(fc.constantFrom(2, 4, 8, 16, populationFlags.maximum), { maxLength: 5 })
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
        const constants = (of: () => number) => {
          const values = Array.from({ length: entries }, of);
          return membranes === 16 ? plan.int16(values) : plan.int32(values);
        };
        const ofBit15 = () => constants(() => [32768, -32767, 0, draw(32768)][draw(4)]!);
        const between = (magnitude: number, lowest: number) => () => lowest + draw(magnitude - lowest + 1);
        const numbers = (magnitude: number, lowest = -magnitude) => constants(between(magnitude, lowest));
        const wide = (magnitude: number, lowest = -magnitude) =>
          plan.int32(Array.from({ length: entries }, between(magnitude, lowest)));
        const words = encode(`stepMembranes${membranes as 16 | 32}Sums${sums as 16 | 32}`, {
          accumulator: arrived(),
          membrane: state(),
          ...{ length: layout.length, period, list: list.descriptor, flags, map },
          ...{ fraction, handOn: 1 + draw(8), gain: 0 },
          decay: ofBit15(),
          bias: wide(bias),
          threshold: numbers(2 ** (membranes - 3)),
          reset: flags & populationFlags.many ? numbers(5000, 1) : numbers(held - 1),
          minimum: numbers(held - 1),
          refractory: plan.int32(Array.from({ length: layout.length }, () => draw(3))),
          refractorySteps: wide(3, 0),
          current: state(),
          currentDecay: ofBit15(),
          currentGain: ofBit15(),
          currentBias: wide(bias),
          saturated: plan.reserve(16),
          headroom: -1,
          maximum: numbers(held - 1),
        });
        expectSameMemory({ plan, words, written: list });
      }),
      { numRuns: 300 },
    );
  });

  it('integer populations of 16 bits: most of them held nowhere', () => {
    const sized = fc.record({
      ...{ each: population, sums: fc.constantFrom(16, 32), fraction: fc.integer({ min: -15, max: 15 }) },
      ...{ bias: fc.constantFrom(0, 300, 32767), loudness: fc.integer({ min: 0, max: 3 }), rests: fc.boolean() },
      ...{ alike: fc.boolean(), plain: fc.boolean() },
    });
    fc.assert(
      fc.property(sized, ({ each, sums, fraction, bias, loudness, rests, alike, plain }) => {
        const { refractory, minimum, current } = populationFlags;
        const some = each.flags & ~current & ~(plain ? refractory | minimum : 0);
        const { draw, layout, plan, list, entries, period, flags, map } = preparePopulation({
          ...each,
          output: 'spikes',
          flags: some | (alike ? populationFlags.leaksAlike : 0),
        });
        const factor = draw(65534) - 32767;
        const between = (lowest: number, highest: number) => () => lowest + draw(highest - lowest + 1);
        const constants = (of: () => number) => Array.from({ length: entries }, of);
        // Few neurons at the ends, so that those of a vector are seldom held together.
        const magnitude = 2 ** (loudness + 13);
        const states = (of: () => number) => Array.from({ length: layout.length }, of);
        const largest = Math.min(sums === 16 ? 32767 : 2 ** 31, Math.floor(magnitude * 2 ** -fraction));
        const arrived = states(() => (draw(9) > 0 ? 0 : draw(2) === 0 ? largest : -draw(largest + 1)));
        const words = encode(`stepMembranes16Sums${sums as 16 | 32}`, {
          accumulator: sums === 16 ? plan.int16(arrived) : plan.int32(arrived),
          membrane: plan.int16(states(() => [draw(9000) - 4500, draw(65536) - 32768][Math.floor(draw(20) / 19)]!)),
          ...{ length: layout.length, period, list: list.descriptor, flags, map },
          ...{ fraction, handOn: 0, gain: 0, current: 0, currentDecay: 0, currentGain: 0, currentBias: 0 },
          decay: plan.int16(constants(() => (alike ? factor : [32768, -32767, draw(32768), draw(32768)][draw(4)]!))),
          bias: plan.int32(constants(between(-bias, bias))),
          threshold: plan.int16(constants(between(-2000, 8192))),
          reset: plan.int16(constants(flags & populationFlags.subtract ? between(0, 30000) : between(-32768, 32767))),
          minimum: plan.int16(constants(between(-32768, 9000))),
          refractory: plan.int32(states(() => (rests && draw(40) === 0 ? 1 + draw(3) : 0))),
          refractorySteps: plan.int32(constants(between(0, 3))),
          saturated: plan.reserve(16),
          headroom: 32766 - bias,
          maximum: 0,
        });
        expectSameMemory({ plan, words, written: list });
      }),
      { numRuns: 400 },
    );
  });

  it('integer populations whose thresholds adapt: every combination, at the ends of the formats', () => {
    const sized = fc.record({
      each: population,
      ...{ membranes: fc.constantFrom(16, 32), sums: fc.constantFrom(16, 32) },
      ...{ fraction: fc.integer({ min: -9, max: 8 }), thetaFraction: fc.integer({ min: 0, max: 31 }) },
      extreme: fc.boolean(),
    });
    fc.assert(
      fc.property(sized, ({ each, membranes, sums, fraction, thetaFraction, extreme }) => {
        const single = { ...each, output: 'spikes', flags: each.flags & ~populationFlags.current } as const;
        const { draw, layout, plan, list, entries, period, flags } = preparePopulation({ ...single, hasMap: false });
        const held = 2 ** (membranes - 1);
        const state = (end: number) =>
          Float64Array.from({ length: layout.length }, () =>
            extreme ? [end - 1, -end, end - 2 - draw(9), draw(100) - 50][draw(4)]! : draw(20001) - 10000,
          );
        const ofBit15 = () =>
          plan.int32(Array.from({ length: entries }, () => [32768, -32767, 0, draw(32768)][draw(4)]!));
        const numbers = (magnitude: number) =>
          plan.int32(Array.from({ length: entries }, () => draw(2 * magnitude + 1) - magnitude));
        const threshold = extreme && draw(2) === 0 ? 2 ** 31 - 1 : 2 ** (membranes - 3);
        const words = encode(`stepAdaptiveMembranes${membranes as 16 | 32}Sums${sums as 16 | 32}`, {
          accumulator: randomArray(plan, sums === 16 ? 'Int16' : 'Int32', layout.length, draw, 32000),
          membrane: membranes === 16 ? plan.int16(state(held)) : plan.int32(state(held)),
          ...{ length: layout.length, period, list: list.descriptor, flags, map: 0 },
          ...{ fraction, handOn: 0, gain: 0, current: 0, currentDecay: 0, currentGain: 0, currentBias: 0 },
          decay: ofBit15(),
          ...{ bias: numbers(extreme ? 2 ** 30 : 300), threshold: numbers(threshold) },
          ...{ reset: numbers(held - 1), minimum: numbers(held - 1) },
          refractory: plan.int32(Array.from({ length: layout.length }, () => draw(3))),
          refractorySteps: plan.int32(Array.from({ length: entries }, () => draw(4))),
          saturated: plan.reserve(16),
          ...{ theta: plan.int32(state(2 ** 31)), thetaFraction },
          ...{ thetaDecay: ofBit15(), thetaRise: numbers(extreme ? 2 ** 31 - 1 : 5000) },
        });
        expectSameMemory({ plan, words, written: list });
      }),
      { numRuns: 300 },
    );
  });

  it('integer populations that never saturate', () => {
    const sized = fc.record({ each: population, sums: fc.constantFrom(16, 32) });
    fc.assert(
      fc.property(sized, fc.nat({ max: 3 }), ({ each, sums }, fraction) => {
        const single = { ...each, output: 'spikes', flags: each.flags & ~populationFlags.current } as const;
        const { draw, layout, plan, list, entries, period, flags, map } = preparePopulation(single);
        const numbers = (highest: number, lowest = -highest) =>
          plan.int32(Array.from({ length: entries }, () => lowest + draw(highest - lowest + 1)));
        const words = encode(`stepMembranes32Sums${sums as 16 | 32}`, {
          accumulator: randomArray(plan, sums === 16 ? 'Int16' : 'Int32', layout.length, draw, 1000),
          membrane: randomArray(plan, 'Int32', layout.length, draw, 5000),
          ...{ length: layout.length, period, list: list.descriptor, map },
          flags: flags | populationFlags.neverSaturates,
          ...{ fraction, handOn: 0, gain: 0, current: 0, currentDecay: 0, currentGain: 0, currentBias: 0 },
          decay: numbers(32767, 0),
          ...{ bias: numbers(100), threshold: numbers(3000), reset: numbers(5000, 0), minimum: numbers(3000) },
          refractory: plan.int32(Array.from({ length: layout.length }, () => draw(3))),
          refractorySteps: numbers(3, 0),
          saturated: plan.reserve(16),
          headroom: -1,
          maximum: 0,
        });
        expectSameMemory({ plan, words, written: list });
      }),
      { numRuns: 100 },
    );
  });

  it('real populations: every combination, with numbers that are none', () => {
    const sized = fc.record({
      ...{ each: population, sums: fc.constantFrom('stepFloats', 'stepFloatsSums16', 'stepFloatsSums32') },
      /** Whether numbers occur that are none, and whether all neurons have the same constants. */
      ...{ wild: fc.boolean(), alike: fc.boolean(), usual: fc.boolean() },
    });
    fc.assert(
      fc.property(sized, ({ each, sums, wild, alike, usual }) => {
        const some = usual
          ? { ...each, flags: each.flags & populationFlags.subtract, output: 'spikes' as const }
          : each;
        const { draw, layout, plan, list, entries, period, flags, map } = preparePopulation(some);
        const odd = () => [Number.NaN, Number.POSITIVE_INFINITY, -3e38, 1e-42, 0][draw(5)]!;
        const numbers = (length: number, scale: number) =>
          Array.from({ length }, () => (wild && draw(8) === 0 ? odd() : ((draw(2001) - 1000) * scale) / 1000));
        const constants = (one: () => number) => {
          const first = one();
          return alike ? new Array<number>(16).fill(first) : Array.from({ length: entries }, one);
        };
        const finite = (scale: number) => plan.float32(constants(() => ((draw(2001) - 1000) * scale) / 1000));
        const largest = { stepFloats: 2, stepFloatsSums16: 2 ** 15 - 1, stepFloatsSums32: 2 ** 24 }[sums];
        const whole = Array.from({ length: layout.length }, () => draw(2 * largest + 1) - largest);
        const accumulator = {
          stepFloats: () => plan.float32(numbers(layout.length, largest)),
          stepFloatsSums16: () => plan.int16(whole),
          stepFloatsSums32: () => plan.int32(whole),
        }[sums]();
        const { atThreshold, neverSaturates } = populationFlags;
        const words = encode(sums, {
          accumulator,
          membrane: plan.float32(numbers(layout.length, 2)),
          ...{ length: layout.length, period: alike ? 16 : period, list: list.descriptor, map },
          flags:
            flags |
            (each.atThreshold && !usual ? atThreshold : 0) |
            (alike ? populationFlags.alike : 0) |
            (wild || sums === 'stepFloats' ? 0 : neverSaturates),
          ...{ fraction: 0, handOn: 0, saturated: 0 },
          ...{ decay: finite(1.2), gain: finite(6 / largest), bias: finite(0.2), threshold: finite(1) },
          reset: plan.float32(constants(() => (draw(1000) + 1) / 900)),
          minimum: finite(2),
          refractory: plan.int32(Array.from({ length: layout.length }, () => draw(3))),
          refractorySteps: plan.int32(constants(() => draw(3))),
          current: plan.float32(numbers(layout.length, 2)),
          ...{ currentDecay: finite(1), currentGain: finite(2), currentBias: finite(0.1) },
        });
        expectSameMemory({ plan, words, written: list });
      }),
      { numRuns: 500 },
    );
  });

  function preparePopulation({
    seed,
    channels,
    pixels,
    shared,
    flags: some,
    output,
    hasMap,
  }: typeof population extends fc.Arbitrary<infer T> ? T : never) {
    const [plan, draw, layout] = [newPlan(), drawFrom(seed), new Layout(channels, pixels)];
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
        const list = new EmissionRingPlan(plan, new Layout(channels, height * width));
        list.place();
        const words = encode(`poolSpikes${format as 'Int32' | 'Float32'}`, {
          ...{ map, list: list.descriptor, stride: source.stride, inputWidth, kernelHeight, kernelWidth },
          ...{ outputHeight: height, outputWidth: width, gain: floatOperand(1 / (kernelHeight * kernelWidth)) },
          lanes: plan.int32(setLanes()),
        });
        expectSameMemory({ plan, words, written: list });
      }),
      { numRuns: 150 },
    );
  });

  it('openWindow and takeInput: hand on what is plain, piece by piece, and refuse anything else', () => {
    const event = fc.record({ step: fc.nat({ max: 39 }), node: fc.constantFrom(1, 3), index: fc.nat({ max: 19 }) });
    const fault = fc.record({
      at: fc.nat(400),
      column: fc.constantFrom('step', 'node', 'index', 'value'),
      becomes: fc.constantFrom(-1, 0, 1, 3, 5, 20, 2 ** 31 - 1, Number.NaN),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 400 }), fc.option(fault), (drawn, fault) => {
        const key = ({ step, node, index }: { step: number; node: number; index: number }) =>
          1000 * step + 100 * node + index;
        const possible = drawn.filter(({ node, index }) => node === 3 || index < 4);
        const unlike = new Map(possible.map((each) => [key(each), each])).values();
        const events = [...unlike].sort((a, b) => key(a) - key(b));
        const buffer = new EventBuffer(events.length);
        for (const { step, node, index } of events) buffer.push(step, node, index, SPIKES[node]!);
        if (fault !== null && events.length > 0) buffer[fault.column][fault.at % events.length] = fault.becomes;
        const expected = plainSteps(buffer, 40);
        expect(takenSteps('typescript', buffer, 40)).toEqual(expected);
        expect(takenSteps('wasm', buffer, 40)).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  /** Of two Input nodes, by index: elements, and the value of a spike. */
  const SIZES: Record<number, number> = { 1: 4, 3: 20 };
  const SPIKES: Record<number, number> = { 1: 1, 3: 2 };

  /**
   * The elements of each node in each step, if the buffer holds nothing but spikes for the two nodes, in order; else
   * undefined.
   */
  function plainSteps({ length, step, node, index, value }: EventBuffer, steps: number): number[][][] | undefined {
    const found = Array.from({ length: steps }, (): number[][] => [[], []]);
    const key = (k: number) => [step[k]!, node[k]!, index[k]!] as const;
    for (let k = 0; k < length; k++) {
      const [now, input, element] = key(k);
      const isSpike = value[k] === SPIKES[input] && element >= 0 && element < SIZES[input]!;
      const before = k === 0 ? [0, -1, -1] : key(k - 1);
      const inOrder = [now - before[0]!, input - before[1]!, element - before[2]!].find((rise) => rise !== 0)! > 0;
      if (!isSpike || !inOrder || found[now] === undefined) return undefined;
      found[now]![input === 1 ? 0 : 1]!.push(element);
    }
    return found;
  }

  function takenSteps(form: 'wasm' | 'typescript', buffer: EventBuffer, steps: number): number[][][] | undefined {
    const plan = new MemoryPlan();
    const inputs = [1, 3];
    const window = new InputWindowPlan(
      plan,
      inputs.map((node) => ({ index: node, size: SIZES[node]!, spike: SPIKES[node]! })),
    );
    const lists = inputs.map((node) => new EmissionRingPlan(plan, new Layout(SIZES[node]!, 1)));
    for (const list of lists) list.place();
    const words = inputs.flatMap((node, k) =>
      encode('takeInput', { window: window.descriptor, input: node, list: lists[k]!.descriptor }),
    );
    const at = plan.int32(words);
    const { memory, kernels } = createKernels(plan.bytes, form);
    plan.fill(memory);
    const input = new InputWindow(window, memory);
    if (!input.open(kernels, buffer, steps)) return undefined;
    return Array.from({ length: steps }, (_, step) => {
      expect(input.supply(kernels, buffer, step, steps)).toBeGreaterThan(0);
      kernels.run(at, at + 4 * words.length);
      return lists.map((list) => {
        const taken = new EmissionRing(list, memory, 'int32');
        return Array.from({ length: taken.count(taken.slot()) }, (_, k) => taken.position(taken.slot(), k));
      });
    });
  }

  it('advance and copy', () => {
    const plan = newPlan();
    const list = new EmissionRingPlan(plan, new Layout(8, 1));
    list.lookBack(2);
    list.place();
    const from = plan.float32([1, 2, 3, 4]);
    const to = plan.reserve(16);
    const advance = encode('advance', { list: list.descriptor });
    expectSameMemory({ plan, words: [...advance, ...advance, ...encode('copy', { to, from, bytes: 16 })] });
  });
});

describe('the instruction set', () => {
  it('reads back every instruction that it writes', () => {
    for (const name of Object.keys(instructionSet) as InstructionName[]) {
      const names = operandLists[instructionSet[name].takes];
      const operands = Object.fromEntries(names.map((operand, k) => [operand, 100 + k]));
      const words = Int32Array.from([0, ...encode(name, operands as OperandsOf<typeof name>)]);
      expect(decode(words, 1)).toEqual({ name, operands, next: words.length });
    }
  });

  it('says "typescript" or "wasm" and runs either', () => {
    const views = (['wasm', 'typescript', undefined] as const).map(
      (form): MemoryViews => createKernels(64, form).memory,
    );
    expect(views.map(({ buffer }) => buffer.byteLength)).toEqual([65536, 64, 65536]);
  });
});
