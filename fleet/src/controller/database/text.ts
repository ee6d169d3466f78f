import { SpikewireError } from '@spikewire/models';

/** Of a token, in characters: those of a controller are shorter. */
export const LONGEST_TOKEN = 200;
/** Of a name that a person or a device gives, in characters. */
export const LONGEST_NAME = 128;

/**
 * Throws `input` for text that a database changes or refuses.
 * @param where what the text is of, for people
 */
export function expectText(where: string, text: string): void {
  if (!isText(text))
    throw new SpikewireError(
      'input',
      where,
      `${JSON.stringify(text.slice(0, 64))} is not valid text`,
      'whole characters',
    );
}

/** Throws `input` for text that is no name. */
export function expectName(where: string, text: string, longest = LONGEST_NAME): void {
  expectText(where, text);
  if (!isName(text, longest))
    throw new SpikewireError('input', where, `has ${text.length} characters or blanks around`, `1 to ${longest}`);
}

export function isName(text: string, longest = LONGEST_NAME): boolean {
  return isText(text) && text !== '' && text.length <= longest && text.trim() === text;
}

/** Whether every database gives the text back as it was: UTF-8 has no halves of characters, and PostgreSQL no NUL. */
export function isText(text: string): boolean {
  return !/\p{Surrogate}|\0/u.test(text);
}
