import { countOf, isGraded, isRepeated, positionsOf, slotOf, valuesOf } from './emission-ring';
import { addListed } from './listed-rows';
import { address, countSynapticOperations, factorsScratch, offsetsScratch, operand } from './memory';
import { quotient, reciprocal } from './window';
import { Rows } from './names.generated';

// A row of weights per input, [inputs][columns]: every event adds its row to the accumulators.
//
// X is the type of accumulators, W that of weights.
//
// Whole numbers lie in pairs. Of sixteen columns, the first eight are the low bytes of eight 16-bit lanes, each with
// 128 added, and the last eight are the high bytes. So without widening anything, the lanes added up as they are and
// the lanes shifted right by 8 added up give both sums of each pair: high = Σ (lane >> 8), low = Σ lane − 256·high −
// 128·events, modulo 2^16.

/** Events after which a 16-bit sum of bytes could wrap: 256·127 < 2^15. */
const CHUNK: usize = 256;

/**
 * Operands: list, delay, source stride, source pixels, weights, row bytes, accumulator, columns, shift, synapses of an
 * input, kept: where nothing else is added and values stay for several steps, a copy of the sums, which is all that a
 * repeated step needs; else 0.
 */
export function addRows<X, W>(p: usize): void {
  const list = address(p, Rows.list);
  const slot = slotOf(list, operand(p, Rows.delay));
  const count = countOf(slot);
  if (count == 0) return;
  const shift = operand(p, Rows.shift);
  countSynapticOperations(<f64>count * <f64>operand(p, Rows.synapses));
  const accumulator = address(p, Rows.accumulator);
  const columns = operand(p, Rows.columns);
  const kept = address(p, Rows.kept);
  if (kept != 0 && isRepeated(slot)) {
    memory.copy(accumulator, kept, <usize>columns * sizeof<X>());
    return;
  }
  findRows(p, slot, count);
  const weights = address(p, Rows.weights);
  const from = offsetsScratch();
  const to = from + (<usize>count << 2);
  const widens = isFloat<X>() && isInteger<W>();
  if (!isGraded(slot) && shift == 0 && !widens) {
    if (isFloat<X>()) addListed<f32>(accumulator, weights, <usize>columns << 2, from, to, false);
    else if (sizeof<X>() == 2) addPairs<X>(weights, accumulator, columns, from, to);
    else for (let k = from; k < to; k += CHUNK << 2) addPairs<X>(weights, accumulator, columns, k, min(to, k + (CHUNK << 2)));
    return;
  }
  findFactors<X>(valuesOf(list, slot), count, isGraded(slot), shift);
  if (widens) addWidenedPairs(weights, accumulator, columns, from, to);
  else if (isFloat<X>()) addListed<f32>(accumulator, weights, <usize>columns << 2, from, to, true);
  else if (sizeof<X>() == 2) addScaledPairs16(weights, accumulator, columns, from, to);
  else addScaledPairs32(weights, accumulator, columns, from, to);
  if (kept != 0 && isGraded(slot)) memory.copy(kept, accumulator, <usize>columns * sizeof<X>());
}

/** Offsets of the events' rows from the first weight. */
function findRows(p: usize, slot: usize, count: i32): void {
  const positions = positionsOf(slot);
  const stride = operand(p, Rows.sourceStride);
  const pixels = operand(p, Rows.sourcePixels);
  const rowBytes = operand(p, Rows.rowBytes);
  const offsets = offsetsScratch();
  const end = <usize>count << 2;
  if (pixels == 1) {
    for (let k: usize = 0; k < end; k += 4) store<i32>(offsets + k, load<i32>(positions + k) * rowBytes);
  } else {
    const perStride = reciprocal(stride);
    for (let k: usize = 0; k < end; k += 4) {
      const position = load<i32>(positions + k);
      const pixel = quotient(position, stride, perStride);
      store<i32>(offsets + k, ((position - pixel * stride) * pixels + pixel) * rowBytes);
    }
  }
}

