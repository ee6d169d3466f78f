/** Weights that stand behind one head in the memory of synapses. */
const GROUP = 64;
/** Bits of the head of a group, and the unit of the memory. */
const [HEAD, UNIT] = [10, 64];
/** Widths that the index of a synapse may have. */
const INDEX_WIDTHS = [6, 7, 8, 9, 10, 11, 12];

/** Bits of one synapse beside its index. */
export interface SynapseFormat {
  readonly weightBits: number;
  /** Of the longest delay of the connection; 0 where there is none. */
  readonly delayBits: number;
}

/** Bits that hold delays from 0 to `longest` steps. */
export function delayBits(longest: number): number {
  return longest === 0 ? 0 : Math.floor(Math.log2(longest)) + 1;
}

/**
 * Bits of the synapses of one axon on a core of `compartments`: groups of up to 64, each with a head of 10 bits and
 * rounded up to 64 (nengo-loihi e564f66, block.py, bits_per_axon). An axon that reaches all compartments is stored
 * without indices.
 */
export function axonBits(synapses: number, compartments: number, { weightBits, delayBits }: SynapseFormat): number {
  const index = synapses === compartments ? 0 : indexBits(compartments);
  const each = weightBits + delayBits + index;
  const groupBits = (count: number) => (count === 0 ? 0 : UNIT * Math.ceil((count * each + HEAD) / UNIT));
  return Math.floor(synapses / GROUP) * groupBits(GROUP) + groupBits(synapses % GROUP);
}

function indexBits(compartments: number): number {
  const needed = Math.ceil(Math.log2(compartments));
  return INDEX_WIDTHS.find((width) => width >= needed) ?? needed;
}
