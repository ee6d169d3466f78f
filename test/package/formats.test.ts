import { readFileSync } from 'node:fs';
import { formats as foreign } from '@spikewire/exchange/formats';
import { decoderKinds, encoderKinds, featureKinds, formats, nodeKinds, plasticityKinds } from '@spikewire/models';
import { expect, it } from 'vitest';
import { FORMATS, formatsPage } from '../../scripts/formats-page.mjs';

const rows = readFileSync(FORMATS, 'utf8').match(/^\| `\w[^|]*`\s+\| (?:✓|–|≈|float|`int8`).*/gm) ?? [];

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

/** What the tables say of a kind in a format. */
function cellOf(format: string, name: string): string {
  const cells = (row: string) => row.split('|').map((cell) => cell.trim());
  const column = cells(readFileSync(FORMATS, 'utf8').match(/^\| kind .*/m)![0]).indexOf(format);
  return cells(rows.find((row) => row.startsWith(`| \`${name}\``))!)[column]!;
}

it('knows what a C header does not carry', () => {
  const cell = (name: string) => cellOf('c', name);
  expect(['LIF', 'Conv2d', 'Izhikevich', 'stdp', 'poisson'].map(cell)).toEqual(['`int8`', '`int8`', '–', '–', '–']);
  expect(['direct', 'teachable', 'linear', 'rms'].map(cell)).toEqual(['`int8`', '`int8`', '–', '–']);
});

it('knows what a step in ONNX does not carry', () => {
  const cell = (name: string) => cellOf('onnx', name);
  expect(['LIF', 'Izhikevich', 'MaxPool2d'].map(cell)).toEqual(['✓', '✓', '✓']);
  expect(['stdp', 'direct', 'rms', 'count'].map(cell)).toEqual(['–', '–', '–', '–']);
});

it('knows what a NIR file does not carry, and to what it comes close', () => {
  const cell = (name: string) => cellOf('nir', name);
  expect(['IF', 'Conv2d', 'Scale', 'Flatten'].map(cell)).toEqual(['float', 'float', 'float', 'float']);
  // Examples with a refractory time, and with a threshold that adapts.
  expect(['LIF', 'ALIF'].map(cell)).toEqual(['≈', '≈']);
  expect(['Izhikevich', 'MaxPool2d', 'stdp', 'poisson', 'count'].map(cell)).toEqual(['–', '–', '–', '–', '–']);
});
