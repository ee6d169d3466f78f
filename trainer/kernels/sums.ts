import { BLOCK, OUTPUTS } from './block';
import { Product } from './product';

/** sums = matrix·weightsᵀ + bias for a block of outputs: per row the weights of its active inputs, in their order. */
export function addActiveRows(part: i32, product: Product): i32 {
  const inputs = product.inputs;
  const width = widthOf(part, product);
  const columns = columnsOf(part, product);
  turn(weightsOf(part, product), inputs, width, columns);
  const start = columns + <usize>inputs * BLOCK;
  memory.fill(start, 0, BLOCK);
  if (product.bias != 0) memory.copy(start, product.bias + <usize>part * BLOCK, <usize>width << 2);
  const isGraded = load<i32>(product.graded) != 0;
  const rows = product.rows;
  for (let row = 0; row < rows; row++) {
    const factors = isGraded ? numbersOf(row, product) : 0;
    addListed(listOf(row, product), columns, start, sumsOf(row, part, product), width, factors);
  }
  return 0;
}

/**
 * weights = sumsᵀ·matrix for a block of outputs, the gradient of `addActiveRows`: each row adds its gradients to those
 * of its active inputs, row by row.
 */
export function addActiveGradients(part: i32, product: Product): i32 {
  const inputs = product.inputs;
  const width = widthOf(part, product);
  const columns = columnsOf(part, product);
  memory.fill(columns, 0, (<usize>inputs + 1) * BLOCK);
  const own = columns + <usize>inputs * BLOCK;
  const isGraded = load<i32>(product.graded) != 0;
  const rows = product.rows;
  for (let row = 0; row < rows; row++) {
    const from = sumsOf(row, part, product);
    if (width < OUTPUTS) memory.copy(own, from, <usize>width << 2);
    const factors = isGraded ? numbersOf(row, product) : 0;
    addToListed(listOf(row, product), columns, width < OUTPUTS ? own : from, factors);
  }
  turnBack(columns, inputs, width, weightsOf(part, product));
  return 0;
}

/** How many outputs a part has. */
function widthOf(part: i32, product: Product): i32 {
  return min(OUTPUTS, product.outputs - part * OUTPUTS);
}

/** A part's room for its weights. */
function columnsOf(part: i32, product: Product): usize {
  return product.scratch + <usize>part * (<usize>product.inputs + 1) * BLOCK;
}

/** The weights of a part's first output. */
function weightsOf(part: i32, product: Product): usize {
  return product.weights + <usize>part * BLOCK * <usize>product.inputs;
}

/** A part's sums of a row. */
function sumsOf(row: i32, part: i32, product: Product): usize {
  return product.sums + ((<usize>row * <usize>product.outputs) << 2) + <usize>part * BLOCK;
}

function listOf(row: i32, product: Product): usize {
  return product.lists + ((<usize>row * <usize>product.slot) << 2);
}

function numbersOf(row: i32, product: Product): usize {
  return product.matrix + ((<usize>row * <usize>product.inputs) << 2);
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
    for (let i = 0; i < length; i++) store<f32>(inRows(to, length, o, i), load<f32>(inBlocks(from, o, i)));
  }
}

/** Rows [width, length] as columns, a block [32] for each of `length`. */
function turn(from: usize, length: i32, width: i32, to: usize): void {
  for (let o = 0; o < width; o++) {
    for (let i = 0; i < length; i++) store<f32>(inBlocks(to, o, i), load<f32>(inRows(from, length, o, i)));
  }
}

// @ts-ignore: decorator
@inline
function inRows(rows: usize, length: i32, o: i32, i: i32): usize {
  return rows + ((<usize>o * <usize>length + <usize>i) << 2);
}

// @ts-ignore: decorator
@inline
function inBlocks(blocks: usize, o: i32, i: i32): usize {
  return blocks + <usize>i * BLOCK + (<usize>o << 2);
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

function storePart(
  to: usize,
  width: i32,
  s0: v128,
  s1: v128,
  s2: v128,
  s3: v128,
  s4: v128,
  s5: v128,
  s6: v128,
  s7: v128,
): void {
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
