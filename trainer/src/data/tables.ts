import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { DataSource } from '@spikewire/engine/data';
import { parseCsvTable } from 'spikewire/data';
import { withTestPart } from '../samples/test-part.ts';

/** 8×8 handwritten digits (see data/digits/SOURCE.txt). */
export const digits: DataSource = {
  name: 'digits',
  summary: 'digits, 8×8 images',
  async load() {
    const table = parseCsvTable('digits', await readShipped('digits/digits.csv.gz'));
    return { ...withTestPart(table), shape: [1, 8, 8] };
  },
};

/** Fisher's three species of iris (see data/iris/SOURCE.txt). */
export const iris: DataSource = {
  name: 'iris',
  summary: 'iris, four measurements of a flower; three species',
  load: async () => withTestPart(parseCsvTable('iris', await readShipped('iris/iris.csv'))),
};

/**
 * Wisconsin Breast Cancer (see data/breast-cancer/SOURCE.txt) without the number of the case, and without incomplete
 * rows.
 */
export const breastCancer: DataSource = {
  name: 'breast-cancer',
  summary: 'breast-cancer, nine ratings of cells',
  async load() {
    const lines = (await readShipped('breast-cancer/breast-cancer-wisconsin.csv')).trim().split(/\r?\n/);
    const complete = lines
      .map((line) => line.split(',').slice(1))
      .filter((cells) => cells.every((cell) => cell !== ''));
    return withTestPart(parseCsvTable('breast-cancer', complete.map((cells) => cells.join(',')).join('\n')));
  },
};

async function readShipped(path: string): Promise<string> {
  const bytes = await readFile(new URL(`../../data/${path}`, import.meta.url));
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}
