import { totalmem } from 'node:os';

/**
 * Share of the machine that a net may take where nobody says otherwise: the system and what else runs there want the
 * rest.
 */
const SHARE = 0.5;

/**
 * What a net may take on this machine where nobody says otherwise: half of its memory, or of what this process may have
 * of it.
 */
export function memoryOfMachine(total = totalmem(), allowed = process.constrainedMemory()): number {
  // Without a limit for the process it is 0, or a number beyond any machine.
  return Math.floor(SHARE * (allowed > 0 && allowed < total ? allowed : total));
}
