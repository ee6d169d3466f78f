// Where things lie in the memory of a net; `runtime/src/engine/clocked/instructions.ts` has the same numbers.

/** Sums over a run, float64 each: the counters of a net that kernels keep. */
const SPIKES: usize = 16;
const SYNAPTIC_OPERATIONS: usize = 24;
/** Addresses of two scratch arrays, with room for one word and for two words of each event of the longest list. */
const OFFSETS: usize = 32;
const FACTORS: usize = 36;

/** Operand `place` of the instruction at `p`; operation and length come before the operands. */
// @ts-ignore: decorator
@inline
export function operand(p: usize, place: i32): i32 {
  return load<i32>(p + (<usize>(place + 2) << 2));
}

/** The same where the operand is an address. */
// @ts-ignore: decorator
@inline
export function address(p: usize, place: i32): usize {
  return <usize>operand(p, place);
}

// @ts-ignore: decorator
@inline
export function offsetsScratch(): usize {
  return <usize>load<u32>(OFFSETS);
}

// @ts-ignore: decorator
@inline
export function factorsScratch(): usize {
  return <usize>load<u32>(FACTORS);
}

export function countSpikes(spikes: i32): void {
  store<f64>(SPIKES, load<f64>(SPIKES) + <f64>spikes);
}

export function countSynapticOperations(operations: f64): void {
  store<f64>(SYNAPTIC_OPERATIONS, load<f64>(SYNAPTIC_OPERATIONS) + operations);
}
