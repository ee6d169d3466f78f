import { SpikewireError } from '@spikewire/models';

/** Largest message that is looked at, in bytes. */
const MAXIMUM_MESSAGE_BYTES = 1 << 20;
/** Names of a message, in all its objects together: they take far longer to read than numbers do. */
export const MOST_NAMES = 1 << 14;
const COLON = ':'.charCodeAt(0);

const READING = 'a number, an array, an object of named channels, or {"t", "values"}';

/** A JSON document from bytes, or an `input` error of one line; `expected` says in it what the document should be. */
export function parseJson(payload: Uint8Array, expected = READING): unknown {
  const text = textOf(payload, expected);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notJson(text, expected, cause);
  }
}

/** As `parseJson`, but a bare word such as ON, as some devices send it, is a text. */
export function parseJsonOrWord(payload: Uint8Array, expected = READING): unknown {
  const text = textOf(payload, expected);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const word = text.trim();
    if (word.length <= LONGEST_WORD && /^[+-]?\.?\w+([.,:+-]\w+)*$/.test(word)) return word;
    throw notJson(text, expected, cause);
  }
}

const LONGEST_WORD = 40;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

function textOf(payload: Uint8Array, expected: string): string {
  if (payload.length > MAXIMUM_MESSAGE_BYTES) {
    throw new SpikewireError('input', 'message', `has ${payload.length} bytes`, `at most ${MAXIMUM_MESSAGE_BYTES}`);
  }
  if (hasTooManyNames(payload)) {
    throw new SpikewireError('input', 'message', `has more than ${MOST_NAMES} names`, `at most ${MOST_NAMES}`);
  }
  try {
    return UTF8.decode(payload);
  } catch (cause) {
    throw notJson(new TextDecoder().decode(payload.subarray(0, LONGEST_WORD)), expected, cause);
  }
}

/** By the colons, of which each name has one: the message is not parsed for it. */
function hasTooManyNames(payload: Uint8Array): boolean {
  let colons = 0;
  for (let at = payload.indexOf(COLON); at >= 0; at = payload.indexOf(COLON, at + 1)) {
    if (++colons > MOST_NAMES) return true;
  }
  return false;
}

function notJson(text: string, expected: string, cause: unknown): SpikewireError {
  const shown = JSON.stringify(text.slice(0, LONGEST_WORD));
  return new SpikewireError('input', 'message', `is not JSON: ${shown}`, expected, cause);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
