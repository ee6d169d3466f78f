import { mkdirSync, writeFileSync } from 'node:fs';
import { loadDataSet } from 'spikewire/data';

export const FOLDS = 5;

/**
 * A data set in one piece as a table of which the trainer tests one of five parts: it takes every fifth row of a class.
 */
export async function foldFile(site, name, fold) {
  const { classes, training, ...test } = await loadDataSet(name);
  const rows = [training, test].flatMap(({ samples, labels }) =>
    samples.map((sample, k) => [...sample, classes[labels[k]]]),
  );
  const ordered = classes.flatMap((label) => {
    const own = rows.filter((row) => row.at(-1) === label);
    const held = own.filter((_, k) => k % FOLDS === fold);
    const others = own.filter((_, k) => k % FOLDS !== fold);
    return own.map((_, k) => ((k + 1) % FOLDS === 0 ? held.shift() : others.shift()) ?? held.shift());
  });
  const path = `${site.path(`${name}-${fold + 1}`)}.csv`;
  mkdirSync(site.folder, { recursive: true });
  writeFileSync(path, `${ordered.map((row) => row.join(',')).join('\n')}\n`);
  return path;
}
