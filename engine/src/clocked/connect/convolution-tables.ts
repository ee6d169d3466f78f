import type { ConvolutionConnectivity } from '@spikewire/models';
import { gatherScratch, patterns } from '../kernels/kernel-constants.ts';
import type { MemoryPlan } from '../kernels/memory.ts';
import type { Stream } from '../program.ts';
import type { Sums } from '../sums.ts';

/** Bytes that multiples may take. */
const MOST_MULTIPLES = 128 * 1024;
const { rows: ROWS, width: WIDTH, count: PATTERNS, lanes: LANES } = patterns;
/** Words behind the arrays that the gathering kernel has in its scratch. */
const SLACK = 4 * gatherScratch.slack;

/** Every weight times every value of an event, so that a kernel has nothing to multiply. */
export interface Multiples {
  /** [value − 1][kernel height][kernel width][source stride][stride]. */
  readonly address: number;
  /** Of one value. */
  readonly bytes: number;
}

/** Undefined where that would be too much, or values are not known to be few and whole. */
export function multiplesOf(site: ConvolutionSite): Multiples | undefined {
  const { geometry, arrival, sums, largestValue = 0 } = site;
  const { layout } = arrival.list;
  const [height, width] = geometry.kernel;
  const length = height * width * layout.stride * sums.layout.stride;
  const isSmall = largestValue > 0 && 2 * length * largestValue <= MOST_MULTIPLES;
  if (!isSmall || !isPlain(site) || !meetsPixels(site)) return undefined;
  const factors = Array.from({ length: largestValue }, (_, k) => k + 1);
  const address = tableOf(site, length * largestValue, (add) => {
    forEachTap(site, (weights, row, column, channel) => {
      const tap = (row * width + column) * layout.stride + channel;
      for (let output = 0; output < sums.layout.stride; output++) {
        const to = tap * sums.layout.stride + output;
        for (const factor of factors) add((factor - 1) * length + to, weights + output, factor);
      }
    });
  });
  return { address, bytes: 2 * length };
}

/**
 * Whether events of this step arrive with the channels of a pixel together, every window meets a pixel, and the scratch
 * has room.
 */
function meetsPixels({ geometry: { inputSize, kernel, padding }, arrival: { list, delay } }: ConvolutionSite): boolean {
  const { layout } = list;
  const area = inputSize[0] * inputSize[1];
  const meets = padding.every((zeros, axis) => zeros < kernel[axis]!);
  return delay === 0 && meets && layout.pixels === area && area > 1 && area + inputSize[1] + SLACK <= layout.length;
}

/**
 * For one input channel and kernels of up to five by five: address of [sixteen channels][rows][pattern][channel], where
 * bit k of a pattern is the spike that weight k of a row meets, and the weights of each pattern are added up; there are
 * five rows. Undefined elsewhere.
 */
export function patternsOf(site: ConvolutionSite): number | undefined {
  const { arrival, geometry, sums } = site;
  const { kernel, inputChannels, outputSize } = geometry;
  const isRows = inputChannels === 1 && arrival.list.layout.pixels === 1 && isPlain(site);
  const scratch = (outputSize[0] + ROWS) * (outputSize[1] + 2 * WIDTH + LANES);
  if (!isRows || kernel[0] > ROWS || kernel[1] > WIDTH || scratch > 4 * arrival.list.layout.length) return undefined;
  const { stride } = sums.layout;
  return tableOf(site, ROWS * PATTERNS * Math.ceil(stride / LANES) * LANES, (add) => {
    forEachTap(site, (weights, row, column) => {
      for (let output = 0; output < stride; output++) {
        const first = (Math.floor(output / LANES) * ROWS + row) * PATTERNS;
        for (let pattern = 0; pattern < PATTERNS; pattern++) {
          if ((pattern >> column) & 1) add((first + pattern) * LANES + (output % LANES), weights + output, 1);
        }
      }
    });
  });
}

/** Whether the weights stay, sums have 16 bits, and windows are next to each other in one group. */
function isPlain({ geometry, apart, isLearned, sums }: ConvolutionSite): boolean {
  const { stride, dilation, padding, groups } = geometry;
  const isStill = !isLearned && sums.format === 'int16' && groups === 1;
  return (
    isStill && [...stride, ...dilation, ...apart].every((step) => step === 1) && padding.every((zeros) => zeros >= 0)
  );
}

/** Adds `factor` times weight `from` to number `to` of a table. */
type AddWeight = (to: number, from: number, factor: number) => void;

/** Address of a table of 16-bit numbers, to be filled from the weights once these are in memory. */
function tableOf({ memory, weights, shift }: ConvolutionSite, length: number, fill: (add: AddWeight) => void): number {
  const address: number = memory.reserve(2 * length, ({ int16 }) => {
    fill((to, from, factor) => {
      int16[address / 2 + to]! += (int16[weights / 2 + from]! * factor) << shift;
    });
  });
  return address;
}

/** Visits the taps of a kernel: where the weights of its channels begin, its row, column and input channel. */
function forEachTap(
  { geometry, sums }: ConvolutionSite,
  visit: (weights: number, row: number, column: number, channel: number) => void,
): void {
  const [height, width] = geometry.kernel;
  for (let channel = 0; channel < geometry.inputChannels; channel++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        // The taps of a row lie in reverse order.
        const tap = (channel * height + row) * width + width - 1 - column;
        visit(tap * sums.layout.stride, row, column, channel);
      }
    }
  }
}

/** A convolution to be laid out. */
export interface ConvolutionSite {
  readonly memory: MemoryPlan;
  readonly arrival: Stream;
  readonly geometry: ConvolutionConnectivity['geometry'];
  /** How far rows and columns of the input lie apart for the window. */
  readonly apart: readonly [number, number];
  /** Address of its weights. */
  readonly weights: number;
  readonly shift: number;
  readonly sums: Sums;
  /** No weight is larger, as they are kept. */
  readonly largest: number;
  /** Whether its weights change. */
  readonly isLearned: boolean;
  /** The largest value of an event, where all are whole numbers from 1 on. */
  readonly largestValue: number | undefined;
}
