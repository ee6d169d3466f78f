import { SpikewireError } from '@spikewire/models';
import { type AddressEvents, addressEvents, inOrder } from './address-events.ts';

const BYTES = 5;
/** A row that no sensor of this format has marks an overflow of the clock. */
const OVERFLOW_ROW = 240;
const OVERFLOW = 2 ** 13;

/**
 * The `.bin` files of N-MNIST and N-Caltech101 (Orchard et al. 2015): five bytes an event, x, y, then big-endian one
 * bit of polarity and 23 bits of microseconds. Throws `file` where the length is not a multiple of five or times go
 * back; every other byte string is a recording.
 */
export function readNMnist(bytes: Uint8Array): AddressEvents {
  if (bytes.length % BYTES !== 0) {
    const problem = `has ${bytes.length} bytes`;
    throw new SpikewireError('file', 'N-MNIST recording', problem, `a multiple of ${BYTES}, the bytes of an event`);
  }
  const events = addressEvents(bytes.length / BYTES);
  let length = 0;
  let overflow = 0;
  for (let at = 0; at < bytes.length; at += BYTES) {
    const row = bytes[at + 1]!;
    const sign = bytes[at + 2]!;
    if (row === OVERFLOW_ROW) {
      overflow += OVERFLOW;
      continue;
    }
    const microseconds = ((sign & 0x7f) << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!;
    events.time[length] = (microseconds + overflow) / 1e6;
    events.x[length] = bytes[at]!;
    events.y[length] = row;
    events.polarity[length++] = sign >> 7;
  }
  return inOrder(events, length);
}

/** Time stamps have so many microseconds. */
const MICROSECONDS = 2 ** 23;

/**
 * The event at x, y of 8 bits each, at microseconds since the start, as such a file has it; undefined where it cannot
 * hold it: row 240, or later than 8.4 s.
 */
export function nMnistEvent(x: number, y: number, polarity: number, microseconds: number): Uint8Array | undefined {
  if (x > 0xff || y > 0xff || y === OVERFLOW_ROW || microseconds >= MICROSECONDS) return undefined;
  const [high, middle, low] = [microseconds >>> 16, (microseconds >>> 8) & 0xff, microseconds & 0xff];
  return Uint8Array.of(x, y, (polarity << 7) | high, middle, low);
}
