import type { Connectivity, ConvolutionConnectivity, DenseConnectivity, SparseConnectivity } from '@spikewire/models';
import type { WeightLayout } from '../../learn/float-weights.ts';
import type { Layout } from './layout.ts';
import type { MemoryViews } from './memory.ts';

export type WeightFormat = 'int8' | 'int16' | 'float32';

/** How a connection's weights lie in memory, so that kernels read them in runs. */
export interface Packing {
  readonly format: WeightFormat;
  /** Elements, padding included. */
  readonly length: number;
  /** Whether bytes lie in pairs: those at even places, and padding there, have 128 added. */
  readonly paired: boolean;
  /** Where weight `k` of the graph's tensor lies. */
  place(k: number): number;
  /** The same as strides, where strides can say it. */
  readonly strides: WeightLayout | undefined;
  /** One weight per input, for all its synapses. */
  readonly equalRows?: boolean;
  /** What `place` reads; absent where it calculates. */
  readonly reads?: Uint32Array;
}

/** The packing that the kernels of a structure read; `target` is the layout of what they add to. */
export function packingOf(connectivity: Connectivity, target: Layout, whole: boolean): Packing {
  if (connectivity.structure === 'dense')
    return whole ? packPairs(connectivity, target) : packRows(connectivity, target);
  if (connectivity.structure === 'convolution') return packTaps(connectivity, target, whole ? 'int16' : 'float32');
  const format = whole ? 'int8' : 'float32';
  if (connectivity.structure === 'sparse') return packInOrder(connectivity.targets.length, format);
  if (connectivity.structure === 'all-but-one' && target.places > 1) {
    const { length } = target;
    return { format, length, paired: false, place: (k) => target.position(k), strides: undefined };
  }
  // Padding behind the last is read where outputs are, so that it has its place here.
  return packInOrder(connectivity.structure === 'all-but-one' ? target.length : connectivity.inputs, format);
}

/** As in the graph's tensor. */
function packInOrder(length: number, format: WeightFormat): Packing {
  const strides = { rowLength: length, rowStride: 0, columnStride: 1 };
  return { format, length, paired: false, place: (k) => k, strides };
}

/** One weight per input, for listed synapses whose rows have one weight each; undefined where a row has several. */
export function packEqualRows(
  { inputs, offsets, weights }: SparseConnectivity,
  format: WeightFormat,
): Packing | undefined {
  for (let input = 0; input < inputs; input++) {
    for (let k = offsets[input]!; k < offsets[input + 1]!; k++) {
      if (weights![k] !== weights![offsets[input]!]) return undefined;
    }
  }
  const place = (k: number) => inputOf(k, offsets);
  return { format, length: inputs, paired: false, place, strides: undefined, equalRows: true, reads: offsets };
}

/** The input from which synapse k leaves: the last whose synapses do not begin behind it. */
function inputOf(k: number, offsets: Uint32Array): number {
  let [input, behind] = [0, offsets.length - 1];
  while (behind - input > 1) {
    const middle = (input + behind) >>> 1;
    if (offsets[middle]! <= k) input = middle;
    else behind = middle;
  }
  return input;
}

/** [inputs][target]: the row that an event adds is one run. */
function packRows({ inputs }: DenseConnectivity, target: Layout): Packing {
  const strides = { rowLength: inputs, rowStride: 1, columnStride: target.length };
  return {
    format: 'float32',
    length: inputs * target.length,
    paired: false,
    place: (k) => (k % inputs) * target.length + target.position(rowOf(k, inputs)),
    strides: target.places === 1 ? strides : undefined,
  };
}

/** The row of element `k`. Divides without a remainder, because V8 would put the fraction on the heap, for each of all weights. */
function rowOf(k: number, columns: number): number {
  return (k - (k % columns)) / columns;
}

/** The same in bytes: of sixteen columns, the first eight at even places and the last eight at odd ones. */
function packPairs({ inputs }: DenseConnectivity, target: Layout): Packing {
  return {
    format: 'int8',
    length: inputs * target.length,
    paired: true,
    place(k) {
      const column = target.position(rowOf(k, inputs));
      const inSixteen = column % 16;
      const paired = inSixteen < 8 ? 2 * inSixteen : 2 * (inSixteen - 8) + 1;
      return (k % inputs) * target.length + column - inSixteen + paired;
    },
    strides: undefined,
  };
}

/** [input channels][kernel height][kernel width, reversed][output channels], the last padded unless there are groups. */
function packTaps({ geometry }: ConvolutionConnectivity, target: Layout, format: WeightFormat): Packing {
  const { inputChannels, outputChannels, kernel, groups } = geometry;
  const [height, width] = kernel;
  const inputsPerGroup = inputChannels / groups;
  const outputsPerGroup = outputChannels / groups;
  const run = groups > 1 ? outputsPerGroup : target.stride;
  return {
    format,
    length: inputChannels * height * width * run,
    paired: false,
    place(k) {
      const column = k % width;
      const row = Math.floor(k / width) % height;
      const input = Math.floor(k / (width * height)) % inputsPerGroup;
      const output = Math.floor(k / (width * height * inputsPerGroup));
      const channel = Math.floor(output / outputsPerGroup) * inputsPerGroup + input;
      const tap = (channel * height + row) * width + width - 1 - column;
      return tap * run + (groups > 1 ? output % outputsPerGroup : output);
    },
    strides: undefined,
  };
}

/** The weights of a connection in a net's memory, by their place in the graph's tensor. */
export class PackedWeights {
  /** The whole block, as it lies there. */
  readonly values: Int8Array | Int16Array | Float32Array;
  readonly packing: Packing;

  constructor(packing: Packing, address: number, memory: MemoryViews) {
    const all = memory[packing.format];
    const first = address / all.BYTES_PER_ELEMENT;
    this.values = all.subarray(first, first + packing.length);
    this.packing = packing;
  }

  read(k: number): number {
    const place = this.packing.place(k);
    const value = this.values[place]!;
    return this.#isRaised(place) ? (value & 255) - 128 : value;
  }

  write(k: number, value: number): void {
    const place = this.packing.place(k);
    this.values[place] = this.#isRaised(place) ? value + 128 : value;
  }

  /** Weight 0 everywhere, in padding too. */
  clear(): void {
    for (let place = 0; place < this.values.length; place++) this.values[place] = this.#isRaised(place) ? 128 : 0;
  }

  #isRaised(place: number): boolean {
    return this.packing.paired && place % 2 === 0;
  }
}
