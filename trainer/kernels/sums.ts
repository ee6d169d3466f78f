import { BLOCK, OUTPUTS } from './block';

/**
 * sums [rows, outputs] = matrix [rows, inputs] · weights [outputs, inputs]ᵀ + bias for a block of outputs: per row the
 * weights of its active inputs, in their order.
 *
 * @param lists from `listRows`, with the same operands
 * @param scratch room for the weights with the outputs innermost, a block for each input and one more in every part
 */
export function addActiveRows(
  part: i32,
  matrix: usize,
  rows: i32,
  inputs: i32,
  lists: usize,
  slot: i32,
  graded: usize,
  weights: usize,
  sums: usize,
  outputs: i32,
  scratch: usize,
  bias: usize,
): i32 {
  const first = part * OUTPUTS;
  const width = min(OUTPUTS, outputs - first);
  const rowBytes = <usize>inputs << 2;
  const columns = scratch + <usize>part * (<usize>inputs + 1) * BLOCK;
  turn(weights + <usize>first * rowBytes, inputs, width, columns);
  const start = columns + <usize>inputs * BLOCK;
  memory.fill(start, 0, BLOCK);
  if (bias != 0) memory.copy(start, bias + (<usize>first << 2), <usize>width << 2);
  const isGraded = load<i32>(graded) != 0;
  let to = sums + (<usize>first << 2);
  for (let row = 0; row < rows; row++) {
    addListed(lists, columns, start, to, width, isGraded ? matrix : 0);
    matrix += rowBytes;
    lists += <usize>slot << 2;
    to += <usize>outputs << 2;
  }
  return 0;
}

/**
 * weights = sumsᵀ·matrix for a block of outputs, the gradient of `addActiveRows`: each row adds its gradients to those of
 * its active inputs, row by row.
 */
export function addActiveGradients(
  part: i32,
  matrix: usize,
  rows: i32,
  inputs: i32,
  lists: usize,
  slot: i32,
  graded: usize,
  weights: usize,
  sums: usize,
  outputs: i32,
  scratch: usize,
): i32 {
  const first = part * OUTPUTS;
  const width = min(OUTPUTS, outputs - first);
  const rowBytes = <usize>inputs << 2;
  const columns = scratch + <usize>part * (<usize>inputs + 1) * BLOCK;
  const own = columns + <usize>inputs * BLOCK;
  memory.fill(columns, 0, (<usize>inputs + 1) * BLOCK);
  const isGraded = load<i32>(graded) != 0;
  let from = sums + (<usize>first << 2);
  for (let row = 0; row < rows; row++) {
    if (width < OUTPUTS) memory.copy(own, from, <usize>width << 2);
    addToListed(lists, columns, width < OUTPUTS ? own : from, isGraded ? matrix : 0);
    matrix += rowBytes;
    lists += <usize>slot << 2;
    from += <usize>outputs << 2;
  }
  turnBack(columns, inputs, width, weights + <usize>first * rowBytes);
  return 0;
}

/** Adds the block at `from` to the listed blocks; with `factors`, as often as the number of each input there says. */
// @ts-ignore: decorator
@inline
function addToListed(list: usize, blocks: usize, from: usize, factors: usize): void {
  const s0 = v128.load(from);
  const s1 = v128.load(from, 16);
  const s2 = v128.load(from, 32);
  const s3 = v128.load(from, 48);
  const s4 = v128.load(from, 64);
  const s5 = v128.load(from, 80);
  const s6 = v128.load(from, 96);
  const s7 = v128.load(from, 112);
  const last = list + (<usize>load<i32>(list) << 2);
  if (factors == 0) {
    for (let k = list + 4; k <= last; k += 4) {
      const block = blocks + <usize>load<u32>(k);
      v128.store(block, f32x4.add(v128.load(block), s0));
      v128.store(block, f32x4.add(v128.load(block, 16), s1), 16);
      v128.store(block, f32x4.add(v128.load(block, 32), s2), 32);
      v128.store(block, f32x4.add(v128.load(block, 48), s3), 48);
      v128.store(block, f32x4.add(v128.load(block, 64), s4), 64);
      v128.store(block, f32x4.add(v128.load(block, 80), s5), 80);
      v128.store(block, f32x4.add(v128.load(block, 96), s6), 96);
      v128.store(block, f32x4.add(v128.load(block, 112), s7), 112);
    }
  } else {
    for (let k = list + 4; k <= last; k += 4) {
      const at = <usize>load<u32>(k);
      const block = blocks + at;
      const factor = v128.load32_splat(factors + (at >> 5));
      v128.store(block, f32x4.add(v128.load(block), f32x4.mul(s0, factor)));
      v128.store(block, f32x4.add(v128.load(block, 16), f32x4.mul(s1, factor)), 16);
      v128.store(block, f32x4.add(v128.load(block, 32), f32x4.mul(s2, factor)), 32);
      v128.store(block, f32x4.add(v128.load(block, 48), f32x4.mul(s3, factor)), 48);
      v128.store(block, f32x4.add(v128.load(block, 64), f32x4.mul(s4, factor)), 64);
      v128.store(block, f32x4.add(v128.load(block, 80), f32x4.mul(s5, factor)), 80);
      v128.store(block, f32x4.add(v128.load(block, 96), f32x4.mul(s6, factor)), 96);
      v128.store(block, f32x4.add(v128.load(block, 112), f32x4.mul(s7, factor)), 112);
    }
  }
}

