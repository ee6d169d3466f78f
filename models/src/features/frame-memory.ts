import { SpikewireError } from '../error.ts';

/** Numbers that one feature may keep for all channels: 8 MiB. */
const MOST_NUMBERS = 2 ** 20;

/** Zeros for a feature's memory, or a `budget` error before anything is allocated. */
export function frameMemory(where: string, numbers: number): Float64Array {
  if (numbers <= MOST_NUMBERS) return new Float64Array(numbers);
  throw new SpikewireError('budget', where, `would keep ${numbers} numbers`, `at most ${MOST_NUMBERS}`);
}
