import { addEvent } from './convolution-taps';
import { countOf, indexOf, isGraded, positionsOf, valuesOf } from './emission-ring';
import { address, factorsScratch, offsetsScratch, operand } from './memory';
import { quotient, reciprocal } from './window';
import { Convolution } from './names.generated';

/**
 * Stride 1, no dilation, one group: one run of memory per row of the kernel, and the events of one pixel together,
 * because what they add to is the same. Returns the taps that met the output, over all events.
 */
export function addPixels<X>(p: usize, slot: usize): i32 {
  const positions = positionsOf(slot);
  const values = valuesOf(address(p, Convolution.list), slot);
  const graded = isGraded(slot);
  const end = <usize>countOf(slot) << 2;
  const stride = operand(p, Convolution.sourceStride);
  const pixels = operand(p, Convolution.sourcePixels);
  const shift = operand(p, Convolution.shift);
  const width = operand(p, Convolution.inputWidth);
  const area = operand(p, Convolution.inputArea);
  const largest = operand(p, Convolution.largest);
  const channelBytes = operand(p, Convolution.kernelHeight) * operand(p, Convolution.kernelWidth) * operand(p, Convolution.stride) * (isFloat<X>() ? 4 : 2);
  const perStride = reciprocal(stride);
  const perArea = reciprocal(area);
  const perWidth = reciprocal(width);
  const ones = offsetsScratch();
  const others = factorsScratch();
  let nextOne = ones;
  let nextOther = others;
  let scaled = false;
  let together = -1;
  let start = -stride;
  let taps = 0;
  let used = 0;
  for (let k: usize = 0; k < end; k += 4) {
    const position = load<i32>(positions + k);
    let channel: i32;
    let pixel: i32;
    if (pixels == area) {
      // Mostly it is the pixel of the event before.
      pixel = together;
      if (<u32>(position - start) >= <u32>stride) {
        pixel = quotient(position, stride, perStride);
        start = pixel * stride;
      }
      channel = position - start;
    } else {
      const index = indexOf(position, stride, pixels);
      channel = quotient(index, area, perArea);
      pixel = index - channel * area;
    }
    const offset = channel * channelBytes;
    const factor = isFloat<X>() ? 1 : (graded ? load<i32>(values + k) : 1) << shift;
    const reach = abs<i32>(factor) * largest;
    const fits = isFloat<X>() || sizeof<X>() == 2 || reach <= i16.MAX_VALUE;
    const flushes = isInteger<X>() && sizeof<X>() == 4 && used + reach > i16.MAX_VALUE;
    if (pixel != together || flushes || !fits) {
      taps += addPixel<X>(p, together, perWidth, nextOne, scaled ? nextOther : others);
      nextOne = ones;
      nextOther = others;
      scaled = false;
      together = pixel;
    }
    if (isInteger<X>() && sizeof<X>() == 4) {
      if (!fits) {
        const row = quotient(pixel, width, perWidth);
        taps += addEvent<X>(p, channel, row, pixel - row * width, <X>factor);
        continue;
      }
      if (flushes) {
        flush(p);
        used = 0;
      }
      used += reach;
    }
    scaled = scaled || (isFloat<X>() ? graded : factor != 1);
    store<i32>(nextOther, offset);
    store<i32>(nextOther, isFloat<X>() ? load<i32>(values + k) : (factor << 16) | (factor & 0xffff), 4);
    nextOther += 8;
    store<i32>(nextOne, offset);
    nextOne += 4;
  }
  taps += addPixel<X>(p, together, perWidth, nextOne, scaled ? nextOther : others);
  if (isInteger<X>() && sizeof<X>() == 4) flush(p);
  return taps;
}

/**
 * Adds the events collected at one pixel: offsets of weights that count once up to `nextOne`, with factors up to
 * `nextOther`.
 */
