/** Where a message goes to or comes from: a core of a chip, and the port of SDP there. */
export interface SdpPlace {
  readonly x: number;
  readonly y: number;
  /** 0 … 31; 0 is the monitor of the chip, 31 the host. */
  readonly cpu: number;
  /** 0 … 7. */
  readonly port: number;
}

export interface SdpHeader {
  readonly flags: number;
  /** The IP tag by which it leaves the board; 255: that of the sender. */
  readonly tag: number;
  readonly to: SdpPlace;
  readonly from: SdpPlace;
}

/** Bytes of a header. */
export const SDP_BYTES = 8;
/** Zero bytes before each message that goes over UDP. */
export const PAD_BYTES = 2;
export const REPLY_EXPECTED = 0x87;
export const NO_REPLY = 0x07;
export const NO_TAG = 255;
export const HOST: SdpPlace = { x: 0, y: 0, cpu: 31, port: 7 };

/**
 * A message of the SpiNNaker datagram protocol as it goes over UDP: two zero bytes, the header, the payload (SpiNNMan
 * a79d3a3, messages/sdp/sdp_header.py).
 */
export function encodeSdp({ flags, tag, to, from }: SdpHeader, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PAD_BYTES + SDP_BYTES + payload.length);
  bytes.set([flags, tag, placeByte(to), placeByte(from), to.y, to.x, from.y, from.x], PAD_BYTES);
  bytes.set(payload, PAD_BYTES + SDP_BYTES);
  return bytes;
}

/** Header and payload of a datagram; undefined where it has none, or does not begin with zeros. */
export function decodeSdp(datagram: Uint8Array): { header: SdpHeader; payload: Uint8Array } | undefined {
  if (datagram.length < PAD_BYTES + SDP_BYTES || datagram[0] !== 0 || datagram[1] !== 0) return undefined;
  const [flags, tag, to, from, toY, toX, fromY, fromX] = datagram.subarray(PAD_BYTES) as unknown as number[];
  return {
    header: { flags: flags!, tag: tag!, to: placeOf(to!, toX!, toY!), from: placeOf(from!, fromX!, fromY!) },
    payload: datagram.subarray(PAD_BYTES + SDP_BYTES),
  };
}

const placeByte = ({ cpu, port }: SdpPlace) => (port << 5) | cpu;

const placeOf = (byte: number, x: number, y: number): SdpPlace => ({ x, y, cpu: byte & 31, port: byte >> 5 });