/** What a row counts for: value·2^shift, or the value of a real event. */
function findFactors<X>(values: usize, count: i32, graded: bool, shift: i32): void {
  const factors = factorsScratch();
  const end = <usize>count << 2;
  if (isFloat<X>() && graded) {
    memory.copy(factors, values, end);
  } else if (isFloat<X>()) {
    for (let k: usize = 0; k < end; k += 4) store<f32>(factors + k, 1);
  } else {
    for (let k: usize = 0; k < end; k += 4) store<i32>(factors + k, (graded ? load<i32>(values + k) : 1) << shift);
  }
}

// @ts-ignore: decorator
@inline
function addPairs<X>(weights: usize, accumulator: usize, columns: i32, from: usize, to: usize): void {
  const events = <i32>((to - from) >> 2);
  let c = 0;
  for (; c + 64 <= columns; c += 64) {
    const w = weights + <usize>c;
    let sum0 = i16x8.splat(0);
    let sum1 = i16x8.splat(0);
    let sum2 = i16x8.splat(0);
    let sum3 = i16x8.splat(0);
    let high0 = i16x8.splat(0);
    let high1 = i16x8.splat(0);
    let high2 = i16x8.splat(0);
    let high3 = i16x8.splat(0);
    for (let k = from; k < to; k += 4) {
      const row = w + <usize>load<u32>(k);
      let lanes = v128.load(row);
      sum0 = i16x8.add(sum0, lanes);
      high0 = i16x8.add(high0, i16x8.shr_s(lanes, 8));
      lanes = v128.load(row, 16);
      sum1 = i16x8.add(sum1, lanes);
      high1 = i16x8.add(high1, i16x8.shr_s(lanes, 8));
      lanes = v128.load(row, 32);
      sum2 = i16x8.add(sum2, lanes);
      high2 = i16x8.add(high2, i16x8.shr_s(lanes, 8));
      lanes = v128.load(row, 48);
      sum3 = i16x8.add(sum3, lanes);
      high3 = i16x8.add(high3, i16x8.shr_s(lanes, 8));
    }
    const a = accumulator + <usize>c * sizeof<X>();
    addSums<X>(a, sum0, high0, events);
    addSums<X>(a + 16 * sizeof<X>(), sum1, high1, events);
    addSums<X>(a + 32 * sizeof<X>(), sum2, high2, events);
    addSums<X>(a + 48 * sizeof<X>(), sum3, high3, events);
  }
  for (; c < columns; c += 16) {
    const w = weights + <usize>c;
    let sum = i16x8.splat(0);
    let high = i16x8.splat(0);
    for (let k = from; k < to; k += 4) {
      const lanes = v128.load(w + <usize>load<u32>(k));
      sum = i16x8.add(sum, lanes);
      high = i16x8.add(high, i16x8.shr_s(lanes, 8));
    }
    addSums<X>(accumulator + <usize>c * sizeof<X>(), sum, high, events);
  }
}

/**
 * Takes the sums of sixteen columns apart and adds them to their accumulators; low bytes counted 128 too much `times`
 * times.
 */
// @ts-ignore: decorator
@inline
function addSums<X>(accumulator: usize, sum: v128, high: v128, times: i32): void {
  const low = i16x8.sub(i16x8.sub(sum, i16x8.shl(high, 8)), i16x8.splat(<i16>(times << 7)));
  if (sizeof<X>() == 2) {
    v128.store(accumulator, i16x8.add(v128.load(accumulator), low));
    v128.store(accumulator, i16x8.add(v128.load(accumulator, 16), high), 16);
  } else {
    v128.store(accumulator, i32x4.add(v128.load(accumulator), i32x4.extend_low_i16x8_s(low)));
    v128.store(accumulator, i32x4.add(v128.load(accumulator, 16), i32x4.extend_high_i16x8_s(low)), 16);
    v128.store(accumulator, i32x4.add(v128.load(accumulator, 32), i32x4.extend_low_i16x8_s(high)), 32);
    v128.store(accumulator, i32x4.add(v128.load(accumulator, 48), i32x4.extend_high_i16x8_s(high)), 48);
  }
}

