import { SpikewireError } from '@spikewire/models';
import type { Labels } from '../../controller/wire/wire.ts';

/** Labels from words such as `site=mill`. Throws `usage`. */
export function labelsIn(words: readonly string[], where: string): Labels {
  const pairs = words.map((word) => {
    const [, key, value] = /^([^=]+)=(.+)$/s.exec(word) ?? [];
    if (key !== undefined && value !== undefined) return [key, value] as const;
    throw new SpikewireError('usage', `${where} ${word}`, 'is not a label', '<key>=<value>');
  });
  return Object.fromEntries(pairs);
}

export function labelsText(labels: Labels): string {
  return Object.entries(labels)
    .map((pair) => pair.join('='))
    .join(' ');
}
