import { convolve } from './convolution';
import { countOf, isGraded, positionsOf, slotOf } from './emission-ring';
import { address, countSynapticOperations, offsetsScratch, operand } from './memory';
import { quotient, reciprocal } from './window';
import { Patterned, Patterns } from './names.generated';

// Spikes of one channel, stride 1, sums of 16 bits, kernels of five by five at most. What a row of the kernel sees of a
// row of the image is one of 32 patterns, and a table has the weights of each already added up: a pixel then costs as
// many additions as the kernel has rows, however many spikes. All distances within the table are constants, because
// every instruction counts here.

/** Pixels per spike beyond which it is quicker to add spikes one by one. */
const SPARSE: i32 = 24;
/** Bytes of an entry, and of all patterns of a row of the kernel. */
const ENTRY: usize = 2 * Patterns.lanes;
const ROW: usize = ENTRY * Patterns.count;
/** Pixels that are looked at together. */
const LANES: i32 = 16;

/**
 * Operands: those of a convolution, table [sixteen channels][five rows of the kernel][pattern][channel]. Bit k of a
 * pattern is the spike that weight k of a row meets.
 */
export function addPatterns(p: usize): void {
  const slot = slotOf(address(p, Patterned.list), operand(p, Patterned.delay));
  if (SPARSE * countOf(slot) < operand(p, Patterned.outputHeight) * operand(p, Patterned.outputWidth) || isGraded(slot)) {
    convolve<i16>(p);
    return;
  }
  // A margin on both sides for what spikes at an edge bring to pixels outside.
  const rowBytes = (operand(p, Patterned.outputWidth) + 2 * Patterns.width + LANES - 1) & -LANES;
  const patterns = offsetsScratch();
  markPatterns(p, slot, patterns, rowBytes);
  addChannels(p, patterns, rowBytes);
}

/**
 * Leaves at `patterns`, row by row of the padded image, what the kernel sees of that row when it stands at each output
 * column.
 */
function markPatterns(p: usize, slot: usize, patterns: usize, rowBytes: i32): void {
  const positions = positionsOf(slot);
  const end = <usize>countOf(slot) << 2;
  const width = operand(p, Patterned.inputWidth);
  const perWidth = reciprocal(width);
  const kernelHeight = operand(p, Patterned.kernelHeight);
  const kernelWidth = operand(p, Patterned.kernelWidth);
  const paddingY = operand(p, Patterned.paddingY);
  const paddingX = operand(p, Patterned.paddingX);
  const lastRow = operand(p, Patterned.outputHeight) + kernelHeight - 1;
  const lastColumn = operand(p, Patterned.outputWidth) + kernelWidth - 1;
  // No spike meets more taps of a column or a row than there are pixels for the kernel.
  const mostY = min<i32>(kernelHeight, operand(p, Patterned.outputHeight));
  const mostX = min<i32>(kernelWidth, operand(p, Patterned.outputWidth));
  const to = patterns + <usize>((operand(p, Patterned.outputHeight) + Patterns.rows) * rowBytes);
  for (let at = patterns; at < to; at += 16) v128.store(at, i8x16.splat(0));
  // At columns from left to right a spike meets the weights of a row from the last to the first.
  let bits: u64 = 0;
  for (let k = 0; k < kernelWidth; k++) bits = (bits << 8) | (<u64>1 << k);
  const first = patterns + <usize>(Patterns.width - kernelWidth);
  let taps = 0;
  for (let k: usize = 0; k < end; k += 4) {
    const position = load<i32>(positions + k);
    const row = quotient(position, width, perWidth);
    const bottom = row + paddingY;
    const right = position - row * width + paddingX;
    const at = first + <usize>(bottom * rowBytes + right);
    store<u64>(at, load<u64>(at) | bits);
    const tapsY = min<i32>(min<i32>(bottom + 1, mostY), lastRow - bottom);
    const tapsX = min<i32>(min<i32>(right + 1, mostX), lastColumn - right);
    taps += tapsY * tapsX;
  }
  countSynapticOperations(<f64>taps * <f64>operand(p, Patterned.outputsPerGroup));
}

