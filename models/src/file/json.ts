import { defaultBudget } from '../check/budget.ts';
import { SpikewireError } from '../error.ts';
import type { ImmediateFormat } from './format.ts';
import { checkJsonMemory } from './json-memory.ts';
import { formatModel, parseModel } from './text/model.ts';

/** Texts are written by hand or by small tools; what is larger belongs into the binary form. */
const MAXIMUM_BYTES = 1 << 24;
const BLANKS: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];

/**
 * The text form of a model (docs/model-file.md), to be written and read by people. All numbers come back as float64.
 */
export const json: ImmediateFormat = {
  name: 'json',
  summary: 'text form, to read and edit',
  extensions: ['.json'],
  sniff: (bytes) => bytes.find((byte) => !BLANKS.includes(byte)) === 0x7b,
  read(bytes, _ends, memory = defaultBudget.bytes) {
    checkJsonMemory('model', withinBounds(bytes), memory);
    return { model: parseModel(decode(bytes), { check: false }), notes: [] };
  },
  write: (model) => withinBounds(new TextEncoder().encode(`${formatModel(model).json}\n`)),
};

function withinBounds(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= MAXIMUM_BYTES) return bytes;
  throw new SpikewireError('file', 'model', `is a text of ${bytes.length} bytes`, `at most ${MAXIMUM_BYTES}`);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SpikewireError('file', 'model', 'is not UTF-8', 'JSON in UTF-8', cause);
  }
}
