import { SpikewireError } from '@spikewire/models';
import type { AddressEvents } from './address-events.ts';
import { readAedat2 } from './aedat2.ts';
import { readAedat3 } from './aedat3.ts';
import { readAedat4 } from './aedat4.ts';

/** Bytes of memory for an event while a recording is read: in columns that grow, in order, and in a net. */
const BYTES_OF_EVENT = 64;
const VERSION = /^#!AER-DAT(\d)\.(\d)/;

/**
 * A recording in AEDAT 2.0, 3.1 or 4.0, as its first line says (iniVation, AEDAT file formats). The time of the first
 * event is 0. Throws `file` where the bytes are no such recording, `budget` where its events take more than `memory`
 * bytes, `unsupported` where this Node.js cannot decompress it.
 */
export function readAedat(bytes: Uint8Array, memory: number = 2 ** 31): AddressEvents {
  const most = Math.floor(memory / BYTES_OF_EVENT);
  const line = new TextDecoder('latin1').decode(bytes.subarray(0, 14));
  const version = VERSION.exec(line)?.slice(1).join('.');
  if (version === '2.0') return readAedat2(bytes, most);
  if (version === '3.1') return readAedat3(bytes, most);
  if (version === '4.0') return readAedat4(bytes, most);
  const problem = version === undefined ? 'does not begin with #!AER-DAT' : `is AEDAT ${version}`;
  throw new SpikewireError('file', 'recording', problem, 'AEDAT 2.0, 3.1 or 4.0');
}
