import type { RolloutRow } from '../database/rollout-rows.ts';
import { type DeviceCounts, evidenceOf } from './evidence.ts';
import type { Plan } from './plan.ts';

const HOUR = 3_600_000;

/**
 * When a rollout ends if it proceeds as it has until now, in milliseconds since 1970; null where that cannot be told:
 * it waits for a person, has ended, or its labels do not say yet that the base is not worse. The logarithm of an
 * e-value grows in proportion to the labels, and so to the time.
 */
export function expectedEnd(
  { phase, waves, since, paused, begun }: Pick<RolloutRow, 'phase' | 'waves' | 'since' | 'paused' | 'begun'>,
  { waves: shares, waveHours, gates }: Plan,
  counts: readonly DeviceCounts[],
  now: number,
): number | null {
  if (paused) return null;
  if (phase === 'waves') return Math.max(now, since + waveHours * HOUR) + (shares.length - waves) * waveHours * HOUR;
  if (phase !== 'shadow') return null;
  const evidence = Math.log(evidenceOf(counts, gates).notWorse);
  if (evidence <= 0) return null;
  const trialEnd = begun + (now - begun) * Math.max(1, Math.log(gates.goEvidence) / evidence);
  return Math.round(trialEnd + shares.length * waveHours * HOUR);
}
