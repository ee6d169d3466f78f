import { countOf, indexOf, isGraded, positionsOf, slotOf, valuesOf } from './emission-ring';
import { address, countSynapticOperations, operand } from './memory';
import { Sparse, SparseFlags } from './names.generated';
import { valueOf, weightAt } from './values';

// Scatter along listed synapses: an event reads the row of its source, a run of memory, and adds to as many positions
// of the accumulators. What there is to read is all the cost; so targets have 16 bits where they fit, and a row whose
// synapses have one weight has it once.

/**
 * Operands: list, delay, source stride, source pixels, weights or 0, offsets (32 bits each, one more than inputs),
 * targets (positions in the accumulators), accumulator, shift, flags.
 */
export function addSparse<X>(p: usize): void {
  const list = address(p, Sparse.list);
  const slot = slotOf(list, operand(p, Sparse.delay));
  const count = countOf(slot);
  const graded = isGraded(slot);
  const values = valuesOf(list, slot);
  const positions = positionsOf(slot);
  const offsets = address(p, Sparse.offsets);
  const shift = operand(p, Sparse.shift);
  const flags = operand(p, Sparse.flags);
  const weights = address(p, Sparse.weights);
  const oneForAll = weights == 0 || (flags & SparseFlags.equalRows) != 0;
  let operations = 0;
  for (let k = 0; k < count; k++) {
    const input = indexOf(load<i32>(positions + (<usize>k << 2)), operand(p, Sparse.sourceStride), operand(p, Sparse.sourcePixels));
    const from = load<u32>(offsets + (<usize>input << 2));
    const to = load<u32>(offsets + (<usize>input << 2), 4);
    operations += to - from;
    const value = valueOf<X>(values, k, graded, shift);
    if (oneForAll) {
      const each = weights == 0 ? value : value * weightAt<X>(weights, input);
      if (flags & SparseFlags.wide) addEqual<X, u32>(p, from, to, each);
      else addEqual<X, u16>(p, from, to, each);
    } else if (flags & SparseFlags.wide) addRow<X, u32>(p, from, to, value);
    else addRow<X, u16>(p, from, to, value);
  }
  if (weights != 0) countSynapticOperations(<f64>operations);
}

// @ts-ignore: decorator
@inline
function addAt<X, T>(accumulator: usize, target: usize, amount: X): void {
  const at = accumulator + <usize>load<T>(target) * sizeof<X>();
  store<X>(at, load<X>(at) + amount);
}

/** The same amount to every target of a row. Four at a time: no target stands twice in a row. */
function addEqual<X, T>(p: usize, from: u32, to: u32, amount: X): void {
  const accumulator = address(p, Sparse.accumulator);
  const end = address(p, Sparse.targets) + <usize>to * sizeof<T>();
  let target = address(p, Sparse.targets) + <usize>from * sizeof<T>();
  for (; target + 4 * sizeof<T>() <= end; target += 4 * sizeof<T>()) {
    const a = accumulator + <usize>load<T>(target) * sizeof<X>();
    const b = accumulator + <usize>load<T>(target, sizeof<T>()) * sizeof<X>();
    const c = accumulator + <usize>load<T>(target, 2 * sizeof<T>()) * sizeof<X>();
    const d = accumulator + <usize>load<T>(target, 3 * sizeof<T>()) * sizeof<X>();
    store<X>(a, load<X>(a) + amount);
    store<X>(b, load<X>(b) + amount);
    store<X>(c, load<X>(c) + amount);
    store<X>(d, load<X>(d) + amount);
  }
  for (; target < end; target += sizeof<T>()) addAt<X, T>(accumulator, target, amount);
}

/** A row with a weight for each synapse. */
function addRow<X, T>(p: usize, from: u32, to: u32, value: X): void {
  const accumulator = address(p, Sparse.accumulator);
  const weights = address(p, Sparse.weights);
  let target = address(p, Sparse.targets) + <usize>from * sizeof<T>();
  for (let k = from; k < to; k++, target += sizeof<T>()) {
    addAt<X, T>(accumulator, target, value * weightAt<X>(weights, k));
  }
}
