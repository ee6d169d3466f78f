import { SpikewireError } from '@spikewire/models';
import { type AddressEvents, addressEvents, inOrder } from './address-events.ts';

const BYTES = 8;
const [PERCENT, LINE_FEED] = [0x25, 0x0a];
/** Types of events with two dimensions. */
const PLANAR = [0x00, 0x0c];

/**
 * The `.dat` files of Prophesee's sensors (N-CARS among them): lines of text that begin with %, a byte each for the
 * type and the size of an event, then little-endian 32 bits of microseconds and 14 bits of x, 14 of y, 4 of polarity.
 * Throws `file` where the bytes are no such file or times go back.
 */
export function readPropheseeDat(bytes: Uint8Array): AddressEvents {
  const start = endOfHeader(bytes);
  const [type, size] = [bytes[start], bytes[start + 1]];
  if (start === 0 || type === undefined || size === undefined || !PLANAR.includes(type) || size !== BYTES) {
    const found = start === 0 ? 'has no header' : `has events of type ${type ?? 'none'} with ${size ?? 'no'} bytes`;
    const expected = `a header of lines with % and events of type ${PLANAR.join(' or ')} with ${BYTES} bytes`;
    throw new SpikewireError('file', 'Prophesee recording', found, expected);
  }
  const first = start + 2;
  if ((bytes.length - first) % BYTES !== 0) {
    const problem = `has ${bytes.length - first} bytes of events`;
    throw new SpikewireError('file', 'Prophesee recording', problem, `a multiple of ${BYTES}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = (bytes.length - first) / BYTES;
  const events = addressEvents(length);
  for (let k = 0, at = first; k < length; k++, at += BYTES) {
    const address = view.getUint32(at + 4, true);
    events.time[k] = view.getUint32(at, true) / 1e6;
    events.x[k] = address & 0x3fff;
    events.y[k] = (address >>> 14) & 0x3fff;
    events.polarity[k] = (address >>> 28) & 1;
  }
  return inOrder(events, length);
}

/** The place behind the lines that begin with %. */
function endOfHeader(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === PERCENT) {
    const end = bytes.indexOf(LINE_FEED, at);
    if (end < 0) return bytes.length;
    at = end + 1;
  }
  return at;
}
