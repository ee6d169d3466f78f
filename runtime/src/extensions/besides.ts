import type { SpikewireError } from '@spikewire/models/error';

/** What was expected, and what is installed but cannot be used, for an error. */
export function besides(expected: string, problems: readonly SpikewireError[]): string {
  if (problems.length === 0) return expected;
  return `${expected}; not usable: ${problems.map(({ message }) => message).join('; ')}`;
}
