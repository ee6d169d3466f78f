import { numberText } from 'spikewire/page';
import type { LiveMachine } from '../../wire/wire.ts';

/** What a machine says at this moment, in one line; empty where it says nothing. */
export function liveText(values: LiveMachine | undefined): string {
  if (values === undefined) return '';
  const { readings, score, anomaly, answer } = values;
  const parts = [
    answer !== undefined && `answer ${typeof answer === 'number' ? numberText(answer) : `“${answer}”`}`,
    score !== undefined && `score ${numberText(score)}`,
    anomaly !== undefined && (anomaly ? 'unusual' : 'usual'),
    `reading ${numberText(readings)}`,
  ];
  return `Live: ${parts.filter((part) => part !== false).join(', ')}`;
}
