import { close, countOf, indexOf, isGraded, positionsOf, slotOf, valuesOf } from './emission-ring';
import { address, operand } from './memory';
import { windowAt } from './window';
import { Pooling, WindowSums, WindowTable } from './names.generated';

/**
 * Window sums: an event adds its value, times the gain of a real average, to each window it falls into.
 *
 * Operands: list, delay, source stride, source pixels, accumulator, gain (float32 bits), input width, input area,
 * kernel height, kernel width, stride y, stride x, padding y, padding x, output height, output width, accumulator
 * elements from one pixel to the next, and from one channel to the next, table. Where windows do not overlap, the table
 * has the accumulator element of every source position, 16 bits each; else it is 0.
 */
export function pool<X>(p: usize): void {
  const list = address(p, Pooling.list);
  const slot = slotOf(list, operand(p, Pooling.delay));
  const count = countOf(slot);
  const graded = isGraded(slot);
  const values = valuesOf(list, slot);
  const positions = positionsOf(slot);
  const table = address(p, Pooling.table);
  if (table != 0) {
    const sums = address(p, Pooling.accumulator);
    for (let k = 0; k < count; k++) {
      const element = <u32>load<u16>(table + (<usize>load<i32>(positions + (<usize>k << 2)) << 1));
      if (element == WindowTable.nowhere) continue;
      const at = sums + <usize>element * sizeof<X>();
      store<X>(at, load<X>(at) + valueOf<X>(p, graded, values + (<usize>k << 2)));
    }
    return;
  }
  const area = operand(p, Pooling.inputArea);
  const width = operand(p, Pooling.inputWidth);
  const outputWidth = operand(p, Pooling.outputWidth);
  for (let k = 0; k < count; k++) {
    const position = load<i32>(positions + (<usize>k << 2));
    const index = indexOf(position, operand(p, Pooling.sourceStride), operand(p, Pooling.sourcePixels));
    const channel = index / area;
    const pixel = index - channel * area;
    const row = pixel / width;
    const column = pixel - row * width;
    const value = valueOf<X>(p, graded, values + (<usize>k << 2));
    for (let ky = 0; ky < operand(p, Pooling.kernelHeight); ky++) {
      const y = windowAt(row + operand(p, Pooling.paddingY) - ky, operand(p, Pooling.strideY), operand(p, Pooling.outputHeight));
      if (y < 0) continue;
      for (let kx = 0; kx < operand(p, Pooling.kernelWidth); kx++) {
        const x = windowAt(column + operand(p, Pooling.paddingX) - kx, operand(p, Pooling.strideX), outputWidth);
        if (x < 0) continue;
        const element = (y * outputWidth + x) * operand(p, Pooling.pixelStep) + channel * operand(p, Pooling.channelStep);
        const at = address(p, Pooling.accumulator) + <usize>element * sizeof<X>();
        store<X>(at, load<X>(at) + value);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function valueOf<X>(p: usize, graded: bool, value: usize): X {
  if (!isFloat<X>()) return graded ? <X>load<i32>(value) : 1;
  const gain = <X>reinterpret<f32>(operand(p, Pooling.gain));
  return graded ? gain * load<X>(value) : gain;
}

/**
 * Sums over windows that do not overlap, from the bytes that a population leaves for its spikes, [pixels][stride]; what
 * is not zero becomes a list, in order of positions. Real values are multiples of a gain.
 *
 * Operands: map, list, stride, input width, kernel height, kernel width, output height, output width, gain (float32
 * bits), table of four lanes for every four bits: those that are set, in order, each with three bytes 255 above it.
 */
export function poolSpikes<X>(p: usize): void {
  const map = address(p, WindowSums.map);
  const list = address(p, WindowSums.list);
  const stride = operand(p, WindowSums.stride);
  const rowBytes = operand(p, WindowSums.inputWidth) * stride;
  const kernelHeight = operand(p, WindowSums.kernelHeight);
  const kernelWidth = operand(p, WindowSums.kernelWidth);
  const outputHeight = operand(p, WindowSums.outputHeight);
  const outputWidth = operand(p, WindowSums.outputWidth);
  const slot = slotOf(list, 0);
  const toValues = valuesOf(list, slot) - positionsOf(slot);
  const lanes = address(p, WindowSums.lanes);
  const gain: f32 = isFloat<X>() ? reinterpret<f32>(operand(p, WindowSums.gain)) : 1;
  const halves = kernelHeight == 2 && kernelWidth == 2;
  const start = positionsOf(slot);
  let next = start;
  let position = 0;
  for (let y = 0; y < outputHeight; y++) {
    let window = map + <usize>(y * kernelHeight * rowBytes);
    for (let x = 0; x < outputWidth; x++, position += stride, window += kernelWidth * stride) {
      for (let c = 0; c < stride; c += 16) {
        const from = window + <usize>c;
        const sum = halves ? sumOfFour(from, stride, rowBytes) : sumOf(from, stride, rowBytes, kernelHeight, kernelWidth);
        // A vector may reach into the next pixel.
        const inside = stride - c < 16 ? (1 << (stride - c)) - 1 : 0xffff;
        const found = i8x16.bitmask(i8x16.ne(sum, i8x16.splat(0))) & inside;
        if (found == 0) continue;
        const at = position + c;
        next = appendFour<X>(next, toValues, at, sum, found, 0, lanes, gain);
        next = appendFour<X>(next, toValues, at, sum, found, 4, lanes, gain);
        next = appendFour<X>(next, toValues, at, sum, found, 8, lanes, gain);
        if (inside > 0xfff) next = appendFour<X>(next, toValues, at, sum, found, 12, lanes, gain);
      }
    }
  }
  close(slot, <i32>((next - positionsOf(slot)) >> 2), true);
}

/**
 * Appends those of four channels from `first` on that were found. Four are written whether they are there or not,
 * because a branch on chance costs more; a list has room for that behind its end.
 */
// @ts-ignore: decorator
@inline
function appendFour<X>(
  at: usize,
  toValues: usize,
  position: i32,
  sum: v128,
  found: i32,
  first: i32,
  lanes: usize,
  gain: f32,
): usize {
  const four = (found >> first) & 15;
  const picked = v128.load(lanes + (<usize>four << 4));
  v128.store(at, i32x4.add(v128.and(picked, i32x4.splat(15)), i32x4.splat(position + first)));
  const values = i8x16.swizzle(sum, i32x4.add(picked, i32x4.splat(first)));
  v128.store(at + toValues, isFloat<X>() ? f32x4.mul(f32x4.convert_i32x4_s(values), f32x4.splat(gain)) : values);
  return at + (<usize>popcnt(four) << 2);
}

/** Sixteen channels of a window of two by two: bytes of 255 are −1. */
// @ts-ignore: decorator
@inline
function sumOfFour(from: usize, stride: i32, rowBytes: i32): v128 {
  const below = from + <usize>rowBytes;
  const above = i8x16.add(v128.load(from), v128.load(from + <usize>stride));
  return i8x16.neg(i8x16.add(above, i8x16.add(v128.load(below), v128.load(below + <usize>stride))));
}

/** The same in a window of any size. */
function sumOf(from: usize, stride: i32, rowBytes: i32, height: i32, width: i32): v128 {
  let sum = i8x16.splat(0);
  for (let ky = 0; ky < height; ky++) {
    for (let kx = 0; kx < width; kx++) sum = i8x16.sub(sum, v128.load(from + <usize>(ky * rowBytes + kx * stride)));
  }
  return sum;
}
