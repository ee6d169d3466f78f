import { SpikewireError, type TensorData } from '@spikewire/models';
import type { RunState } from './run.ts';

/**
 * Writes a state's arrays over a run's own. Throws `file`, with the path, where one is missing or of another length;
 * nothing is changed then.
 */
export function restoreArrays(
  own: Readonly<Record<string, TensorData>>,
  arrays: RunState['arrays'],
  path: string,
): void {
  const entries = Object.entries(own);
  for (const [name, { length }] of entries) {
    const found = arrays[name]?.length;
    if (found === length) continue;
    const problem = `has ${found ?? 'no'} numbers for "${name}"`;
    throw new SpikewireError('file', path, problem, `${length}, as the configuration says`);
  }
  for (const [name, array] of entries) array.set(arrays[name]!);
}

/** Copies, as they are now. */
export function copied(own: Readonly<Record<string, TensorData>>): RunState['arrays'] {
  return Object.fromEntries(Object.entries(own).map(([name, array]) => [name, array.slice()]));
}
