import { type Chip, DISABLED, type MemoryByte, readByte, SIZE, SYNAPSE_BYTES, writeByte } from './chips.ts';

/** What the memories and registers of a chip hold. */
export interface MemoryImage {
  /** The words of all neurons, with silent membranes; those that no net has are disabled. */
  readonly neurons: Uint8Array;
  readonly synapses: Uint8Array;
  /** 1 for each row that inhibits. */
  readonly inhibitory: Uint8Array;
}

/** A byte to be written; the bits of `keep` stay as they are. */
export interface WantedByte extends MemoryByte {
  readonly value: number;
  readonly keep?: number;
}

/** Frames that disable all neurons before their words are written, which may hold anything. */
export function disabling(chip: Chip): Uint8Array[] {
  return lastBytes(chip).map((byte) => writeByte(chip, byte, DISABLED));
}

/** Frames that write all bytes of both memories; the neurons stay disabled. */
export function writeAll(chip: Chip, { neurons, synapses }: MemoryImage): Uint8Array[] {
  return allBytes(chip).map((byte) => {
    const isLast = byte.memory === 'neurons' && byte.at % chip.neuronBytes === chip.neuronBytes - 1;
    const value = byte.memory === 'neurons' ? neurons[byte.at]! : synapses[byte.at]!;
    return writeByte(chip, byte, isLast ? value | DISABLED : value);
  });
}

/** Frames that write the bytes last which enable neurons. */
export function enabling(chip: Chip, { neurons }: MemoryImage): Uint8Array[] {
  return lastBytes(chip).map((byte) => writeByte(chip, byte, neurons[byte.at]!));
}

/** Frames that read all bytes of both memories, in the order of `compare`. */
export function readAll(chip: Chip): Uint8Array[] {
  return allBytes(chip).map((byte) => readByte(chip, byte));
}

/**
 * What is other than in the image, for people: `0x12 in byte 3 of neuron 7, not 0x13`.
 *
 * @param which all bits, or only those that the network does not change: membranes, calcium and weights that learn
 */
export function compare(
  chip: Chip,
  image: MemoryImage,
  found: Uint8Array,
  which: 'all' | 'constant',
): readonly string[] {
  return allBytes(chip).flatMap((byte, k) => {
    const expected = image[byte.memory][byte.at]!;
    const bits = which === 'all' ? 0xff : constantBits(chip, byte, expected);
    return ((found[k]! ^ expected) & bits) === 0 ? [] : [describeByte(chip, byte, found[k]!, expected)];
  });
}

/** A wrong byte, for people. */
export function describeByte(chip: Chip, byte: MemoryByte, found: number, expected: number): string {
  const hex = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;
  return `${hex(found)} in ${placeOf(chip, byte)}, not ${hex(expected)}`;
}

function constantBits({ state, neuronBytes, hasSignedWeights }: Chip, { memory, at }: MemoryByte, value: number) {
  if (memory === 'neurons') return state.find(({ byte }) => byte === at % neuronBytes)?.others ?? 0xff;
  // A mapping bit lets its weight learn.
  return hasSignedWeights ? 0xff : 0xff & ~((value & 0x08 ? 0x07 : 0) | (value & 0x80 ? 0x70 : 0));
}

function placeOf({ neuronBytes }: Chip, { memory, at }: MemoryByte): string {
  if (memory === 'neurons') return `byte ${at % neuronBytes} of neuron ${Math.floor(at / neuronBytes)}`;
  return `byte ${at} of synapses`;
}

function allBytes({ neuronBytes }: Chip): MemoryByte[] {
  return [
    ...Array.from({ length: SIZE * neuronBytes }, (_, at) => ({ memory: 'neurons', at }) as const),
    ...Array.from({ length: SYNAPSE_BYTES }, (_, at) => ({ memory: 'synapses', at }) as const),
  ];
}

/** The bytes with the bit that disables a neuron. */
export function lastBytes({ neuronBytes }: Chip): MemoryByte[] {
  return Array.from({ length: SIZE }, (_, n) => ({ memory: 'neurons', at: (n + 1) * neuronBytes - 1 }));
}
