import { expect, it } from 'vitest';
import { findingsIn, WORDS } from '../../scripts/check-words.mjs';

/** A sentence for each wording. */
const MISREAD = [
  'a port; 80 where absent',
  'a shape that is none',
  'a file; one that is there is added to',
  'the store is there already',
  'this option is not looked at',
  'enough memory, and nobody who ends it',
  'a service, for good',
  'what is in the house',
  'nets go on on this machine',
  'the broker keeps what this machine has no time for',
  'a line for its owner only',
  'this is no good reading',
  'a value as never so far',
  'for those who look',
  'the second output has what came of it',
  'so many readings before an alarm',
  'the payload, as it came',
  'the bearing is looked at',
  'recordings that are over',
  'the answer is sure by 62 %',
  'the net starts anew',
  'a net goes on with its old weights',
  'an ending that says nothing',
  'a driver; none that is installed',
  'more messages come than are done here',
  'device "steam": is no engine',
  'a chunk at a place that none has',
  'it learns, and the format has no such thing',
  'a layer that is not known here',
  'what was taught comes along',
  'a message that says how updates stand',
  'the option is given for a single net',
  'has nothing to choose by',
  'another topic, or the net would hear itself',
  'does not know which net to tell',
  'files without a rate are taken to have it',
];

it.each(MISREAD)('finds “%s” in a document, a label and a text in quotes, with the place', (sentence) => {
  const expected = expect.stringMatching(/:2: ".+"; expected /);
  expect(findingsIn('docs/a.md', `# A\n${sentence}\n`)).toEqual([expected]);
  expect(findingsIn('nodes/palette/locales/en-US/a.json', `{\n"a": "${sentence}"`)).toEqual([expected]);
  expect(findingsIn('runtime/src/a.ts', `const a =\n  '${sentence}';`)).toEqual([expected]);
});

it('has a sentence here for each wording', () => {
  for (const [pattern] of WORDS) expect(MISREAD.some((sentence) => pattern.test(sentence))).toBe(true);
});

it('leaves code of documents, comments and the rest of the sources alone', () => {
  expect(findingsIn('docs/a.md', '```sh\necho for good\n```\nwell\n')).toEqual([]);
  expect(findingsIn('runtime/src/a.ts', '/** Empty where absent. */\nconst house = the.house; // for good\n')).toEqual(
    [],
  );
  expect(findingsIn('docs/a.md', 'Before the start there are none.')).toEqual([]);
});
