/**
 * What both chips have in common and where they differ, as their RTL has it: ChFrenkel/ODIN 17819318 (`controller.v`,
 * `spi_slave.v`, `neuron_core.v`) and ChFrenkel/tinyODIN. Rows and columns count 0 … 255.
 */
export interface Chip {
  readonly name: 'odin' | 'tinyodin';
  readonly title: string;
  /** Bytes of a neuron's word. */
  readonly neuronBytes: number;
  /** Whether each synapse has a sign of its own; else a row inhibits all its targets or excites them all. */
  readonly hasSignedWeights: boolean;
  /** Largest magnitude of a weight, of a threshold and of a leak for each time reference. */
  readonly weight: number;
  readonly threshold: number;
  readonly leak: number;
  /** Rows that nets may have. */
  readonly rows: number;
  /** Bytes that the network never uses, by which the driver sees whether frames begin where the chip thinks. */
  readonly scratch: readonly MemoryByte[];
  /** The bit of a neuron's word that lets its calcium count, without which its weights stay. */
  readonly learning: { readonly byte: number; readonly bit: number };
  /** Registers by name; none has a value after a reset. */
  readonly registers: Readonly<Record<'gate' | 'openLoop', number>>;
  /** The other registers, as this driver uses them. `inhibitory` has 1 for each row that inhibits. */
  settings(inhibitory: Uint8Array): readonly (readonly [register: number, value: number])[];
  /** Address of a spike that passes a whole row. */
  row(row: number): number;
  /** Address of the time reference for all neurons. */
  readonly leakAll: number;
  /**
   * Address of a virtual event of weight 0. On ODIN it has to be an inhibitory one: with a tag of zeros it would be the
   * spike of a whole row.
   */
  readonly noOperation: number;
  neuron(neuron: NeuronSetup): Uint8Array;
  /** The four bits of a synapse. `weight` 0 … 7 on ODIN, −8 … 7 on tinyODIN, where none learns. */
  synapse(weight: number, learns: boolean): number;
  /** The weight of four bits. */
  weightOf(nibble: number): number;
  /** The bytes of a neuron's word that the network changes, and the bits of them that it does not. */
  readonly state: readonly { readonly byte: number; readonly others: number }[];
  /** The membrane in the first two of them. */
  membraneOf(bytes: readonly number[]): number;
}

/** A byte of a memory, in the order of neurons and their bytes, or of rows and columns. */
export interface MemoryByte {
  readonly memory: 'neurons' | 'synapses';
  readonly at: number;
}

/** What a neuron is set to. */
export interface NeuronSetup {
  /** 1 … `threshold` of the chip. */
  readonly threshold: number;
  /** Taken from the membrane by each time reference, 0 … `leak` of the chip. */
  readonly leak: number;
  readonly learning?: SdspSetup | undefined;
}

/**
 * When a spike that arrives changes weights (SDSP, Brader, Senn and Fusi 2007): up where the membrane is at least
 * `membrane` and calcium in low … up − 1, down where it is below and calcium in low … down − 1. The chip's words have
 * the three bounds of calcium as theta1 (low), theta2 (down), theta3 (up), in this order.
 */
export interface SdspSetup {
  /** 0 … 255. */
  readonly membrane: number;
  /** 0 … 7 each. */
  readonly low: number;
  readonly down: number;
  readonly up: number;
  /** Time references after which calcium falls by one, 1 … 31; 0: never. */
  readonly leak: number;
}

export const SIZE = 256;
/** Events that the scheduler holds; behind so many others an event has been carried out. */
export const SCHEDULER = 32;
export const SYNAPSE_BYTES = (SIZE * SIZE) / 2;

/** Bytes of an SPI transaction: 20 bits of address, 20 of data. */
export const FRAME_BYTES = 5;
const [READ, WRITE] = [0x80000, 0x40000];
const [NEURONS, SYNAPSES] = [0x10000, 0x20000];

const SYN_SIGN = 2;
/** Bursts, source of AEROUT, monitor and what it watches, learning without mapping bit and of single synapses: off. */
const ODIN_OFF = [18, 19, 20, 21, 22, 23, 25];
/** A synapse without mapping bit has a weight all the same, and does not learn. */
const PROPAGATE_UNMAPPED = 24;
const MAX_NEUR = 3;

