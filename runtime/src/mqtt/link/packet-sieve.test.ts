import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketSieve } from './packet-sieve.ts';

const MAXIMUM = 300;

interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly identifier: number;
}

const messages = fc.array(
  fc.record({
    topic: fc.stringMatching(/^[a-z]{1,9}$/),
    payload: fc.uint8Array({ maxLength: 700 }),
    qos: fc.constantFrom(0 as const, 1 as const),
    identifier: fc.integer({ min: 1, max: 65_535 }),
  }),
  { maxLength: 8 },
);

/** A PUBLISH packet as MQTT 3.1.1 §3.3 and MQTT 5 §3.3 write it, its length in as few bytes as there can be. */
function packet({ topic, payload, qos, identifier }: Message, version: '5' | '3.1.1'): Buffer {
  const body = Buffer.concat([
    Buffer.of(topic.length >> 8, topic.length & 0xff),
    Buffer.from(topic),
    qos === 1 ? Buffer.of(identifier >> 8, identifier & 0xff) : Buffer.of(),
    version === '5' ? Buffer.of(0) : Buffer.of(),
    payload,
  ]);
  const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
  return Buffer.concat([Buffer.of(0x30 | (qos << 1), ...length), body]);
}

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const offsets = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return offsets.slice(1).map((end, k) => bytes.subarray(offsets[k], end));
}

describe.each(['3.1.1', '5'] as const)('PacketSieve, MQTT %s', (version) => {
  it('hands on what is not too large as it is, and of the rest topic and identifier, however it comes in', () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 40 }), (sent, cuts) => {
        const sieve = new PacketSieve(MAXIMUM, version);
        const packets = sent.map((message) => packet(message, version));
        const passed = pieces(Buffer.concat(packets), cuts).map((piece) => sieve.sift(piece));
        const expected = sent.map((message, k) =>
          packets[k]!.length > MAXIMUM ? packet({ ...message, payload: Buffer.of() }, version) : packets[k]!,
        );
        expect(Buffer.concat(passed).toString('hex')).toBe(Buffer.concat(expected).toString('hex'));
        expect(sieve.cut).toEqual(
          packets.flatMap(({ length }, k) => (length > MAXIMUM ? [{ publish: k + 1, bytes: length }] : [])),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('hands on a chunk without large packets without copying it', () => {
    const sieve = new PacketSieve(MAXIMUM, version);
    const message = { topic: 'a', payload: Buffer.alloc(100), qos: 1, identifier: 7 } as const;
    const chunk = Buffer.concat([packet(message, version), Buffer.of(0xd0, 0), packet(message, version)]);
    expect(sieve.sift(chunk).buffer).toBe(chunk.buffer);
  });

  it('refuses what is too large and no message, a length without end, and a topic longer than its packet', () => {
    const sift = (...bytes: number[]) => new PacketSieve(MAXIMUM, version).sift(Buffer.from(bytes));
    expect(() => sift(0x90, 0xff, 0x7f)).toThrow('packet larger than 300 bytes');
    expect(() => sift(0x30, 0xff, 0xff, 0xff, 0xff)).toThrow('malformed packet');
    expect(() => sift(0x32, 0xff, 0x7f, 0xff, 0xff)).toThrow('malformed packet');
  });
});
