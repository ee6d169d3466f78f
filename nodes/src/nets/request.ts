import { describeValue, SpikewireError } from 'spikewire';
import { COMMANDS, type CommandName } from 'spikewire/desk';
import { type Lesson, type NetShape, parseLesson, type Reading } from 'spikewire/session';
import type { Message } from '../node-red.ts';
import { checkLength, checkText, MOST_BYTES, plainDocument } from './plain-document.ts';

/** The command of a message that has one. Throws `input` for one that nobody knows. */
export function commandOf({ command }: Message): CommandName | undefined {
  if (command === undefined) return undefined;
  const found = COMMANDS.find((known) => known === command);
  if (found !== undefined) return found;
  throw new SpikewireError('input', 'msg.command', `is ${describeValue(command)}`, COMMANDS.join(', '));
}

/**
 * What a message without a command asks of a net: to take a reading, to learn a lesson, or first the one and then the
 * other.
 */
export interface Work {
  readonly reading: Reading | undefined;
  readonly lesson: Lesson | undefined;
}

/**
 * Reads payload and lesson; `taught` is what the node's own setting found in the message. A message without a payload
 * teaches about the last answer; nothing is asked by one whose reading the settings leave out. Throws `input` before
 * anything has changed.
 */
export function workOf(
  { payload }: Message,
  taught: unknown,
  net: NetShape,
  read: (bytes: Uint8Array) => Reading | undefined,
): Work | undefined {
  const lesson = isAbsent(taught) ? undefined : lessonOf(taught, net);
  if (lesson !== undefined && isAbsent(payload)) return { reading: undefined, lesson };
  const reading = read(payloadBytes(payload));
  return reading && { reading, lesson };
}

/** Whether a message has nothing there; an empty text too is what nodes without a value send. */
export function isAbsent(value: unknown): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}

/**
 * `{"label" | "target" | "error" | "reward", "t"?}` as it is; a bare value is the label for a net with labels and else
 * the target.
 */
function lessonOf(taught: unknown, { model, outputs, takesNewClasses }: NetShape): Lesson {
  const isNamed = typeof taught === 'object' && !Array.isArray(taught) && !ArrayBuffer.isView(taught);
  const value = plainDocument(taught, 'lesson');
  const isLabel = (takesNewClasses || model.labels.length > 0) && !Array.isArray(value);
  const lesson = parseLesson(isNamed ? value : isLabel ? { label: value } : { target: value }, outputs);
  if (lesson.kind === 'label' && !takesNewClasses && !model.labels.includes(lesson.label)) {
    const expected = model.labels.join(', ') || 'a net that names classes';
    throw new SpikewireError('input', 'label', `is ${describeValue(lesson.label)}`, expected);
  }
  return lesson;
}

/**
 * A payload as a reader takes it. What JSON cannot say is passed on as text, for the reader to name in its error.
 * Throws `input` where there is none, or more than a message may hold.
 */
export function payloadBytes(payload: unknown): Uint8Array {
  if (payload === undefined) throw new SpikewireError('input', 'msg.payload', 'is missing', 'a reading');
  const bytes = payload instanceof Uint8Array ? payload : encoded(payload);
  checkText(bytes, 'msg.payload');
  return bytes;
}

function encoded(payload: unknown): Uint8Array {
  if (typeof payload === 'string') {
    checkLength(payload, 'msg.payload', MOST_BYTES);
    return new TextEncoder().encode(payload);
  }
  // In an array a number has a channel that an error can name.
  const document = typeof payload === 'number' ? [payload] : payload;
  try {
    return new TextEncoder().encode(JSON.stringify(plainDocument(document, 'msg.payload')));
  } catch (cause) {
    if (cause instanceof SpikewireError) throw cause;
    throw new SpikewireError('input', 'msg.payload', 'cannot be read', 'a reading of numbers', cause);
  }
}
