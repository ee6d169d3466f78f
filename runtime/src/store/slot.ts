import { createHash } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';

/*
 * A slot is one saved state, self-describing and self-checking. Little-endian:
 *
 *   offset  size  field
 *        0     8  magic "SPIKSLOT"
 *        8     4  format version
 *       12     8  sequence, counts saves in this folder
 *       20    32  digest of the base model that the state belongs to
 *       52     4  length n of the state in bytes
 *       56     n  state (8-byte aligned, so that float64 views fit)
 *     56+n    32  SHA-256 of everything before it
 *
 * Magic and version stay first and the checksum stays last in every later format, so that a slot of a newer spikewire
 * is told from a damaged one.
 */
const MAGIC = new TextEncoder().encode('SPIKSLOT');
const FORMAT_VERSION = 1;
const VERSION_AT = 8;
const SEQUENCE_AT = 12;
const DIGEST_AT = 20;
const LENGTH_AT = 52;
const STATE_AT = 56;
const CHECKSUM_BYTES = 32;
const OVERHEAD_BYTES = STATE_AT + CHECKSUM_BYTES;

/** The largest state a slot takes, in bytes: what a device with 512 MB can still hold twice. */
export const MAXIMUM_STATE_BYTES = 2 ** 27;
/** The largest slot file, in bytes. Nothing larger is ever read into memory. */
export const MAXIMUM_SLOT_BYTES = MAXIMUM_STATE_BYTES + OVERHEAD_BYTES;
/** Sequences run from 1 to this; at a thousand saves per second that is 292 million years. */
export const MAXIMUM_SEQUENCE = 2n ** 63n - 1n;

export interface Slot {
  /** 1 … {@link MAXIMUM_SEQUENCE}. */
  readonly sequence: bigint;
  /** SHA-256 of the base model, 64 lower-case hexadecimal digits. */
  readonly baseDigest: string;
  /** A view of the parsed bytes, not a copy. */
  readonly state: Uint8Array;
}

/** Why a byte string is not a slot. `version` alone is no damage: the slot is sound, but of another format. */
export type SlotFault = 'truncated' | 'magic' | 'checksum' | 'version' | 'length' | 'sequence';

export class SlotError extends SpikewireError {
  readonly fault: SlotFault;

  constructor(fault: SlotFault, where: string, problem: string, expected: string) {
    super('store', where, problem, expected);
    this.fault = fault;
  }
}

/**
 * Copies a state into the byte string that {@link sealSlot} completes. The copy is what makes a save safe against a
 * caller that goes on learning in the same memory. `room` is filled instead of allocating when it has the right size.
 *
 * @throws SpikewireError `store` if the state is larger than {@link MAXIMUM_STATE_BYTES}.
 */
export function slotImage(state: Uint8Array, room?: Uint8Array): Uint8Array {
  if (state.byteLength > MAXIMUM_STATE_BYTES) {
    throw new SpikewireError('store', 'state', `${state.byteLength} bytes`, `at most ${MAXIMUM_STATE_BYTES}`);
  }
  const size = state.byteLength + OVERHEAD_BYTES;
  const image = room?.byteLength === size ? room : new Uint8Array(size);
  image.set(state, STATE_AT);
  return image;
}

/** Writes header and checksum around the state in an image; afterwards the image is a slot. */
export function sealSlot(image: Uint8Array, baseDigest: string, sequence: bigint): void {
  if (sequence < 1n || sequence > MAXIMUM_SEQUENCE) {
    throw new SpikewireError('store', 'sequence', `${sequence}`, `1 to ${MAXIMUM_SEQUENCE}`);
  }
  const view = viewOf(image);
  image.set(MAGIC);
  view.setUint32(VERSION_AT, FORMAT_VERSION, true);
  view.setBigUint64(SEQUENCE_AT, sequence, true);
  image.set(Buffer.from(baseDigest, 'hex'), DIGEST_AT);
  view.setUint32(LENGTH_AT, image.byteLength - OVERHEAD_BYTES, true);
  image.set(checksum(image), image.byteLength - CHECKSUM_BYTES);
}

/**
 * Reads a slot. Total: any byte string gives a slot or a {@link SlotError}, in one pass over the bytes and without
 * copying them.
 */
export function parseSlot(bytes: Uint8Array, where: string): Slot {
  if (bytes.byteLength < OVERHEAD_BYTES) {
    throw new SlotError('truncated', where, `${bytes.byteLength} bytes`, `at least ${OVERHEAD_BYTES}`);
  }
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) {
    throw new SlotError('magic', where, 'is not a slot file', '"SPIKSLOT"');
  }
  const stored = bytes.subarray(bytes.byteLength - CHECKSUM_BYTES);
  if (Buffer.compare(checksum(bytes), stored) !== 0) {
    throw new SlotError('checksum', where, 'bytes changed or missing', 'the SHA-256 at its end');
  }
  const view = viewOf(bytes);
  const version = view.getUint32(VERSION_AT, true);
  if (version !== FORMAT_VERSION) {
    throw new SlotError('version', where, `format version ${version}`, `${FORMAT_VERSION}`);
  }
  const length = view.getUint32(LENGTH_AT, true);
  if (length !== bytes.byteLength - OVERHEAD_BYTES) {
    throw new SlotError('length', where, `says ${length} bytes of state`, `${bytes.byteLength - OVERHEAD_BYTES}`);
  }
  const sequence = view.getBigUint64(SEQUENCE_AT, true);
  if (sequence < 1n || sequence > MAXIMUM_SEQUENCE) {
    throw new SlotError('sequence', where, `sequence ${sequence}`, `1 to ${MAXIMUM_SEQUENCE}`);
  }
  return {
    sequence,
    baseDigest: Buffer.from(bytes.subarray(DIGEST_AT, LENGTH_AT)).toString('hex'),
    state: new Uint8Array(bytes.buffer, bytes.byteOffset + STATE_AT, length),
  };
}

function checksum(image: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(image.subarray(0, image.byteLength - CHECKSUM_BYTES))
    .digest();
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
