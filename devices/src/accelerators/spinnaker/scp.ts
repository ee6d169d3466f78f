import { decodeSdp, encodeSdp, HOST, NO_REPLY, NO_TAG, REPLY_EXPECTED, type SdpPlace } from './sdp.ts';

/** Numbers of the commands (SpiNNMan a79d3a3, messages/scp/enums/scp_command.py). */
export const commands = { version: 0, read: 2, write: 3, signal: 22, tag: 26, allocate: 28, info: 31 } as const;

/** Most bytes that a request or a reply carries. */
export const MOST_DATA = 256;
const HEADER_BYTES = 4;
const REQUEST_BYTES = HEADER_BYTES + 12;

/** A request of the SpiNNaker command protocol, which the monitor of a chip answers. */
export interface ScpRequest {
  /** For people. */
  readonly name: string;
  readonly command: number;
  readonly arguments: readonly [number, number, number];
  readonly data?: Uint8Array;
  /** The core that is asked; absent: the monitor of chip 0, 0. */
  readonly to?: Partial<SdpPlace>;
  /** More bits of the SDP header's flags. */
  readonly flags?: number;
}

export interface ScpReply {
  /** 0x80: done. */
  readonly code: number;
  readonly sequence: number;
  readonly data: Uint8Array;
}

const CODES: Readonly<Record<number, string>> = {
  128: 'OK',
  129: 'LEN (wrong length)',
  130: 'SUM (wrong checksum)',
  131: 'CMD (unknown command)',
  132: 'ARG (wrong argument)',
  133: 'PORT (wrong port)',
  134: 'TIMEOUT',
  135: 'ROUTE (no route)',
  136: 'CPU (wrong core)',
  137: 'DEAD (dead core)',
  138: 'BUF (no buffer)',
  139: 'P2P_NOREPLY',
  140: 'P2P_REJECT',
  141: 'P2P_BUSY',
  142: 'P2P_TIMEOUT',
  143: 'PKT_TX (packet not sent)',
};
export const OK = 0x80;
/** Of a monitor that could not do it at that moment: TIMEOUT and P2P_BUSY. */
const RETRYABLE: ReadonlySet<number> = new Set([0x86, 0x8d]);

export const isRetryable = (code: number) => RETRYABLE.has(code);

/** The name of a result, as the makers of the board call it. */
export const nameOfCode = (code: number) => CODES[code] ?? `0x${code.toString(16)}`;

/** Command and sequence number as u16, three arguments as u32, then data; all little-endian. */
export function encodeRequest(
  { command, arguments: words, data = new Uint8Array(0), to, flags = 0 }: ScpRequest,
  sequence: number,
): Uint8Array {
  const payload = new Uint8Array(REQUEST_BYTES + data.length);
  const view = new DataView(payload.buffer);
  view.setUint16(0, command, true);
  view.setUint16(2, sequence, true);
  for (const [k, word] of words.entries()) view.setUint32(HEADER_BYTES + 4 * k, word >>> 0, true);
  payload.set(data, REQUEST_BYTES);
  const place = { x: 0, y: 0, cpu: 0, port: 0, ...to };
  return encodeSdp({ flags: REPLY_EXPECTED | flags, tag: NO_TAG, to: place, from: HOST }, payload);
}

/** The reply in a datagram; undefined where it is none, such as a packet of spikes. */
export function decodeReply(datagram: Uint8Array): ScpReply | undefined {
  const { header, payload } = decodeSdp(datagram) ?? {};
  if (header?.flags !== NO_REPLY || payload!.length < HEADER_BYTES) return undefined;
  const view = new DataView(payload!.buffer, payload!.byteOffset, payload!.length);
  return { code: view.getUint16(0, true), sequence: view.getUint16(2, true), data: payload!.subarray(HEADER_BYTES) };
}
