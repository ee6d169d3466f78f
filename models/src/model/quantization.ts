/**
 * The constants of the integer form (docs/semantics.md §2), which WASM, C and FPGA compute bit for bit. They are stored
 * in the model and never recomputed on the device.
 *
 * In an integer model the weights of a connection node are the integers q (Int8Array): a real weight, times the
 * target's input gain, the pooling factors of its path and the worth of one unit of its source, is u[o]·2^shift·q. All
 * other parameters stay real in the graph, a bias too, but engines take their effect from the constants here.
 */
export interface Quantization {
  /** Width of a weight: q in −127…127 or −7…7. A learned connection has 8 bits in either case. */
  readonly bits: 8 | 4;
  /** By Input node. */
  readonly inputs: ReadonlyMap<string, InputQuantization>;
  /** By connection node with weights. */
  readonly connections: ReadonlyMap<string, ConnectionQuantization>;
  /** By neuron node. */
  readonly neurons: ReadonlyMap<string, NeuronQuantization>;
}

/**
 * An input value is scale·n, n a whole number in −maximum…maximum: 1 and 1 for spikes, range/127 and 127 for graded
 * input.
 */
export interface InputQuantization {
  readonly scale: number;
  readonly maximum: number;
}

export interface ConnectionQuantization {
  /** h ≥ 0: what arrives counts q·2^h·n. */
  readonly shift: number;
}

/**
 * Each array has one value per neuron, or fewer, each of which counts for equally many neurons in a row: one for each
 * channel, one for all. `neuronConstants` spreads them out.
 */
export interface NeuronQuantization {
  /** M: width of membranes (and currents). */
  readonly membraneBits: 16 | 32;
  /** u > 0: a membrane v stands for v·u/2^fraction. The same for all neurons of a read-out. */
  readonly scale: Float64Array;
  /** F, may be negative. */
  readonly fraction: number;
  /** A = round(decay·2^15); 2^15 is no leak. */
  readonly decay: Int32Array;
  /**
   * b, rounded in units of u/2^F: the pull of v_leak and, without a `current`, the biases of the connections before.
   */
  readonly bias: Int32Array;
  /** v at the start, in the same unit. */
  readonly initial: Int32Array;
  /** k: a spike where v > k. Absent for read-outs. */
  readonly threshold?: Int32Array;
  /** r, for reset "value". */
  readonly reset?: Int32Array;
  /** s, for reset "subtract". */
  readonly subtract?: Int32Array;
  /** Lowest membrane; of a read-out the lowest that is handed on. */
  readonly minimum?: Int32Array;
  /** The highest membrane that a read-out hands on; absent: any. */
  readonly maximum?: Int32Array;
  /** A synaptic current before the membrane (CubaLIF). */
  readonly current?: CurrentQuantization;
  /** A threshold that adapts (ALIF). */
  readonly adaptation?: AdaptationQuantization;
  /** g ≥ 1 of a read-out: it hands on (v + 2^(g−1)) >> g, saturated to 8 bits, each unit worth scale·2^(g−fraction). */
  readonly handOn?: number;
}

/** j ← sat_M(((j·B + 2^14) >> 15) + (x << F) + bias), and the membrane takes (j·G + 2^14) >> 15 in place of x << F. */
export interface CurrentQuantization {
  /** B. */
  readonly decay: Int32Array;
  /** G ≤ 2^15. */
  readonly gain: Int32Array;
  /** The biases of the connections before, in units of u/2^F. */
  readonly bias: Int32Array;
  /** j at the start, in the same unit. */
  readonly initial: Int32Array;
}

/**
 * a ← (a·C + 2^14) >> 15 in every step, before the comparison; a spike where v > k + (a >> E), then a ← sat_32(a + d),
 * and with reset "subtract" the membrane loses s + (a >> E), a before the spike. a always has 32 bits: what falls back
 * over thousands of steps moves by less than a unit of a membrane in each.
 */
export interface AdaptationQuantization {
  /** E ≥ 0: a stands for a·u/2^(F+E). */
  readonly fraction: number;
  /** C. */
  readonly decay: Int32Array;
  /** d, rounded in units of u/2^(F+E). */
  readonly rise: Int32Array;
  /** a at the start, in the same unit. */
  readonly initial: Int32Array;
}

/**
 * Most spikes that a neuron with spikesPerStep "many" sends in one step of the integer form; more stay in the membrane.
 */
export const MANY_SPIKES = 127;

/** The largest magnitude that a read-out can hand on: that of the lowest 8-bit number. */
export const HANDED_ON = 128;