function addPixel<X>(p: usize, pixel: i32, perWidth: u64, nextOne: usize, nextOther: usize): i32 {
  const events = <i32>((nextOne - offsetsScratch()) >> 2);
  if (events == 0) return 0;
  const width = operand(p, Convolution.inputWidth);
  const kernelHeight = operand(p, Convolution.kernelHeight);
  const kernelWidth = operand(p, Convolution.kernelWidth);
  const outputHeight = operand(p, Convolution.outputHeight);
  const outputWidth = operand(p, Convolution.outputWidth);
  const row = quotient(pixel, width, perWidth);
  const column = (pixel - row * width) * operand(p, Convolution.apartX);
  const first = column + operand(p, Convolution.paddingX) - kernelWidth + 1;
  const from = max<i32>(0, -first);
  const taps = min<i32>(kernelWidth, outputWidth - first) - from;
  const bottom = row * operand(p, Convolution.apartY) + operand(p, Convolution.paddingY);
  const startRow = max<i32>(0, bottom - outputHeight + 1);
  const endRow = min<i32>(kernelHeight, bottom + 1);
  if (taps <= 0 || endRow <= startRow) return 0;
  // Sums of 32 bits are added up in parts of 16 bits, which are as wide as the weights.
  const bytes = operand(p, Convolution.stride) * (isFloat<X>() ? 4 : 2);
  const sums = sizeof<X>() == 4 && isInteger<X>() ? address(p, Convolution.partial) : address(p, Convolution.accumulator);
  let weights = address(p, Convolution.weights) + <usize>((startRow * kernelWidth + from) * bytes);
  let accumulator = sums + <usize>(((bottom - startRow) * outputWidth + first + from) * bytes);
  for (let y = startRow; y < endRow; y++) {
    addRuns<X>(accumulator, weights, taps * bytes, nextOne, nextOther);
    weights += kernelWidth * bytes;
    accumulator -= outputWidth * bytes;
  }
  return taps * (endRow - startRow) * events;
}

/** One run of sums of 16 bits or real numbers, to which every event of a pixel adds its weights. */
// @ts-ignore: decorator
@inline
function addRuns<X>(accumulator: usize, weights: usize, bytes: i32, nextOne: usize, nextOther: usize): void {
  const whole = bytes & ~15;
  const scaled = nextOther != factorsScratch();
  if (scaled) addScaledRuns<X>(accumulator, weights, whole, nextOther);
  else if (nextOne == offsetsScratch() + 4) addRun<X>(accumulator, weights + <usize>load<u32>(offsetsScratch()), whole);
  else addPlainRuns<X>(accumulator, weights, whole, nextOne);
  if (isInteger<X>() && whole != bytes) addHalf(accumulator + whole, weights + whole, nextOne, scaled);
}

/** The last four sums of 16 bits of a run that does not end with a vector. */
function addHalf(accumulator: usize, weights: usize, nextOne: usize, scaled: bool): void {
  let a = v128.load64_zero(accumulator);
  let factors = factorsScratch() + 4;
  for (let k = offsetsScratch(); k < nextOne; k += 4, factors += 8) {
    const w = v128.load64_zero(weights + <usize>load<u32>(k));
    a = i16x8.add(a, scaled ? i16x8.mul(w, v128.load32_splat(factors)) : w);
  }
  v128.store64_lane(accumulator, a, 0);
}

/** A single event. */
// @ts-ignore: decorator
@inline
function addRun<X>(accumulator: usize, weights: usize, bytes: i32): void {
  const end = accumulator + bytes;
  for (; accumulator + 64 <= end; accumulator += 64, weights += 64) {
    v128.store(accumulator, sum<X>(v128.load(accumulator), v128.load(weights)));
    v128.store(accumulator, sum<X>(v128.load(accumulator, 16), v128.load(weights, 16)), 16);
    v128.store(accumulator, sum<X>(v128.load(accumulator, 32), v128.load(weights, 32)), 32);
    v128.store(accumulator, sum<X>(v128.load(accumulator, 48), v128.load(weights, 48)), 48);
  }
  for (; accumulator + 16 <= end; accumulator += 16, weights += 16) {
    v128.store(accumulator, sum<X>(v128.load(accumulator), v128.load(weights)));
  }
}

// With the loops of `listed-rows` instead of these two a convolution of real weights took 1.04 × the time.

/** Events that all count once. */
// @ts-ignore: decorator
@inline
function addPlainRuns<X>(accumulator: usize, weights: usize, bytes: i32, to: usize): void {
  const from = offsetsScratch();
  const end = accumulator + bytes;
  for (; accumulator + 96 <= end; accumulator += 96, weights += 96) {
    let a0 = v128.load(accumulator);
    let a1 = v128.load(accumulator, 16);
    let a2 = v128.load(accumulator, 32);
    let a3 = v128.load(accumulator, 48);
    let a4 = v128.load(accumulator, 64);
    let a5 = v128.load(accumulator, 80);
    for (let k = from; k < to; k += 4) {
      const w = weights + <usize>load<u32>(k);
      a0 = sum<X>(a0, v128.load(w));
      a1 = sum<X>(a1, v128.load(w, 16));
      a2 = sum<X>(a2, v128.load(w, 32));
      a3 = sum<X>(a3, v128.load(w, 48));
      a4 = sum<X>(a4, v128.load(w, 64));
      a5 = sum<X>(a5, v128.load(w, 80));
    }
    v128.store(accumulator, a0);
    v128.store(accumulator, a1, 16);
    v128.store(accumulator, a2, 32);
    v128.store(accumulator, a3, 48);
    v128.store(accumulator, a4, 64);
    v128.store(accumulator, a5, 80);
  }
  for (; accumulator + 32 <= end; accumulator += 32, weights += 32) {
    let a0 = v128.load(accumulator);
    let a1 = v128.load(accumulator, 16);
    for (let k = from; k < to; k += 4) {
      const w = weights + <usize>load<u32>(k);
      a0 = sum<X>(a0, v128.load(w));
      a1 = sum<X>(a1, v128.load(w, 16));
    }
    v128.store(accumulator, a0);
    v128.store(accumulator, a1, 16);
  }
  for (; accumulator + 16 <= end; accumulator += 16, weights += 16) {
    let a0 = v128.load(accumulator);
    for (let k = from; k < to; k += 4) {
      const w = weights + <usize>load<u32>(k);
      a0 = sum<X>(a0, v128.load(w));
    }
    v128.store(accumulator, a0);
  }
}

