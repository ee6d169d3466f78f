import { totalmem } from 'node:os';
import { SpikewireError } from '@spikewire/models/error';

/** Bytes of what may be written behind a number. */
const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
/** Share of the machine that a net may take where nobody says otherwise: the system and what else runs there want the rest. */
const SHARE = 0.5;

/** What a net may take on this machine where nobody says otherwise: half of its memory, or of what this process may have of it. */
export function memoryOfMachine(total = totalmem(), allowed = process.constrainedMemory()): number {
  // Without a limit for the process it is 0, or a number beyond any machine.
  return Math.floor(SHARE * (allowed > 0 && allowed < total ? allowed : total));
}

/** Reads `64M`, `1.5G` or a number of bytes; a `usage` error names the option. */
export function parseMemory(where: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([KMG]?)$/i.exec(text) ?? [];
  const bytes = number === undefined ? 0 : Math.floor(Number(number) * UNITS[unit!.toUpperCase()]!);
  if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new SpikewireError('usage', where, `is "${text}"`, 'bytes above 0, such as 64M or 1.5G');
}
