import type { Health } from '../../wire/wire.ts';
import { spanText } from './time-text.ts';

export const HEALTHS: readonly Health[] = ['reporting', 'problem', 'silent', 'retired', 'revoked'];

export const HEALTH_WORDS: Readonly<Record<Health, string>> = {
  reporting: 'Reporting',
  problem: 'With a problem',
  silent: 'Silent',
  retired: 'Retired',
  revoked: 'Revoked',
};

/** What a word for a device means. */
export function healthText(health: Health, silentAfter: number): string {
  switch (health) {
    case 'reporting':
      return 'reports, and no machine has a problem';
    case 'problem':
      return 'reports that something fails on a machine';
    case 'silent':
      return `no report for ${spanText(silentAfter)}, or never one`;
    case 'retired':
      return 'taken out of service by a person';
    case 'revoked':
      return 'its key is refused';
  }
}