/** Events with the factors that they count. */
// @ts-ignore: decorator
@inline
function addScaledRuns<X>(accumulator: usize, weights: usize, bytes: i32, to: usize): void {
  const from = factorsScratch();
  const end = accumulator + bytes;
  for (; accumulator + 96 <= end; accumulator += 96, weights += 96) {
    let a0 = v128.load(accumulator);
    let a1 = v128.load(accumulator, 16);
    let a2 = v128.load(accumulator, 32);
    let a3 = v128.load(accumulator, 48);
    let a4 = v128.load(accumulator, 64);
    let a5 = v128.load(accumulator, 80);
    for (let k = from; k < to; k += 8) {
      const w = weights + <usize>load<u32>(k);
      const factor = v128.load32_splat(k, 4);
      a0 = sum<X>(a0, product<X>(v128.load(w), factor));
      a1 = sum<X>(a1, product<X>(v128.load(w, 16), factor));
      a2 = sum<X>(a2, product<X>(v128.load(w, 32), factor));
      a3 = sum<X>(a3, product<X>(v128.load(w, 48), factor));
      a4 = sum<X>(a4, product<X>(v128.load(w, 64), factor));
      a5 = sum<X>(a5, product<X>(v128.load(w, 80), factor));
    }
    v128.store(accumulator, a0);
    v128.store(accumulator, a1, 16);
    v128.store(accumulator, a2, 32);
    v128.store(accumulator, a3, 48);
    v128.store(accumulator, a4, 64);
    v128.store(accumulator, a5, 80);
  }
  for (; accumulator + 32 <= end; accumulator += 32, weights += 32) {
    let a0 = v128.load(accumulator);
    let a1 = v128.load(accumulator, 16);
    for (let k = from; k < to; k += 8) {
      const w = weights + <usize>load<u32>(k);
      const factor = v128.load32_splat(k, 4);
      a0 = sum<X>(a0, product<X>(v128.load(w), factor));
      a1 = sum<X>(a1, product<X>(v128.load(w, 16), factor));
    }
    v128.store(accumulator, a0);
    v128.store(accumulator, a1, 16);
  }
  for (; accumulator + 16 <= end; accumulator += 16, weights += 16) {
    let a0 = v128.load(accumulator);
    for (let k = from; k < to; k += 8) {
      const w = weights + <usize>load<u32>(k);
      const factor = v128.load32_splat(k, 4);
      a0 = sum<X>(a0, product<X>(v128.load(w), factor));
    }
    v128.store(accumulator, a0);
  }
}

// @ts-ignore: decorator
@inline
function sum<X>(a: v128, b: v128): v128 {
  return isFloat<X>() ? f32x4.add(a, b) : i16x8.add(a, b);
}

// @ts-ignore: decorator
@inline
function product<X>(a: v128, b: v128): v128 {
  return isFloat<X>() ? f32x4.mul(a, b) : i16x8.mul(a, b);
}

/** Moves partial sums of 16 bits, in which twice as many events are added at a time, to their accumulators of 32. */
function flush(p: usize): void {
  let partial = address(p, Convolution.partial);
  let accumulator = address(p, Convolution.accumulator);
  const end = partial + (<usize>(operand(p, Convolution.outputHeight) * operand(p, Convolution.outputWidth) * operand(p, Convolution.stride)) << 1);
  for (; partial < end; partial += 16, accumulator += 32) {
    const sums = v128.load(partial);
    if (!v128.any_true(sums)) continue;
    v128.store(partial, i16x8.splat(0));
    v128.store(accumulator, i32x4.add(v128.load(accumulator), i32x4.extend_low_i16x8_s(sums)));
    v128.store(accumulator, i32x4.add(v128.load(accumulator, 16), i32x4.extend_high_i16x8_s(sums)), 16);
  }
}
