import { SpikewireError } from '@spikewire/models';

/** Characters that the name of a net has at most: what remembers nets is bounded by their number. */
const LONGEST = 1024;

/** Whether a name is short enough to be remembered. */
export function isShortName(key: string): boolean {
  return key.length <= LONGEST;
}

/** Throws `input` for a name that is too long to be remembered; a topic may have 65,535 bytes. */
export function expectShortName(key: string): void {
  if (isShortName(key)) return;
  throw new SpikewireError('input', 'name of a net', `has ${key.length} characters`, `at most ${LONGEST}`);
}