/** Blocks of columns as rows again. */
function turnBack(from: usize, length: i32, width: i32, to: usize): void {
  for (let o = 0; o < width; o++) {
    for (let i = 0; i < length; i++) {
      store<f32>(to + ((<usize>o * <usize>length + <usize>i) << 2), load<f32>(from + <usize>i * BLOCK + (<usize>o << 2)));
    }
  }
}

/** Rows [width, length] as columns, a block [32] for each of `length`. */
function turn(from: usize, length: i32, width: i32, to: usize): void {
  for (let o = 0; o < width; o++) {
    for (let i = 0; i < length; i++) {
      store<f32>(to + <usize>i * BLOCK + (<usize>o << 2), load<f32>(from + ((<usize>o * <usize>length + <usize>i) << 2)));
    }
  }
}

/**
 * The sum of the listed blocks from `start` on, its first `width` numbers to `to`. With `factors` each block counts as
 * often as the number of its input there says.
 */
// @ts-ignore: decorator
@inline
function addListed(list: usize, blocks: usize, start: usize, to: usize, width: i32, factors: usize): void {
  let s0 = v128.load(start);
  let s1 = v128.load(start, 16);
  let s2 = v128.load(start, 32);
  let s3 = v128.load(start, 48);
  let s4 = v128.load(start, 64);
  let s5 = v128.load(start, 80);
  let s6 = v128.load(start, 96);
  let s7 = v128.load(start, 112);
  const last = list + (<usize>load<i32>(list) << 2);
  let k = list + 4;
  if (factors == 0) {
    for (; k < last; k += 8) {
      const a = blocks + <usize>load<u32>(k);
      const b = blocks + <usize>load<u32>(k, 4);
      s0 = f32x4.add(f32x4.add(s0, v128.load(a)), v128.load(b));
      s1 = f32x4.add(f32x4.add(s1, v128.load(a, 16)), v128.load(b, 16));
      s2 = f32x4.add(f32x4.add(s2, v128.load(a, 32)), v128.load(b, 32));
      s3 = f32x4.add(f32x4.add(s3, v128.load(a, 48)), v128.load(b, 48));
      s4 = f32x4.add(f32x4.add(s4, v128.load(a, 64)), v128.load(b, 64));
      s5 = f32x4.add(f32x4.add(s5, v128.load(a, 80)), v128.load(b, 80));
      s6 = f32x4.add(f32x4.add(s6, v128.load(a, 96)), v128.load(b, 96));
      s7 = f32x4.add(f32x4.add(s7, v128.load(a, 112)), v128.load(b, 112));
    }
    if (k == last) {
      const block = blocks + <usize>load<u32>(k);
      s0 = f32x4.add(s0, v128.load(block));
      s1 = f32x4.add(s1, v128.load(block, 16));
      s2 = f32x4.add(s2, v128.load(block, 32));
      s3 = f32x4.add(s3, v128.load(block, 48));
      s4 = f32x4.add(s4, v128.load(block, 64));
      s5 = f32x4.add(s5, v128.load(block, 80));
      s6 = f32x4.add(s6, v128.load(block, 96));
      s7 = f32x4.add(s7, v128.load(block, 112));
    }
  } else {
    for (; k <= last; k += 4) {
      const at = <usize>load<u32>(k);
      const block = blocks + at;
      const factor = v128.load32_splat(factors + (at >> 5));
      s0 = f32x4.add(s0, f32x4.mul(v128.load(block), factor));
      s1 = f32x4.add(s1, f32x4.mul(v128.load(block, 16), factor));
      s2 = f32x4.add(s2, f32x4.mul(v128.load(block, 32), factor));
      s3 = f32x4.add(s3, f32x4.mul(v128.load(block, 48), factor));
      s4 = f32x4.add(s4, f32x4.mul(v128.load(block, 64), factor));
      s5 = f32x4.add(s5, f32x4.mul(v128.load(block, 80), factor));
      s6 = f32x4.add(s6, f32x4.mul(v128.load(block, 96), factor));
      s7 = f32x4.add(s7, f32x4.mul(v128.load(block, 112), factor));
    }
  }
  if (width == OUTPUTS) {
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
    v128.store(to, s4, 64);
    v128.store(to, s5, 80);
    v128.store(to, s6, 96);
    v128.store(to, s7, 112);
    return;
  }
  storePart(to, width, s0, s1, s2, s3, s4, s5, s6, s7);
}

function storePart(to: usize, width: i32, s0: v128, s1: v128, s2: v128, s3: v128, s4: v128, s5: v128, s6: v128, s7: v128): void {
  for (let o = 0; o < width; o += 4) {
    const s = o < 4 ? s0 : o < 8 ? s1 : o < 12 ? s2 : o < 16 ? s3 : o < 20 ? s4 : o < 24 ? s5 : o < 28 ? s6 : s7;
    const at = to + (<usize>o << 2);
    if (width - o >= 4) {
      v128.store(at, s);
      continue;
    }
    store<f32>(at, f32x4.extract_lane(s, 0));
    if (width - o > 1) store<f32>(at, f32x4.extract_lane(s, 1), 4);
    if (width - o > 2) store<f32>(at, f32x4.extract_lane(s, 2), 8);
  }
}