/** Products and sums wrap at 16 bits; the whole sum was proved to fit, so that it is exact. */
function addScaledPairs16(weights: usize, accumulator: usize, columns: i32, from: usize, to: usize): void {
  const factors = factorsScratch() - from;
  let total = 0;
  for (let k = from; k < to; k += 4) total += load<i32>(factors + k);
  for (let c = 0; c < columns; c += 16) {
    let sum = i16x8.splat(0);
    let high = i16x8.splat(0);
    for (let k = from; k < to; k += 4) {
      const lanes = v128.load(weights + <usize>c + <usize>load<u32>(k));
      const factor = i16x8.splat(<i16>load<i32>(factors + k));
      sum = i16x8.add(sum, i16x8.mul(lanes, factor));
      high = i16x8.add(high, i16x8.mul(i16x8.shr_s(lanes, 8), factor));
    }
    addSums<i16>(accumulator + (<usize>c << 1), sum, high, total);
  }
}

function addScaledPairs32(weights: usize, accumulator: usize, columns: i32, from: usize, to: usize): void {
  const factors = factorsScratch() - from;
  for (let c = 0; c < columns; c += 16) {
    const a = accumulator + (<usize>c << 2);
    let a0 = v128.load(a);
    let a1 = v128.load(a, 16);
    let a2 = v128.load(a, 32);
    let a3 = v128.load(a, 48);
    for (let k = from; k < to; k += 4) {
      const lanes = v128.load(weights + <usize>c + <usize>load<u32>(k));
      const factor = i32x4.splat(load<i32>(factors + k));
      const high = i16x8.shr_s(lanes, 8);
      const low = i16x8.sub(i16x8.sub(lanes, i16x8.shl(high, 8)), i16x8.splat(128));
      a0 = i32x4.add(a0, i32x4.mul(i32x4.extend_low_i16x8_s(low), factor));
      a1 = i32x4.add(a1, i32x4.mul(i32x4.extend_high_i16x8_s(low), factor));
      a2 = i32x4.add(a2, i32x4.mul(i32x4.extend_low_i16x8_s(high), factor));
      a3 = i32x4.add(a3, i32x4.mul(i32x4.extend_high_i16x8_s(high), factor));
    }
    v128.store(a, a0);
    v128.store(a, a1, 16);
    v128.store(a, a2, 32);
    v128.store(a, a3, 48);
  }
}

/** Whole weights and sums that are not: each product and each sum is rounded as with weights of 32 bits. */
function addWidenedPairs(weights: usize, accumulator: usize, columns: i32, from: usize, to: usize): void {
  const factors = factorsScratch() - from;
  for (let c = 0; c < columns; c += 16) {
    const a = accumulator + (<usize>c << 2);
    let a0 = v128.load(a);
    let a1 = v128.load(a, 16);
    let a2 = v128.load(a, 32);
    let a3 = v128.load(a, 48);
    for (let k = from; k < to; k += 4) {
      const lanes = v128.load(weights + <usize>c + <usize>load<u32>(k));
      const factor = v128.load32_splat(factors + k);
      const high = i16x8.shr_s(lanes, 8);
      const low = i16x8.sub(i16x8.sub(lanes, i16x8.shl(high, 8)), i16x8.splat(128));
      a0 = f32x4.add(a0, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low)), factor));
      a1 = f32x4.add(a1, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low)), factor));
      a2 = f32x4.add(a2, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high)), factor));
      a3 = f32x4.add(a3, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high)), factor));
    }
    v128.store(a, a0);
    v128.store(a, a1, 16);
    v128.store(a, a2, 32);
    v128.store(a, a3, 48);
  }
}
