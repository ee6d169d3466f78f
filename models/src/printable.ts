/**
 * Characters that steer a terminal, turn the direction of writing or cannot be seen; two joiners belong to scripts and
 * stay.
 */
const UNPRINTABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The longest line that is said about anything, in UTF-16 units. */
export const LONGEST_LINE = 600;

/** Room for the beginning of a line that is cut in its middle: it says where, the end says what was expected. */
const BEGINNING = 360;

/**
 * What may come from outside, as one line that is safe to print: unprintable characters as `\u001b`, line breaks as a
 * space, and what is too long cut in the middle.
 */
export function printableLine(text: string): string {
  // Cut before anything else, so that the cost does not grow with the text; again, because escapes are longer.
  return shortened(escapeUnprintable(shortened(text).replace(/\s*[\r\n]+\s*/g, ' ')));
}

/** Lines of an answer, each as long as it is and one line: line breaks in it as a space, others as `\u001b`. */
export function printableLines(lines: readonly string[]): string {
  return lines.map((line) => escapeUnprintable(line.replace(/[\r\n]+/g, ' '))).join('\n');
}

/**
 * A text of lines, or a JSON document, which means the same afterwards: unprintable characters but line breaks as
 * `\u001b`.
 */
export function printableText(text: string): string {
  return text.replace(UNPRINTABLE, (character) => (character === '\n' ? character : escaped(character)));
}

function escapeUnprintable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

function escaped(character: string): string {
  return character.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function shortened(text: string): string {
  if (text.length <= LONGEST_LINE) return text;
  // A character of two units stays whole or goes.
  const beginning = text.slice(0, BEGINNING).replace(/[\ud800-\udbff]$/, '');
  const end = text.slice(text.length - (LONGEST_LINE - BEGINNING - 1)).replace(/^[\udc00-\udfff]/, '');
  return `${beginning}…${end}`;
}

/** A number for people, of at most four digits. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A number of bytes for people, such as `12.5 MB`. */
export function megabytes(bytes: number): string {
  return `${Number((bytes / 1e6).toPrecision(3))} MB`;
}

/** A value as an error shows it: short. */
export function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  // No more of a text is looked at than is shown.
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : String(value);
  return text.length > 64 ? `${text.slice(0, 63)}…` : text;
}

const LISTED = 20;
const LONGEST = 64;

/** The names an error offers for a wrong one; a long list is cut short, because an error is one line. */
export function candidates(names: Iterable<string>): string {
  const all = [...names];
  if (all.length === 0) return 'none';
  const more = all.length - LISTED;
  const listed = all.slice(0, LISTED).map((name) => (name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name));
  return listed.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
