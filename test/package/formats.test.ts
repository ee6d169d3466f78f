import { readFileSync } from 'node:fs';
import { formats as foreign } from '@spikewire/exchange/formats';
import { decoderKinds, encoderKinds, featureKinds, formats, nodeKinds, plasticityKinds } from '@spikewire/models';
import { expect, it } from 'vitest';
import { FORMATS, formatsPage } from '../../scripts/formats-page.mjs';

const rows = readFileSync(FORMATS, 'utf8').match(/^\| `\w[^|]*`\s+\| (?:✓|–|float|`int8`).*/gm) ?? [];

it('docs/formats.md says what the formats carry; otherwise: npm run docs', () => {
  expect(readFileSync(FORMATS, 'utf8')).toBe(formatsPage());
});

it('finds one format by an ending and by a name', () => {
  const all = [...formats, ...foreign];
  for (const words of [all.flatMap(({ extensions }) => extensions), all.map(({ name }) => name)]) {
    expect(new Set(words).size).toBe(words.length);
  }
});

it('has a row for every kind, and none that a device could not keep', () => {
  const terminals = 2;
  const kinds =
    nodeKinds.length - terminals + [encoderKinds, decoderKinds, featureKinds, plasticityKinds].flat().length;
  expect(rows).toHaveLength(kinds);
  expect(rows.filter((row) => !/^\| \S+\s+\| ✓\s+\| ✓/.test(row))).toEqual([]);
});

it('knows what a C header does not carry, and a step in ONNX', () => {
  const cell = (name: string, fromEnd = 3) =>
    rows
      .find((row) => row.startsWith(`| \`${name}\``))!
      .split('|')
      .at(-fromEnd)!
      .trim();
  expect(['LIF', 'Conv2d', 'Izhikevich', 'stdp', 'poisson'].map((name) => cell(name))).toEqual([
    '`int8`',
    '`int8`',
    '–',
    '–',
    '–',
  ]);
  expect(['direct', 'teachable', 'linear', 'rms'].map((name) => cell(name))).toEqual(['`int8`', '`int8`', '–', '–']);
  expect(['LIF', 'Izhikevich', 'MaxPool2d'].map((name) => cell(name, 2))).toEqual(['✓', '✓', '✓']);
  expect(['stdp', 'direct', 'rms', 'count'].map((name) => cell(name, 2))).toEqual(['–', '–', '–', '–']);
});
