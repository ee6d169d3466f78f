import { MANY_SPIKES } from '@spikewire/models';

// Numbers that the kernels have in common with their twins and with what lays out their memory. The build writes them
// for the kernels, so that each stands here alone.

/** What lies at fixed addresses. Address 0 stands for "none". */
export const fixed = {
  /** Float64 sums over a run: the counters of a net that kernels keep. */
  spikes: 16,
  synapticOperations: 24,
  /** Addresses of two scratch arrays, with room for one word and for two words of each event of the longest list. */
  offsets: 32,
  factors: 36,
  end: 48,
} as const;

/** Bytes from the start of the descriptor of an emission ring; `engine/kernels/emission-ring.ts` says what they are. */
export const listField = { head: 0, slots: 4, slotBytes: 8, base: 12, toValues: 16, end: 20 } as const;

/** A slot of an emission ring. */
export const listSlot = {
  /** Bytes before the positions: count, and whether the values have to be looked at (else all are 1). */
  header: 16,
  /** In place of whether values have to be looked at: they do, and all is as in the step before. */
  repeated: 3,
} as const;

/**
 * Bytes from the start of the descriptor of a window of events; `engine/kernels/input-window.ts` says what they are.
 */
export const windowField = {
  steps: 0,
  nodes: 4,
  indices: 8,
  values: 12,
  table: 16,
  inputs: 20,
  events: 24,
  isTaken: 28,
  nextEvent: 32,
  step: 36,
  end: 40,
} as const;

/** Bytes from the start of an Input node's entry in the table of a window. */
export const inputEntry = { input: 0, size: 4, spike: 8, end: 16 } as const;

/** A part of the neurons has its turn in every step. */
export const turns = {
  /** Steps in which all have theirs. */
  parts: 64,
  /** Steps after which the count begins anew, so that it never leaves 32 bits. */
  round: 2 ** 20,
} as const;

/** Sums of weights by the pattern of spikes that a row of a kernel meets. */
export const patterns = {
  /** The largest kernel. */
  rows: 5,
  width: 5,
  /** How many one of its rows has. */
  count: 2 ** 5,
  /** Channels of an entry. */
  lanes: 16,
} as const;

/** Words behind each of the arrays in the scratch of the gathering kernel that it may write. */
export const gatherScratch = { slack: 16 } as const;

/** The largest magnitude of an input that 16-bit membranes take up beside no bias at all. */
export const headroom = { withoutBias: 2 ** 15 - 2 } as const;

/** In a table of windows: this position is in none. */
export const windowTable = { nowhere: 2 ** 16 - 1 } as const;

/** Most spikes of a neuron in a step, so that their number is always a number. */
export const mostSpikes = { integer: MANY_SPIKES, float: 2 ** 20 } as const;

/**
 * Bounds that keep float32 numbers alike on all machines. SIMD on 32-bit ARM flushes subnormal numbers to zero and
 * nothing else does; so what is smaller than `TINY` is zero everywhere, which leaves no subnormal number where it could
 * be seen. What is not a number or beyond `HUGE` is held there: sums of such numbers and weights stay numbers.
 */
export const TINY = 2 ** -50;
export const HUGE = 2 ** 100;

/** Membrane of a neuron behind synapses that rests or does not exist: below any threshold. */
export const ASLEEP = -(2 ** 90);

/** Below this the common scale of adaptive thresholds is multiplied into them. */
export const SMALL_SCALE = 2 ** -20;
