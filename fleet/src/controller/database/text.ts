import { SpikewireError } from '@spikewire/models';

/** Of a name that a person or a device gives, in characters. */
export const LONGEST_NAME = 128;

/**
 * Throws `input` for text that a database changes or refuses: UTF-8 has no halves of characters, and PostgreSQL no NUL.
 * @param where what the text is of, for people
 */
export function expectText(where: string, text: string): void {
  if (/\p{Surrogate}|\0/u.test(text))
    throw new SpikewireError('input', where, `${JSON.stringify(text.slice(0, 64))} is no text`, 'whole characters');
}

/** Throws `input` for text that is no name. */
export function expectName(where: string, text: string, longest = LONGEST_NAME): void {
  expectText(where, text);
  if (text === '' || text.length > longest || text.trim() !== text)
    throw new SpikewireError('input', where, `has ${text.length} characters or blanks around`, `1 to ${longest}`);
}
