import { createHash } from 'node:crypto';
import type { NotedRow } from './history.ts';

/** What is compared of an entry of the controller's history. */
export function noteOf(actor: string, action: string, subject: string, ...details: unknown[]): string {
  return [actor, action, subject, ...details].join(' ');
}

/** What is wrong with a history: its chain of hashes, and whether it has what was to be noted, and nothing else. */
export function problemsOf(noted: readonly NotedRow[], expected: readonly string[]): string[] {
  const found = noted.flatMap(({ actor, action, subject, details }) => {
    const { phase, waves } = JSON.parse(details) as { phase?: string; waves?: number };
    if (action === 'make-token') return [];
    return action === 'advance' ? noteOf(actor, action, subject, phase, waves) : noteOf(actor, action, subject);
  });
  return [
    ...breaksOf(noted),
    ...moreOf(found, expected).map((note) => `${note}: was noted more often than it happened`),
    ...moreOf(expected, found).map((note) => `${note}: happened more often than it was noted`),
  ];
}

function breaksOf(noted: readonly NotedRow[]): string[] {
  let previous = '0'.repeat(64);
  return noted.flatMap((row, k) => {
    const { number, time, actor, action, subject, details, hash } = row;
    const text = JSON.stringify([number, time, actor, action, subject, details, previous]);
    const isNext = number === k + 1 && row.previous === previous;
    previous = hash;
    const isWhole = isNext && hash === createHash('sha256').update(text).digest('hex');
    return isWhole ? [] : [`the chain breaks at entry ${k + 1}`];
  });
}

/** What a list has more often than another one. */
function moreOf(list: readonly string[], other: readonly string[]): string[] {
  const countIn = (those: readonly string[], item: string) => those.filter((each) => each === item).length;
  return [...new Set(list)].filter((item) => countIn(list, item) > countIn(other, item));
}
