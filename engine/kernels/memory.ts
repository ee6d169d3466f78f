import { Copy, Fixed } from './names.generated';

// Where things lie in the memory of a net.

// An instruction is its code, its length in bytes, and its operands. One call does a whole step, because a call from
// JavaScript costs as much as some small layers.

// @ts-ignore: decorator
@inline
export function codeOf(p: usize): i32 {
  return load<i32>(p);
}

// @ts-ignore: decorator
@inline
export function lengthOf(p: usize): usize {
  return <usize>load<u32>(p, 4);
}

/** Operand `index` of the instruction at `p`, by its name in `names.generated.ts`. */
// @ts-ignore: decorator
@inline
export function operand(p: usize, index: i32): i32 {
  return load<i32>(p + (<usize>(index + 2) << 2));
}

/** The same where the operand is an address. */
// @ts-ignore: decorator
@inline
export function address(p: usize, index: i32): usize {
  return <usize>operand(p, index);
}

// @ts-ignore: decorator
@inline
export function offsetsScratch(): usize {
  return <usize>load<u32>(Fixed.offsets);
}

// @ts-ignore: decorator
@inline
export function factorsScratch(): usize {
  return <usize>load<u32>(Fixed.factors);
}

export function countSpikes(spikes: i32): void {
  store<f64>(Fixed.spikes, load<f64>(Fixed.spikes) + <f64>spikes);
}

export function countSynapticOperations(operations: f64): void {
  store<f64>(Fixed.synapticOperations, load<f64>(Fixed.synapticOperations) + operations);
}

// @ts-ignore: decorator
@inline
export function copy(p: usize): void {
  memory.copy(address(p, Copy.to), address(p, Copy.from), <usize>operand(p, Copy.bytes));
}
