/**
 * The one description of the FPGA core: what TypeScript and Verilog must agree on. `node devices/rtl/build.mjs
 * description` writes it as macros into `devices/rtl/description.vh`; devices/rtl/README.md explains it.
 */

/** Counts up with every change of what follows, so that a driver and a bit stream of other versions never meet. */
export const CORE_VERSION = 2;

/**
 * Address space of the host bus: 2^20 words of 16 bits. Bits 19:16 of an address choose the region, bits 15:0 the word
 * in it. Numbers of 32 bits are two words, the lower half first; signed numbers are two's complement.
 */
export const regions = {
  /** Weights, constants and state of neurons. The host may read and write it between steps. */
  memory: 0,
  /** Input and output of every population, one step of it: bits or signed bytes, see `forms`. */
  activity: 1,
  /** Instructions, `INSTRUCTION_WORDS` each. */
  program: 2,
  /** See `registers`. */
  registers: 3,
} as const;

/** Words of the region `registers`. */
export const registers = {
  /** Reads `IDENTITY`. */
  identity: 0,
  /** Reads `CORE_VERSION`. */
  version: 1,
  /** Reads the size of the memory in units of 1,024 words, 1 … 64. */
  memory: 2,
  /** Reads the size of the activity memory in words. */
  activity: 3,
  /** Reads the size of the program memory in words. */
  program: 4,
  /** Reads the number of pairs of accumulators; each pair sums what arrives at two neurons. */
  pairs: 5,
  /** Read and write: the word of the program memory at which the next step begins; 0 after a reset. */
  entry: 6,
  /** Reads the cycles of the last step, lower half. */
  cyclesLow: 7,
  /** Reads the cycles of the last step, upper half. */
  cyclesHigh: 8,
  /** Reads 0, or 1 after a step that met an unknown opcode and ended there; any write makes it 0. */
  fault: 9,
  /** Reads 1 where the core has the opcodes of learning, else 0. */
  learning: 10,
  /** Write only: 1 holds the weights, so that spikes change none (traces go on, errors teach); 0 after a reset. */
  holds: 11,
} as const;

/** ASCII "SW". */
export const IDENTITY = 0x5357;

/** How the values of a population lie in the activity memory. */
export const forms = {
  /** One bit per element, element 16·w + i in bit i of word w: 1 is the value 1. Unused bits of the last word are 0. */
  bits: 0,
  /** One signed byte per element, −128 … 127, the even element in bits 7:0. An unused byte is 0. */
  bytes: 1,
} as const;

export const INSTRUCTION_WORDS = 8;

/** Bits 3:0 of word 0 of an instruction. Those from 8 on are learning, which a core need not have. */
export const opcodes = {
  /** The step is over. */
  end: 0,
  /** Adds what one population emits, through one connection, to accumulators. */
  integrate: 1,
  /** One step of the neurons of one population: takes their accumulators, leaves them 0, emits. */
  update: 2,
  /** Traces of one side of a connection: each decays, then takes up the spikes of a population. */
  trace: 8,
  /** Changes weights by the spikes of one side, or by an error, and the traces of the other. */
  learn: 9,
  /** Copies words of the memory. */
  copy: 10,
} as const;

/** Of `integrate`: bits of word 0, numbered. */
export const integrateBits = {
  /** The source has the form `bytes` rather than `bits`. */
  bytes: 4,
  /** Rows are lists of synapses, see `sparseRow`, rather than one weight for each neuron. */
  sparse: 5,
  /** Dense rows of one word W for each neuron, which counts as q = (W + 128) >> 8, held to −127 … 127. */
  learned: 6,
  /** Lowest of the 4 bits of h, 0 … 12: each weight counts q·2^h. */
  shift: 8,
} as const;

/** Of `integrate`: words. */
export const integrateWords = {
  /** Word of the activity memory where the source begins. */
  source: 1,
  /** Words of the source, ≥ 1. */
  sourceWords: 2,
  /** Word of the memory where the first row (dense) or the table of pointers (sparse) begins. */
  rows: 3,
  /**
   * Dense: words of a row, ≥ 1. The row of input i begins at rows + i·rowWords and has the weights q of the neurons 0,
   * 1 in its first word, of 2, 3 in its second, the even neuron in bits 7:0.
   */
  rowWords: 4,
  /** The first pair of accumulators of the target: neurons 0 and 1. */
  pair: 5,
} as const;

/**
 * A sparse row. The table has inputs + 1 words: word i points to the first synapse of input i, word i + 1 after its
 * last. A synapse is one word and steps forward from neuron to neuron, at first from neuron 0. With q = 0 it only
 * steps. Two synapses of one input to the same neuron need a word with q = 0 between them: the second reads the sum
 * before the first is written.
 */
export const sparseRow = {
  /** Lowest bit of the weight q, a signed byte. */
  weight: 0,
  /** Lowest bit of the step to the target, 0 … 255 neurons. */
  step: 8,
} as const;

/** Of `update`: bits of word 0, numbered. */
export const updateBits = {
  /** A read-out: it emits sat_8((v + 2^(g−1)) >> g) as bytes and neither compares nor resets. */
  readOut: 4,
  /** A synaptic current before the membrane. */
  current: 5,
  /** Reset by subtraction of `reset` rather than to it. */
  subtract: 6,
  /** Up to 127 spikes in a step, emitted as bytes; only with `subtract`. */
  many: 7,
  /** Membranes and currents of 32 bits rather than 16. */
  wide: 8,
  /** `inputGain` is 2^F and the product is not shifted; else it is 2^(15+F) and the product is rounded >> 15. */
  unshifted: 9,
  /** Lowest of the 5 bits of g, 1 … 31. */
  handOn: 11,
} as const;

