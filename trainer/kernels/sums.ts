import { BLOCK, BLOCK_SHIFT, CHUNK, OUTPUTS } from './block';
import { columnsOf, endsOf, listOf } from './lists';
import { Product } from './product';

/** sums = matrix·weightsᵀ + bias for a block of outputs: per row the weights of its active inputs, in their order. */
export function addActiveRows(part: i32, product: Product): i32 {
  const inputs = product.inputs;
  const width = widthOf(part, product);
  const columns = scratchOf(part, product);
  turn(weightsOf(part, product), inputs, width, columns);
  const start = columns + <usize>inputs * BLOCK;
  memory.fill(start, 0, BLOCK);
  if (product.bias != 0) memory.copy(start, product.bias + <usize>part * BLOCK, <usize>width << 2);
  const isGraded = load<i32>(product.graded) != 0;
  const rows = product.rows;
  for (let row = 0, list: usize = 0; row < rows; row++) {
    const factors = isGraded ? numbersOf(row, product) : 0;
    list = listOf(row, list, product);
    addListed(list, columns, start, sumsOf(row, part, product), width, factors);
  }
  return 0;
}

/**
 * weights = sumsᵀ·matrix for a block of outputs, the gradient of `addActiveRows`: for each input the gradients of the
 * rows where it is active, row by row.
 */
export function addActiveGradients(part: i32, product: Product): i32 {
  const inputs = product.inputs;
  const width = widthOf(part, product);
  const weights = scratchOf(part, product);
  const own = weights + <usize>inputs * BLOCK;
  const isGraded = load<i32>(product.graded) != 0;
  memory.fill(weights, 0, <usize>inputs * BLOCK);
  for (let first = 0, chunk = 0; first < product.rows; first += CHUNK, chunk++) {
    copyBlocks(first, part, width, own, product);
    const ends = endsOf(chunk, product);
    let list = columnsOf(chunk, product);
    for (let i = 0; i < inputs; i++) {
      const end = load<usize>(ends + (<usize>i << 2));
      const factors = isGraded ? numbersOf(first, product) + (<usize>i << 2) : 0;
      if (list < end) addRows(list, end, own, weights + <usize>i * BLOCK, factors, <usize>inputs << 2);
      list = end;
    }
  }
  turnBack(weights, inputs, width, weightsOf(part, product));
  return 0;
}

/** Copies the blocks of a part of a chunk of sums, from its first row on, one behind the other. */
function copyBlocks(first: i32, part: i32, width: i32, to: usize, product: Product): void {
  const end = min(product.rows, first + CHUNK);
  for (let row = first; row < end; row++, to += BLOCK) {
    const from = sumsOf(row, part, product);
    if (width < OUTPUTS) memory.copy(to, from, <usize>width << 2);
    else for (let k: usize = 0; k < BLOCK; k += 16) v128.store(to + k, v128.load(from + k));
  }
}

/** How many outputs a part has. */
function widthOf(part: i32, product: Product): i32 {
  return min(OUTPUTS, product.outputs - part * OUTPUTS);
}

/** A part's room for its weights and what else it needs. */
function scratchOf(part: i32, product: Product): usize {
  return product.scratch + <usize>part * <usize>(product.inputs + CHUNK) * BLOCK;
}

/** The weights of a part's first output. */
function weightsOf(part: i32, product: Product): usize {
  return product.weights + <usize>part * BLOCK * <usize>product.inputs;
}

/** A part's sums of a row. */
function sumsOf(row: i32, part: i32, product: Product): usize {
  return product.sums + ((<usize>row * <usize>product.outputs) << 2) + <usize>part * BLOCK;
}

function numbersOf(row: i32, product: Product): usize {
  return product.matrix + ((<usize>row * <usize>product.inputs) << 2);
}

/** Adds to the block at `to` the listed ones; with `factors`, each as often as the number of its row there says. */
// @ts-ignore: decorator
@inline
function addRows(list: usize, end: usize, blocks: usize, to: usize, factors: usize, rowBytes: usize): void {
  let s0 = v128.load(to);
  let s1 = v128.load(to, 16);
  let s2 = v128.load(to, 32);
  let s3 = v128.load(to, 48);
  let s4 = v128.load(to, 64);
  let s5 = v128.load(to, 80);
  let s6 = v128.load(to, 96);
  let s7 = v128.load(to, 112);
  if (factors == 0) {
    for (; list < end; list += 2) {
      const block = blocks + <usize>load<u16>(list);
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
    for (; list < end; list += 2) {
      const at = <usize>load<u16>(list);
      const block = blocks + at;
      const factor = v128.load32_splat(factors + (at >> BLOCK_SHIFT) * rowBytes);
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
  v128.store(to, s0);
  v128.store(to, s1, 16);
  v128.store(to, s2, 32);
  v128.store(to, s3, 48);
  v128.store(to, s4, 64);
  v128.store(to, s5, 80);
  v128.store(to, s6, 96);
  v128.store(to, s7, 112);
}

/** Rows [width, length] as columns, a block [32] for each of `length`. */
function turn(from: usize, length: i32, width: i32, to: usize): void {
  for (let i = 0; i < length; i += 4) {
    for (let o = 0; o < width; o += 4) {
      const rows = min(4, width - o);
      const columns = min(4, length - i);
      transpose(inRows(from, length, o, i), <usize>length << 2, inBlocks(to, o, i), BLOCK, rows, columns);
    }
  }
}

/** Blocks of columns as rows again. */
function turnBack(from: usize, length: i32, width: i32, to: usize): void {
  for (let i = 0; i < length; i += 4) {
    for (let o = 0; o < width; o += 4) {
      const rows = min(4, length - i);
      const columns = min(4, width - o);
      transpose(inBlocks(from, o, i), BLOCK, inRows(to, length, o, i), <usize>length << 2, rows, columns);
    }
  }
}

/** Up to four rows and columns turned; from one row to the next it is so many bytes. */
// @ts-ignore: decorator
@inline
function transpose(from: usize, fromBytes: usize, to: usize, toBytes: usize, rows: i32, columns: i32): void {
  if (rows < 4 || columns < 4) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const value = load<f32>(from + <usize>row * fromBytes + (<usize>column << 2));
        store<f32>(to + <usize>column * toBytes + (<usize>row << 2), value);
      }
    }
    return;
  }
  const a = v128.load(from);
  const b = v128.load(from + fromBytes);
  const c = v128.load(from + 2 * fromBytes);
  const d = v128.load(from + 3 * fromBytes);
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const abEnd = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cdEnd = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(to + toBytes, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(to + 2 * toBytes, v128.shuffle<i64>(abEnd, cdEnd, 0, 2));
  v128.store(to + 3 * toBytes, v128.shuffle<i64>(abEnd, cdEnd, 1, 3));
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