/** Adds to every pixel what the patterns in its column bring, up to sixteen channels at a time. */
function addChannels(p: usize, patterns: usize, rowBytes: i32): void {
  let sums = address(p, Patterned.accumulator);
  let table = address(p, Patterned.table);
  for (let left = operand(p, Patterned.stride) << 1; left > 0; left -= 32) {
    if (left >= 32) add16(p, sums, table, patterns, rowBytes);
    else if (left == 24) add12(p, sums, table, patterns, rowBytes);
    else if (left == 16) add8(p, sums, table, patterns, rowBytes);
    else add4(p, sums, table, patterns, rowBytes);
    sums += 32;
    table += Patterns.rows * ROW;
  }
}

// Functions of their own, because V8 keeps more in registers in a small one.

function add16(p: usize, sums: usize, table: usize, patterns: usize, rowBytes: i32): void {
  addPixels(p, sums, table, patterns, rowBytes, 32);
}

function add12(p: usize, sums: usize, table: usize, patterns: usize, rowBytes: i32): void {
  addPixels(p, sums, table, patterns, rowBytes, 24);
}

function add8(p: usize, sums: usize, table: usize, patterns: usize, rowBytes: i32): void {
  addPixels(p, sums, table, patterns, rowBytes, 16);
}

function add4(p: usize, sums: usize, table: usize, patterns: usize, rowBytes: i32): void {
  addPixels(p, sums, table, patterns, rowBytes, 8);
}

/** The same for `part` bytes of the sums of every pixel. */
// @ts-ignore: decorator
@inline
function addPixels(
  p: usize,
  sums: usize,
  table: usize,
  patterns: usize,
  rowBytes: i32,
  part: i32,
): void {
  const outputHeight = operand(p, Patterned.outputHeight);
  const outputWidth = operand(p, Patterned.outputWidth);
  const bytes = operand(p, Patterned.stride) << 1;
  let first = patterns + <usize>(Patterns.width - 1);
  for (let y = 0; y < outputHeight; y++) {
    for (let x = 0; x < outputWidth; x += LANES) {
      const at = first + <usize>x;
      let some = v128.load(at);
      for (let row = 1; row < Patterns.rows; row++) some = v128.or(some, v128.load(at + <usize>(row * rowBytes)));
      const inside = outputWidth - x < LANES ? (1 << (outputWidth - x)) - 1 : 0xffff;
      let found = i8x16.bitmask(i8x16.ne(some, i8x16.splat(0))) & inside;
      for (; found != 0; found &= found - 1) {
        const lane = ctz(found);
        addColumn(sums + <usize>((x + lane) * bytes), at + <usize>lane, rowBytes, table, part);
      }
    }
    first += rowBytes;
    sums += <usize>(outputWidth * bytes);
  }
}

/** Adds the entries of the patterns in the column below `pattern` to `part` bytes of the sums of one pixel. */
// @ts-ignore: decorator
@inline
function addColumn(sums: usize, pattern: usize, rowBytes: i32, table: usize, part: i32): void {
  const t0 = table + <usize>load<u8>(pattern) * ENTRY;
  const t1 = table + <usize>load<u8>(pattern + <usize>rowBytes) * ENTRY;
  const t2 = table + <usize>load<u8>(pattern + <usize>rowBytes * 2) * ENTRY;
  const t3 = table + <usize>load<u8>(pattern + <usize>rowBytes * 3) * ENTRY;
  const t4 = table + <usize>load<u8>(pattern + <usize>rowBytes * 4) * ENTRY;
  let a = part < 16 ? v128.load64_zero(sums) : v128.load(sums);
  a = i16x8.add(a, v128.load(t0));
  a = i16x8.add(a, v128.load(t1, ROW));
  a = i16x8.add(a, v128.load(t2, 2 * ROW));
  a = i16x8.add(a, v128.load(t3, 3 * ROW));
  a = i16x8.add(a, v128.load(t4, 4 * ROW));
  if (part < 16) v128.store64_lane(sums, a, 0);
  else v128.store(sums, a);
  if (part <= 16) return;
  let b = part < 32 ? v128.load64_zero(sums, 16) : v128.load(sums, 16);
  b = i16x8.add(b, v128.load(t0, 16));
  b = i16x8.add(b, v128.load(t1, ROW + 16));
  b = i16x8.add(b, v128.load(t2, 2 * ROW + 16));
  b = i16x8.add(b, v128.load(t3, 3 * ROW + 16));
  b = i16x8.add(b, v128.load(t4, 4 * ROW + 16));
  if (part < 32) v128.store64_lane(sums, b, 0, 16);
  else v128.store(sums, b, 16);
}
