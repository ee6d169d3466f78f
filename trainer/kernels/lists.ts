import { BLOCK_SHIFT, CHUNK } from './block';
import { Product } from './product';

/** Rows of a part, whose lists lie one behind the other. */
const ROWS: i32 = 64;

/**
 * Lists which inputs of each row of the matrix are not 0: how many, and where the blocks of these lie, in bytes from
 * the first, ascending. Where one is neither 0 nor 1, `graded` becomes 1. Returns how many there are.
 */
export function listRows(part: i32, product: Product): i32 {
  const rows = product.rows;
  const inputs = product.inputs;
  const members = product.members;
  const rowBytes = <usize>inputs << 2;
  const first = part * ROWS;
  const end = min(rows, first + ROWS);
  let values = product.matrix + <usize>first * rowBytes;
  let list = product.lists + ((<usize>first * <usize>product.slot) << 2);
  let isGraded = f32x4.splat(0);
  let total = 0;
  for (let row = first; row < end; row++) {
    let to = list + 4;
    let i = 0;
    for (; i + 8 <= inputs; i += 8) {
      const at = values + (<usize>i << 2);
      const low = v128.load(at);
      const high = v128.load(at, 16);
      isGraded = v128.or(isGraded, v128.or(neitherZeroNorOne(low), neitherZeroNorOne(high)));
      const set = setOf(low, high);
      const which = i16x8.extend_low_i8x16_u(v128.load64_zero(members + (<usize>set << 3)));
      const base = i32x4.splat(i);
      v128.store(to, i32x4.shl(i32x4.add(base, i32x4.extend_low_i16x8_u(which)), BLOCK_SHIFT));
      v128.store(to, i32x4.shl(i32x4.add(base, i32x4.extend_high_i16x8_u(which)), BLOCK_SHIFT), 16);
      to += <usize>popcnt(set) << 2;
    }
    for (; i < inputs; i++) {
      const value = load<f32>(values + (<usize>i << 2));
      if (value == 0) continue;
      isGraded = v128.or(isGraded, neitherZeroNorOne(f32x4.splat(value)));
      store<i32>(to, i << BLOCK_SHIFT);
      to += 4;
    }
    const count = <i32>((to - list - 4) >> 2);
    store<i32>(list, count);
    total += count;
    values += rowBytes;
    list = to;
  }
  if (v128.any_true(isGraded)) store<i32>(product.graded, 1);
  return total;
}

/**
 * Lists in which rows of a chunk each input is not 0, from the lists of the rows: where the blocks of these lie, in
 * bytes from the first of the chunk, ascending.
 */
export function listColumns(part: i32, product: Product): i32 {
  const ends = endsOf(part, product);
  memory.fill(ends, 0, <usize>product.inputs << 2);
  const first = part * CHUNK;
  const end = min(product.rows, first + CHUNK);
  for (let row = first, list: usize = 0; row < end; row++) {
    list = listOf(row, list, product);
    const last = list + (<usize>load<i32>(list) << 2);
    for (let k = list + 4; k <= last; k += 4) {
      const count = ends + <usize>(load<u32>(k) >> (BLOCK_SHIFT - 2));
      store<i32>(count, load<i32>(count) + 1);
    }
  }
  let next = columnsOf(part, product);
  for (let i = 0; i < product.inputs; i++) {
    const place = ends + (<usize>i << 2);
    const count = load<i32>(place);
    store<usize>(place, next);
    next += <usize>count << 1;
  }
  for (let row = first, list: usize = 0; row < end; row++) {
    list = listOf(row, list, product);
    const last = list + (<usize>load<i32>(list) << 2);
    for (let k = list + 4; k <= last; k += 4) {
      const place = ends + <usize>(load<u32>(k) >> (BLOCK_SHIFT - 2));
      const to = load<usize>(place);
      store<u16>(to, <u16>((row - first) << BLOCK_SHIFT));
      store<usize>(place, to + 2);
    }
  }
  return 0;
}

/** The list of a row, from that of the row before. */
export function listOf(row: i32, before: usize, product: Product): usize {
  if (row % ROWS == 0) return product.lists + ((<usize>row * <usize>product.slot) << 2);
  return before + (<usize>load<i32>(before) << 2) + 4;
}

/** The ends of the lists of a chunk's inputs. */
export function endsOf(chunk: i32, product: Product): usize {
  const inputs = <usize>product.inputs;
  return product.columns + <usize>chunk * ((inputs << 2) + ((inputs * CHUNK) << 1));
}

/** The list of a chunk's first input, behind which the others lie. */
export function columnsOf(chunk: i32, product: Product): usize {
  return endsOf(chunk, product) + (<usize>product.inputs << 2);
}

/** A bit for each of eight numbers that is not 0. */
// @ts-ignore: decorator
@inline
function setOf(low: v128, high: v128): i32 {
  const zero = f32x4.splat(0);
  return i16x8.bitmask(i16x8.narrow_i32x4_s(f32x4.ne(low, zero), f32x4.ne(high, zero)));
}

// @ts-ignore: decorator
@inline
function neitherZeroNorOne(numbers: v128): v128 {
  return v128.and(f32x4.ne(numbers, f32x4.splat(0)), f32x4.ne(numbers, f32x4.splat(1)));
}