/** Of `update`: words. */
export const updateWords = {
  /** Word of the activity memory where the output begins. */
  target: 1,
  /** Neurons, ≥ 1. */
  neurons: 2,
  /** Word of the memory where the shared record lies, all `RECORD_WORDS`; the records of the neurons follow it. */
  record: 3,
  /** Which words of a record each neuron has of its own: bit i for word i, bits 15 … 0. */
  ownLow: 4,
  /** The first pair of accumulators. */
  pair: 5,
  /** Bits 16 and on of the same mask. */
  ownHigh: 6,
} as const;

/**
 * The words of a record in their order. A neuron has those that the mask of its population names, without gaps; all
 * others it takes from the shared record. The state must be among its own: `membrane`, with `wide` also `membraneHigh`,
 * with a current the same of it, and `refractory` where the neurons have a refractory time. A lower half alone is
 * extended with its sign.
 */
export const record = {
  /** State: steps left in which the neuron rests, 0 … 65,535. */
  refractory: 0,
  /** State: j. In the shared record: how often a number was held at the upper end, 32 bits, wraps. */
  current: 1,
  currentHigh: 2,
  /** State: v. In the shared record: how often a number was held at the lower end, 32 bits, wraps. */
  membrane: 3,
  membraneHigh: 4,
  /** B; as all factors −32,767 … 32,767, and −32,768 stands for 32,768. */
  currentDecay: 5,
  /** G. */
  currentGain: 6,
  /** b_j, 32 bits. */
  currentBias: 7,
  currentBiasHigh: 8,
  /** A. */
  decay: 9,
  /** b, 32 bits. */
  bias: 10,
  biasHigh: 11,
  /** Lower limit of the membrane, or of the value that a read-out emits; without a limit the lowest number. */
  floor: 12,
  floorHigh: 13,
  /** k; of a read-out the upper limit of the value that it emits. */
  threshold: 14,
  thresholdHigh: 15,
  /** r, or s with `subtract`. */
  reset: 16,
  resetHigh: 17,
  /** Steps of rest after a spike, 0 … 65,535. */
  rest: 18,
  /** 2^F or 2^(15+F), see `unshifted`; −32,768 does not occur. */
  inputGain: 19,
} as const;

export const RECORD_WORDS = 20;

/**
 * Of `trace`, `learn` and `copy`: bits of word 0, numbered. The outer loop of `learn` goes through the neurons on one
 * side of the connection, the inner loop through those on the other side, whose traces it reads.
 */
export const learnBits = {
  /** The outer loop takes all neurons rather than those that spiked; of `trace`: no spikes are taken up. */
  everyone: 4,
  /** Of `trace`: they decay first. */
  decays: 5,
  /** Of `trace`: a spike sets x to 2^16 rather than adding that. */
  sets: 6,
  /** The inner loop goes through the outputs rather than the inputs: what arrives rather than what is sent. */
  byInner: 7,
  /** Weights with a trace or a gain of 0 are brought into their bounds as well, which takes their time. */
  visits: 8,
} as const;

/** Of the same: words. */
export const learnWords = {
  /** Word of the activity memory with the spikes of the outer loop, of the form `bits`. */
  source: 1,
  /** Neurons of the outer loop, of `trace` all; of `copy` words; below 2^COUNT_BITS, ≥ 1. */
  outer: 2,
  /** Neurons of the inner loop, ≥ 1; of `trace` A, 0 … 32,767. */
  inner: 3,
  /**
   * Even word of the memory: traces, two words each, −2^24 … 2^24, 2^16 for a spike; of `copy` the words that are
   * written.
   */
  traces: 4,
  /** Word of the memory: W of input i and output o is at weights + i·outputs + o; of `copy` the words that are read. */
  weights: 5,
  /** Word of the memory, a multiple of 4: the table of the outputs, see `table`. */
  table: 6,
  /** Word of the memory, a multiple of 8: the state of the generator, eight words. */
  generator: 7,
} as const;

/** Bits of a counter of neurons in the instructions of learning. */
export const COUNT_BITS = 12;

/** The four words of an output: the gain m·2^(2−s) of a change, and the bounds of its weights. */
export const table = {
  /** m, −32,767 … 32,767; with 0 nothing changes. */
  gain: 0,
  /** s, 0 … 49. */
  shift: 1,
  lowest: 2,
  highest: 3,
} as const;

/** What one bit stream has room for; a board reads the same from its registers. */
export interface CoreRoom {
  /** Words of the memory, at most 65,536. */
  readonly memory: number;
  /** Words of the activity memory. */
  readonly activity: number;
  /** Words of the program memory. */
  readonly program: number;
  /** Pairs of accumulators. */
  readonly pairs: number;
  /** Whether it has the opcodes of learning. */
  readonly learning: boolean;
}

/** The room by family of FPGA, and that of simulated boards. */
export const rooms = {
  /** Lattice iCE40UP5K: the memory fills its four SPRAM. With its link it has no logic left for learning. */
  up5k: { memory: 65_536, activity: 1024, program: 256, pairs: 512, learning: false },
  /** Lattice ECP5 with 25k LUTs: the memory fills 32 of its 56 block RAMs. */
  ecp5: { memory: 32_768, activity: 1024, program: 256, pairs: 512, learning: true },
  /** The core in a simulator, with the usual parameters of `core.v`. */
  simulated: { memory: 65_536, activity: 1024, program: 256, pairs: 512, learning: true },
} as const satisfies Record<string, CoreRoom>;
