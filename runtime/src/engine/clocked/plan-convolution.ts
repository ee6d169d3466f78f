import type { PoolingConnectivity } from '@spikewire/models';
import type { ConvolutionSite } from './convolution-site.ts';
import { multiplesOf, patternsOf } from './convolution-tables.ts';
import type { EventListPlan } from './event-list.ts';
import { encode, realOperand } from './instructions.ts';
import type { Layout } from './layout.ts';
import type { MemoryPlan } from './memory.ts';
import type { Stream } from './program.ts';
import { type Sums, sourceOperands, suffixOf } from './sums.ts';

/** In a table of windows: this position is in none. */
const NOWHERE = 65535;
/** Three upper bytes of an index of four: of no byte. */
const NO_BYTES = 0xffffff00;

/** By the quickest kernel that there is for the geometry, the sums and what arrives. */
export function planConvolution(site: ConvolutionSite): number[] {
  const operands = convolutionOperands(site);
  const table = patternsOf(site);
  if (table !== undefined) return encode('addPatterns', { ...operands, table });
  const multiples = multiplesOf(site);
  if (multiples !== undefined) {
    return encode('gather', { ...operands, multiples: multiples.address, multipleBytes: multiples.bytes });
  }
  return encode(`convolve${suffixOf[site.sums.format]}`, operands);
}

function convolutionOperands({ memory, arrival, geometry, weights, shift, sums, largest }: ConvolutionSite) {
  return {
    ...sourceOperands(arrival),
    weights,
    accumulator: sums.address,
    shift,
    ...windows(geometry),
    dilationY: geometry.dilation[0],
    dilationX: geometry.dilation[1],
    stride: sums.layout.stride,
    inputsPerGroup: geometry.inputChannels / geometry.groups,
    outputsPerGroup: geometry.outputChannels / geometry.groups,
    groups: geometry.groups,
    partial: sums.format === 'int32' ? memory.reserve(2 * sums.layout.length) : 0,
    largest,
  };
}

export function planPooling(
  memory: MemoryPlan,
  arrival: Stream,
  connectivity: PoolingConnectivity,
  sums: Sums,
): number[] {
  const { geometry, gain } = connectivity;
  const { places, stride } = sums.layout;
  const isImage = places > 1;
  return encode(`pool${suffixOf[sums.format]}`, {
    ...sourceOperands(arrival),
    accumulator: sums.address,
    gain: realOperand(gain),
    ...windows(geometry),
    placeStep: isImage ? stride : 1,
    channelStep: isImage ? 1 : geometry.outputSize[0] * geometry.outputSize[1],
    table: windowTable(memory, arrival.list.layout, connectivity, sums.layout),
  });
}

/** A pooling of the spikes that the population whose bytes lie at `map` sends in this step. */
export function planSpikePooling(
  memory: MemoryPlan,
  map: number,
  list: EventListPlan,
  { geometry, gain }: PoolingConnectivity,
  values: 'int32' | 'float32',
): number[] {
  const { inputWidth, kernelHeight, kernelWidth, outputHeight, outputWidth } = windows(geometry);
  return encode(values === 'int32' ? 'poolSpikesInt32' : 'poolSpikesFloat32', {
    map,
    list: list.descriptor,
    stride: list.layout.stride,
    ...{ inputWidth, kernelHeight, kernelWidth, outputHeight, outputWidth },
    gain: realOperand(gain),
    lanes: memory.int32(setLanes()),
  });
}

/** For every four bits the lanes that are set, in order, as bytes that are picked with three bytes of zeros behind each. */
export function setLanes(): Int32Array {
  const table = new Int32Array(4 * 16);
  for (let bits = 0; bits < 16; bits++) {
    const set = [0, 1, 2, 3].filter((lane) => (bits >> lane) & 1);
    table.set(
      set.map((lane) => lane | NO_BYTES),
      4 * bits,
    );
  }
  return table;
}

/** Where windows do not overlap: the accumulator element of every source position. */
function windowTable(
  memory: MemoryPlan,
  from: Layout,
  { geometry, forEachSynapse }: PoolingConnectivity,
  to: Layout,
): number {
  const apart = geometry.kernel.every((length, axis) => length <= geometry.stride[axis]!);
  if (!apart || to.length > NOWHERE) return 0;
  const table = new Uint16Array(from.length).fill(NOWHERE);
  for (let index = 0; index < from.size; index++) {
    forEachSynapse(index, (output) => {
      table[from.position(index)] = to.position(output);
    });
  }
  return memory.int16(table);
}

function windows({ inputSize, outputSize, kernel, stride, padding }: PoolingConnectivity['geometry']) {
  return {
    inputWidth: inputSize[1],
    inputArea: inputSize[0] * inputSize[1],
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    paddingY: padding[0],
    paddingX: padding[1],
    outputHeight: outputSize[0],
    outputWidth: outputSize[1],
  };
}
