import { createHash } from 'node:crypto';
import { SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAXIMUM_SEQUENCE,
  MAXIMUM_STATE_BYTES,
  parseSlot,
  SlotError,
  type SlotFault,
  sealSlot,
  slotImage,
} from './slot.ts';

const DIGEST = '0123456789abcdef'.repeat(4);

function slotOf(state: Uint8Array, sequence = 7n): Uint8Array {
  const image = slotImage(state);
  sealSlot(image, DIGEST, sequence);
  return image;
}

/** A slot built by hand from the layout, with a checksum that fits whatever its fields say. */
function handMade({ magic = 'SPIKSLOT', version = 1, sequence = 1n, length = 3, state = [1, 2, 3] } = {}): Uint8Array {
  const head = Buffer.alloc(56);
  head.write(magic);
  head.writeUInt32LE(version, 8);
  head.writeBigUInt64LE(sequence, 12);
  head.fill(DIGEST, 20, 52, 'hex');
  head.writeUInt32LE(length, 52);
  const body = Buffer.concat([head, Buffer.from(state)]);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

function faultOf(bytes: Uint8Array): SlotFault | undefined {
  try {
    parseSlot(bytes, 'test');
    return undefined;
  } catch (failure) {
    if (failure instanceof SlotError && failure.code === 'store') return failure.fault;
    throw failure;
  }
}

describe('a slot', () => {
  it('gives back what was put in, for any state', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.bigInt(1n, MAXIMUM_SEQUENCE), (state, sequence) => {
        expect(parseSlot(slotOf(state, sequence), 'test')).toEqual({ sequence, baseDigest: DIGEST, state });
      }),
    );
  });

  it('has the documented layout', () => {
    expect(Buffer.compare(slotOf(Uint8Array.of(1, 2, 3), 1n), handMade())).toBe(0);
  });

  it('keeps the state where a float64 view fits', () => {
    const { state } = parseSlot(slotOf(new Uint8Array(Float64Array.of(0.1, -2.5).buffer)), 'test');
    expect([...new Float64Array(state.buffer, state.byteOffset, 2)]).toEqual([0.1, -2.5]);
  });

  it('copies the state, and fills the room given if it fits', () => {
    const state = Uint8Array.of(1, 2, 3);
    const image = slotImage(state);
    state.fill(9);
    sealSlot(image, DIGEST, 1n);
    expect([...parseSlot(image, 'test').state]).toEqual([1, 2, 3]);
    expect(slotImage(state, image)).toBe(image);
    expect(slotImage(new Uint8Array(4), image)).not.toBe(image);
  });

  it('refuses what would not fit its fields', () => {
    const tooLarge = { byteLength: MAXIMUM_STATE_BYTES + 1 } as Uint8Array;
    expect(() => slotImage(tooLarge)).toThrow(SpikewireError);
    expect(() => sealSlot(slotImage(new Uint8Array()), DIGEST, 0n)).toThrow('sequence: 0; expected 1 to');
    expect(() => sealSlot(slotImage(new Uint8Array()), DIGEST, MAXIMUM_SEQUENCE + 1n)).toThrow(SpikewireError);
  });
});

describe('the parser', () => {
  const sound = slotOf(new Uint8Array(300).map((_, index) => index));

  it('finds any changed byte', () => {
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.integer({ min: 1, max: 255 }), (offset, change) => {
        const damaged = sound.slice();
        damaged[offset]! ^= change;
        expect(faultOf(damaged)).toBe(offset < 8 ? 'magic' : 'checksum');
      }),
      { numRuns: 1000 },
    );
  });

  it('finds every truncation and anything appended', () => {
    for (let length = 0; length < sound.length; length++) {
      expect(faultOf(sound.subarray(0, length))).toBe(length < 88 ? 'truncated' : 'checksum');
    }
    expect(faultOf(Buffer.concat([sound, Buffer.alloc(1)]))).toBe('checksum');
  });

  it('gives a typed error for random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, withMagic) => {
        if (withMagic) bytes.set(sound.subarray(0, Math.min(8, bytes.length)));
        expect(faultOf(bytes)).toBeDefined();
      }),
    );
  });

  it.each<[SlotFault, Parameters<typeof handMade>[0]]>([
    ['magic', { magic: 'SPIKSLAT' }],
    ['version', { version: 2 }],
    ['length', { length: 2 }],
    ['length', { length: 2 ** 32 - 1 }],
    ['sequence', { sequence: 0n }],
    ['sequence', { sequence: 2n ** 64n - 1n }],
  ])('says %s of a slot whose checksum fits but which has %o', (fault, fields) => {
    expect(faultOf(handMade(fields))).toBe(fault);
  });

  it('does not copy the state', () => {
    expect(parseSlot(sound, 'test').state.buffer).toBe(sound.buffer);
  });
});
