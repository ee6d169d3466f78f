/** A message that was cut to its topic because its packet was too large. */
export interface CutPacket {
  /** Which PUBLISH packet of the connection it is, counted from 1. */
  readonly publish: number;
  /** Size of the whole packet. */
  readonly bytes: number;
}

const PUBLISH = 3;
/** Type and flags, and a length in at most four bytes of seven bits (MQTT 3.1.1 §2.2.3). */
const LONGEST_FIXED_HEADER = 5;
const TOPIC_LENGTH = 2;
const IDENTIFIER = 2;

/**
 * Cuts packets that are too large out of what a broker sends, before anybody collects them. A broker for MQTT 3.1.1 is
 * told no limit, and sends a message of QoS 1 again over every connection until it is acknowledged, so neither memory
 * nor the end of the connection is an answer to it. What is left of a PUBLISH packet is one with its topic and
 * identifier and no payload, that can be acknowledged. At most a fixed header is held back; everything else passes as
 * it comes.
 */
export class PacketSieve {
  /** Cut and not yet asked for, oldest first. */
  readonly cut: CutPacket[] = [];
  /** Bytes that have come. */
  bytes = 0;
  readonly #maximum: number;
  /** MQTT 5 has properties between identifier and payload. */
  readonly #properties: boolean;
  #publishes = 0;
  /** The beginning of a header whose rest has not come. */
  #held: Buffer = Buffer.alloc(0);
  /** Bytes of the present packet that pass, then how many do not. */
  #passing = 0;
  #dropping = 0;

  /** @param maximum bytes of the largest packet that passes whole */
  constructor(maximum: number, version: '5' | '3.1.1') {
    this.#maximum = maximum;
    this.#properties = version === '5';
  }

  /**
   * @returns what passes: the chunk itself where nothing in it is too large
   * @throws Error for a packet that is too large and no message, or malformed
   */
  sift(arrived: Buffer): Buffer {
    this.bytes += arrived.length;
    const chunk = this.#held.length === 0 ? arrived : Buffer.concat([this.#held, arrived]);
    this.#held = Buffer.alloc(0);
    const kept: Buffer[] = [];
    /** From here on the chunk passes. */
    let from = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#passing > 0) {
        const count = Math.min(this.#passing, chunk.length - at);
        this.#passing -= count;
        at += count;
        // The stub's empty properties.
        if (this.#passing === 0 && this.#dropping > 0 && this.#properties) {
          kept.push(chunk.subarray(from, at), Buffer.of(0));
          from = at;
        }
      } else if (this.#dropping > 0) {
        kept.push(chunk.subarray(from, at));
        const count = Math.min(this.#dropping, chunk.length - at);
        this.#dropping -= count;
        at += count;
        from = at;
      } else {
        const header = this.#header(chunk, at);
        if (header === undefined) {
          this.#held = Buffer.from(chunk.subarray(at));
          return joined(kept, chunk.subarray(from, at));
        }
        if (header.stub !== undefined) {
          kept.push(chunk.subarray(from, at), header.stub);
          from = at + header.length;
        }
        at += header.length;
      }
    }
    return joined(kept, chunk.subarray(from, at));
  }

  /** Takes the header of a packet; undefined until all of it is there. `stub` is the one that passes in its place. */
  #header(chunk: Buffer, at: number): { length: number; stub?: Buffer } | undefined {
    let size = 0;
    let end = at + 1;
    let more = true;
    for (; more && end < at + LONGEST_FIXED_HEADER; end++) {
      if (end === chunk.length) return undefined;
      const byte = chunk[end]!;
      size += (byte & 0x7f) * 2 ** (7 * (end - at - 1));
      more = byte >= 0x80;
    }
    if (more) throw new Error('malformed packet');
    const first = chunk[at]!;
    const length = end - at;
    const isPublish = first >> 4 === PUBLISH;
    if (length + size <= this.#maximum) {
      if (isPublish) this.#publishes++;
      this.#passing = size;
      return { length };
    }
    if (!isPublish) throw new Error(`packet larger than ${this.#maximum} bytes`);
    if (chunk.length < end + TOPIC_LENGTH) return undefined;
    const identifier = (first & 0x06) === 0 ? 0 : IDENTIFIER;
    const passing = TOPIC_LENGTH + chunk.readUInt16BE(end) + identifier;
    const properties = this.#properties ? 1 : 0;
    if (passing + properties > size) throw new Error('malformed packet');
    this.cut.push({ publish: ++this.#publishes, bytes: length + size });
    this.#passing = passing;
    this.#dropping = size - passing;
    return { length, stub: fixedHeader(first, passing + properties) };
  }
}

function fixedHeader(first: number, size: number): Buffer {
  const bytes = [first];
  let rest = size;
  do {
    const low = rest & 0x7f;
    rest >>= 7;
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return Buffer.from(bytes);
}

function joined(kept: Buffer[], last: Buffer): Buffer {
  return kept.length === 0 ? last : Buffer.concat([...kept, last]);
}
