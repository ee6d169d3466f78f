import { SpikewireError } from '@spikewire/models';

/** A base on which a device has learned something that it would share. */
export interface SharedBase {
  /** Name and channel of the model in the repository. */
  readonly model: string;
  readonly channel: string;
  /** Of the base's file, in hex. */
  readonly sha256: string;
}

/** A part that an open round still wants of the device. */
export interface WantedPart extends SharedBase {
  /** Id of the round. */
  readonly round: string;
  /** Lessons in a part, at least. */
  readonly fewest: number;
}

/** The answer to the question which parts are wanted. */
export interface WantedParts {
  readonly parts: readonly WantedPart[];
  /** Mean time until the device asks again, in seconds. */
  readonly every: number;
}

/** In one question and one answer. */
export const MOST_SHARED_BASES = 64;
const MOST_PARTS = 256;
const LEAST_EVERY = 1;
const MOST_EVERY = 604_800;

/** Reads the JSON text of an answer. Throws `link` for anything else; never fails in another way. */
export function readWantedParts(text: string): WantedParts {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    throw wrong('answer', 'is not JSON');
  }
  const { parts, every } = recordOf(said);
  if (!Array.isArray(parts) || parts.length > MOST_PARTS) throw wrong('parts', 'is not a list');
  if (typeof every !== 'number' || !(every >= LEAST_EVERY && every <= MOST_EVERY))
    throw wrong('every', `is not ${LEAST_EVERY} to ${MOST_EVERY} s`);
  return { parts: parts.map(partOf), every };
}

function partOf(said: unknown): WantedPart {
  const { round, model, channel, sha256, fewest } = recordOf(said);
  const areTexts = [model, channel].every((text) => typeof text === 'string' && text.length <= 128);
  if (!areTexts || !isHex(round, 16) || !isHex(sha256, 64)) throw wrong('part', 'names no round, model or base');
  if (!Number.isSafeInteger(fewest) || (fewest as number) < 1) throw wrong('fewest', 'is not a whole number above 0');
  return { round, model, channel, sha256, fewest } as WantedPart;
}

function isHex(said: unknown, digits: number): said is string {
  return typeof said === 'string' && said.length === digits && /^[0-9a-f]*$/.test(said);
}

function recordOf(said: unknown): Readonly<Record<string, unknown>> {
  if (typeof said === 'object' && said !== null) return said as Record<string, unknown>;
  throw wrong('answer', 'is not an object');
}

function wrong(where: string, what: string): SpikewireError {
  return new SpikewireError('link', `controller, wanted parts, ${where}`, what, 'as docs/fleet-protocol.md says');
}
