import { convolve } from './convolution';
import { countOf, isGraded, positionsOf, slotOf, valuesOf } from './emission-ring';
import { addListed } from './listed-rows';
import { address, countSynapticOperations, factorsScratch, offsetsScratch, operand } from './memory';
import { reciprocal, smallQuotient } from './window';
import { GatherScratch, Gathered } from './names.generated';

// Gather: the sums of a pixel stay in registers while all events of its window pass. Sums of 16 bits, stride 1, one
// group, channels of a source pixel together. Every value that an event may have has weights of its own, already
// multiplied: what an event brings is one load and one addition.

/**
 * Operands: those of a convolution, multiples [value − 1][kernel height][kernel width][source stride][stride], bytes of
 * one value's weights.
 */
export function gather(p: usize): void {
  const slot = slotOf(address(p, Gathered.list), operand(p, Gathered.delay));
  // With fewer events it is quicker to add them one by one.
  if (4 * countOf(slot) < 3 * operand(p, Gathered.outputHeight) * operand(p, Gathered.outputWidth)) {
    convolve<i16>(p);
    return;
  }
  const sourceStride = operand(p, Gathered.sourceStride);
  const width = operand(p, Gathered.inputWidth);
  const area = operand(p, Gathered.inputArea);
  const kernelHeight = operand(p, Gathered.kernelHeight);
  const kernelWidth = operand(p, Gathered.kernelWidth);
  const paddingY = operand(p, Gathered.paddingY);
  const paddingX = operand(p, Gathered.paddingX);
  const endY = operand(p, Gathered.outputHeight) - paddingY;
  const endX = operand(p, Gathered.outputWidth) - paddingX;
  const bytes = operand(p, Gathered.stride) << 1;
  const pixelBytes = sourceStride * bytes;
  const height = area / width;
  const listed = factorsScratch();
  const starts = listed + (<usize>(sourceStride * area + GatherScratch.slack) << 2);
  const columns = starts + (<usize>(area + GatherScratch.slack) << 2);
  listOffsets(p, slot, bytes);
  findStarts(slot, sourceStride, area, starts);
  let sums = address(p, Gathered.accumulator);
  let taps: usize = 0;
  for (let y = -paddingY; y < endY; y++) {
    const top = max<i32>(0, y);
    const bottom = min<i32>(height, y + kernelHeight);
    const some = listColumns(starts, width, top, bottom, (width - kernelWidth) * pixelBytes, listed, columns);
    if (!some) {
      sums += <usize>(operand(p, Gathered.outputWidth) * bytes);
      continue;
    }
    let weights = address(p, Gathered.multiples) - <usize>((y * kernelWidth - paddingX) * pixelBytes + operand(p, Gathered.multipleBytes));
    for (let x = -paddingX; x < endX; x++) {
      const from = <usize>load<u32>(columns + (<usize>max<i32>(0, x) << 2));
      const to = <usize>load<u32>(columns + (<usize>min<i32>(width, x + kernelWidth) << 2));
      addListed<i16>(sums, weights, bytes, from, to, false);
      taps += (to - from) >> 2;
      weights -= pixelBytes;
      sums += bytes;
    }
  }
  countSynapticOperations(<f64>taps * <f64>operand(p, Gathered.outputsPerGroup));
}

/**
 * Where the weights of each event would lie, if rows of the kernel were as wide as those of the source: to the scratch
 * of offsets.
 */
function listOffsets(p: usize, slot: usize, bytes: i32): void {
  const positions = positionsOf(slot);
  const values = valuesOf(address(p, Gathered.list), slot);
  const offsets = offsetsScratch();
  const end = <usize>countOf(slot) << 2;
  const perPosition = i32x4.splat(bytes);
  const perValue = i32x4.splat(operand(p, Gathered.multipleBytes));
  const graded = isGraded(slot);
  for (let k: usize = 0; k < end; k += 16) {
    const value = graded ? i32x4.mul(v128.load(values + k), perValue) : perValue;
    v128.store(offsets + k, i32x4.add(i32x4.mul(v128.load(positions + k), perPosition), value));
  }
}

/**
 * Leaves at `starts`, for every pixel of the source and for its end, the address of the first offset that is not of a
 * pixel before.
 */
function findStarts(slot: usize, stride: i32, pixels: i32, starts: usize): void {
  const positions = positionsOf(slot);
  const offsets = offsetsScratch();
  const count = <usize>countOf(slot) << 2;
  // Exact, because the weights of all channels of a pixel fit into a table, so that a stride is below 2^14.
  const perStride = reciprocal(stride);
  const end = starts + (<usize>pixels << 2);
  const zero = i32x4.splat(0);
  for (let at = starts; at <= end; at += 16) v128.store(at, zero);
  for (let k: usize = 0; k < count; k += 4) {
    const pixel = <usize>smallQuotient(load<i32>(positions + k), perStride) << 2;
    store<u32>(starts + pixel, <u32>(offsets + k + 4), 4);
  }
  // A pixel without events begins where the one before ends.
  let last = i32x4.splat(<i32>offsets);
  for (let at = starts; at <= end; at += 16) {
    let four = i32x4.max_u(v128.load(at), last);
    four = i32x4.max_u(four, v128.shuffle<i32>(four, zero, 4, 0, 1, 2));
    four = i32x4.max_u(four, v128.shuffle<i32>(four, zero, 4, 4, 0, 1));
    v128.store(at, four);
    last = v128.shuffle<i32>(four, four, 3, 3, 3, 3);
  }
}

/**
 * Lists the events of the rows from `top` to before `bottom` column by column, so that those of a window are one run;
 * leaves at `columns` where each column begins, and the end. Rows of the kernel are `beyond` bytes shorter than offsets
 * have them. Returns whether there are any.
 */
function listColumns(
  starts: usize,
  width: i32,
  top: i32,
  bottom: i32,
  beyond: i32,
  listed: usize,
  columns: usize,
): bool {
  const rowBytes = <usize>width << 2;
  const perRow = i32x4.splat(beyond);
  let next = listed;
  for (let x: usize = 0; x < rowBytes; x += 4) {
    store<u32>(columns + x, <u32>next);
    let at = starts + <usize>top * rowBytes + x;
    const end = starts + <usize>bottom * rowBytes + x;
    for (let row = i32x4.splat(top * beyond); at < end; at += rowBytes, row = i32x4.add(row, perRow)) {
      let from = <usize>load<u32>(at);
      const to = <usize>load<u32>(at, 4);
      const after = next + (to - from);
      // Eight are copied whether they are there or not, because a branch on chance costs more.
      do {
        v128.store(next, i32x4.sub(v128.load(from), row));
        v128.store(next, i32x4.sub(v128.load(from, 16), row), 16);
        next += 32;
        from += 32;
      } while (from < to);
      next = after;
    }
  }
  store<u32>(columns + rowBytes, <u32>next);
  return next > listed;
}
