import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Field } from '../field.ts';
import type { PaletteNode } from './node.ts';
import { palette } from './palette.ts';

const PACKAGE = new URL('../../', import.meta.url);
const LOCALES = new URL('palette/locales/', PACKAGE);
const LANGUAGES = readdirSync(LOCALES);

function readJson(url: URL) {
  return JSON.parse(readFileSync(url, 'utf8'));
}

it('the manifest has an entry for each node, in order', () => {
  const entries = Object.entries(readJson(new URL('package.json', PACKAGE))['node-red'].nodes);
  expect(entries).toEqual(palette.map(({ type }) => [type, `palette/${type}.js`]));
});

/** The keys of all texts that a declaration needs. */
function keysOf({ fields, first, sections = {}, inputs = [], outputs = [], tip }: PaletteNode): string[] {
  const ports = [...inputs, ...outputs].map((port) => `port.${port}`);
  const own = Object.entries(fields).flatMap(([name, field]) => [`field.${name}`, ...keysOfField(name, field)]);
  const more = first === undefined ? [] : ['more'];
  const captions = Object.keys(sections).map((section) => `section.${section}`);
  return ['field.name', ...more, ...captions, ...own, ...ports, ...(tip === undefined ? [] : [`hint.${tip}`])];
}

function keysOfField(name: string, field: Field): string[] {
  const words = field.form === 'word' ? field.words : field.form === 'typed' ? Object.keys(field.icons ?? {}) : [];
  const hint = field.hint === undefined ? [] : [`hint.${field.hint}`];
  const unit = 'unit' in field && field.unit !== undefined ? [`unit.${field.unit}`] : [];
  return [...words.map((word) => `${name}.${word}`), ...hint, ...unit];
}

describe.each(LANGUAGES.flatMap((language) => palette.map((node) => [node.type, language, node] as const)))(
  'the texts of %s in %s',
  (type, language, node) => {
    const texts = readJson(new URL(`${language}/${type}.json`, LOCALES));
    const textOf = (key: string) => key.split('.').reduce((part, step) => part?.[step], texts);

    it('lack nothing', () => {
      expect(keysOf(node).filter((key) => !textOf(key))).toEqual([]);
    });

    it('name no field that there is not', () => {
      expect(Object.keys(texts.field).toSorted()).toEqual(['name', ...Object.keys(node.fields)].toSorted());
    });
  },
);

it.each(palette)('the form of a new $type has five lines at most, until more is asked for', ({ fields, first }) => {
  const shown = first ?? Object.keys(fields);
  expect(shown.filter((name) => fields[name] === undefined)).toEqual([]);
  const isMet = ([name, expected]: [string, string | readonly string[]]) =>
    [expected].flat().includes(String(startOf(fields[name]!)));
  const lines = shown.filter((name) => Object.entries(fields[name]!.when ?? {}).every(isMet));
  expect(['name', ...lines].length).toBeLessThanOrEqual(5);
  // What decides whether another line is there is no farther away than that.
  const deciders = shown.flatMap((name) => Object.keys(fields[name]!.when ?? {}));
  expect(deciders.filter((name) => !shown.includes(name))).toEqual([]);
});

/** What a new node has, of what conditions are about. */
function startOf(field: Field): unknown {
  if (field.form === 'typed') return field.types[0];
  return field.form === 'node' ? '' : field.default;
}

it('a condition is about a field that can be so', () => {
  const wrong = palette.flatMap(({ fields }) =>
    Object.values(fields).flatMap(({ when = {} }) =>
      Object.entries(when).filter(([name, value]) => {
        const known = valuesOf(fields[name]);
        return ![value].flat().every((expected) => known.includes(expected));
      }),
    ),
  );
  expect(wrong).toEqual([]);
});

/** What a condition may ask for. */
function valuesOf(field: Field | undefined): readonly string[] {
  switch (field?.form) {
    case 'word':
      return field.words;
    case 'typed':
      return field.types;
    case 'node':
      return field.optional ? [''] : [];
    default:
      return [];
  }
}