export const odin: Chip = {
  name: 'odin',
  title: 'ODIN',
  neuronBytes: 16,
  hasSignedWeights: false,
  ...{ weight: 7, threshold: 255, leak: 127, rows: SIZE },
  // Bits 103:96 of a leaky neuron mean nothing.
  scratch: lastFour(SIZE).map((n) => ({ memory: 'neurons', at: 16 * n + 12 })),
  learning: { byte: 2, bit: 2 },
  registers: { gate: 0, openLoop: 1 },
  settings: (inhibitory) => [
    ...Array.from({ length: SIZE / 16 }, (_, k) => [SYN_SIGN + k, bitsOf(inhibitory.subarray(16 * k))] as const),
    ...ODIN_OFF.map((register) => [register, 0] as const),
    [PROPAGATE_UNMAPPED, 1],
  ],
  row: (row) => (row << 8) | 0x07,
  leakAll: 0x7f,
  noOperation: 0x11,
  neuron({ threshold, leak, learning }) {
    const word = new Uint8Array(16);
    word[0] = 1 | (leak << 1);
    word[1] = (leak > 0 ? 1 : 0) | (threshold << 1);
    word[2] = threshold >> 7;
    if (learning === undefined) return word;
    const { membrane, low, up, down, leak: calciumLeak } = learning;
    word[2] |= 2 | (membrane << 2);
    word[3] = (membrane >> 6) | (low << 2) | (down << 5);
    word[4] = up | (calciumLeak << 3);
    return word;
  },
  synapse: (weight, learns) => (learns ? 8 | weight : weight),
  weightOf: (nibble) => nibble & 7,
  // The membrane, calcium, and the time references since calcium fell.
  state: [
    { byte: 8, others: 0x3f },
    { byte: 9, others: 0 },
    { byte: 10, others: 0xc0 },
  ],
  membraneOf: ([low, high]) => (low! >> 6) | ((high! & 0x3f) << 2),
};

export const tinyOdin: Chip = {
  name: 'tinyodin',
  title: 'tinyODIN',
  neuronBytes: 4,
  hasSignedWeights: true,
  ...{ weight: 7, threshold: 2047, leak: 127, rows: SIZE - 1 },
  // No bit of a neuron is free, so the last row is not for nets.
  scratch: lastFour(SYNAPSE_BYTES).map((at) => ({ memory: 'synapses', at })),
  learning: { byte: 0, bit: 0 },
  registers: { gate: 0, openLoop: 1 },
  settings: () => [
    [2, 0],
    [MAX_NEUR, SIZE - 1],
  ],
  row: (row) => row,
  leakAll: 0x1ff,
  noOperation: 0x200,
  neuron({ threshold, leak }) {
    return Uint8Array.of(0, (threshold & 0xf) << 4, threshold >> 4, leak);
  },
  synapse: (weight) => weight & 0xf,
  weightOf: (nibble) => (nibble << 28) >> 28,
  state: [
    { byte: 0, others: 0 },
    { byte: 1, others: 0xf0 },
  ],
  membraneOf: ([low, high]) => ((low! | (high! << 8)) << 20) >> 20,
};

/** Of the last byte of a neuron's word: the neuron sends no spikes. */
export const DISABLED = 0x80;

/** The byte that holds the synapse from a row to a column, of all bytes of synapses in their order. */
export function synapseByte(row: number, column: number): number {
  return (row * SIZE + column) >> 1;
}

/** The last four of so many numbers from 0. */
function lastFour(end: number): number[] {
  return [end - 4, end - 3, end - 2, end - 1];
}

function bitsOf(flags: Uint8Array): number {
  let bits = 0;
  for (let k = 0; k < 16; k++) if (flags[k] !== 0) bits |= 1 << k;
  return bits;
}

/** Writes a register. Reading one is not possible: a frame that asks for that would write it. */
export function setRegister(register: number, value: number): Uint8Array {
  return frame(register, value);
}

/** @param keep bits that stay as they are */
export function writeByte(chip: Chip, byte: MemoryByte, value: number, keep = 0): Uint8Array {
  return frame(WRITE | addressOf(chip, byte), (keep << 8) | value);
}

export function readByte(chip: Chip, byte: MemoryByte): Uint8Array {
  return frame(READ | addressOf(chip, byte), 0);
}

/** Neurons: byte above neuron. Synapses: byte of four above the word. */
function addressOf({ neuronBytes }: Chip, { memory, at }: MemoryByte): number {
  if (memory === 'synapses') return SYNAPSES | ((at & 3) << 13) | (at >> 2);
  return NEURONS | ((at % neuronBytes) << 8) | Math.floor(at / neuronBytes);
}

/** Most significant bit first. */
function frame(address: number, data: number): Uint8Array {
  return Uint8Array.of(
    address >> 12,
    (address >> 4) & 0xff,
    ((address & 0xf) << 4) | ((data >> 16) & 0xf),
    (data >> 8) & 0xff,
    data & 0xff,
  );
}
