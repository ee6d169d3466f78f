import type { LearnedOnly } from '@spikewire/engine/network';
import { describeLosses } from '@spikewire/engine/network';

/** For people, one line: what a net that could not take a state whole goes on with, and why. */
export function describeLearnedOnly(where: string, { because, reports }: LearnedOnly): string {
  const losses = describeLosses(reports);
  const line = `${where}: continues with what was learned, with fresh membranes and traces: ${because}`;
  return losses === '' ? line : `${line}; ${losses}`;
}
