import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpikewireError } from './error.ts';
import { LONGEST_LINE, printableLine, printableText } from './printable.ts';

/** By code point, from the tables of ECMA-48 and Unicode, not by the property classes that the code uses. */
function steers(point: number): boolean {
  const control = point < 0x20 || (point >= 0x7f && point < 0xa0);
  const separator = point === 0x2028 || point === 0x2029;
  const bidi = point === 0x061c || point === 0x200e || point === 0x200f || (point >= 0x202a && point <= 0x202e);
  const isolate = point >= 0x2066 && point <= 0x2069;
  const invisible = point === 0x200b || point === 0xfeff || (point >= 0xe0000 && point <= 0xe007f);
  return control || separator || bidi || isolate || invisible || (point >= 0xd800 && point <= 0xdfff);
}

const hostile = fc.string({ unit: 'binary', maxLength: 2000 });
const controls = fc.string({
  unit: fc.constantFrom(
    '\u001b',
    '\u009b',
    '\u202e',
    '\u2066',
    '\r',
    '\n',
    '\0',
    '\u{e0041}',
    '\ud800',
    ' ',
    'a',
    '😀',
  ),
  maxLength: 3000,
});

describe.each([
  ['any text', hostile],
  ['controls', controls],
])('a printable line of %s', (_name, texts) => {
  it('steers no terminal, and is one line of bounded length', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const line = printableLine(text);
        expect([...line].map((character) => character.codePointAt(0)!).filter(steers)).toEqual([]);
        expect(line.length).toBeLessThanOrEqual(LONGEST_LINE);
      }),
    );
  });

  it('has a JSON document mean the same', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const document = printableText(JSON.stringify({ [text]: text }));
        expect(JSON.parse(document)).toEqual({ [text]: text });
        expect([...document].map((character) => character.codePointAt(0)!).filter(steers)).toEqual([]);
      }),
    );
  });
});

it('cuts no character in two, wherever the cut falls', () => {
  for (let k = 0; k < 40; k++) {
    const line = printableLine('\u0007'.repeat(k) + 'x'.repeat(k % 3) + '😀'.repeat(400));
    expect([...line].map((character) => character.codePointAt(0)!).filter(steers), `${k} escapes`).toEqual([]);
    expect(line).not.toContain('\\ud');
  }
});

it('leaves readable text of any language as it is', () => {
  const text = 'Küche/温度/रसोई 👩‍🍳: 21,5 °C – می‌خواهم "ok" \\u';
  expect(printableLine(text)).toBe(text);
});

it('has an error say where and what was expected, whatever a name is made of', () => {
  const { message } = new SpikewireError('input', 'house/air', `has "\u001b]0;x\u0007${'x'.repeat(1e6)}"`, 'humidity');
  expect(message.startsWith('house/air: has "\\u001b]0;x\\u0007xxx')).toBe(true);
  expect(message.endsWith('xxx"; expected humidity')).toBe(true);
  expect(message.length).toBe(LONGEST_LINE);
});

it('takes no longer for a long text of spaces, which a search for line breaks could do', () => {
  expect(printableLine(' '.repeat(1 << 24))).toHaveLength(LONGEST_LINE);
});
