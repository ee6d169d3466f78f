import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { RandomGenerator, shuffled } from '@spikewire/models';
import { withTypeScript } from '../../typescript.mjs';

const ROOT = new URL('../../../', import.meta.url);
const SHARED = new URL('../shared/data/', ROOT);

/**
 * Labelled sets in two halves: by the first the margin was chosen, by the second it is judged. Each gives its
 * divisions into samples that are learned and others that are asked about: of other people, machines, batches, days
 * (`by`), else at random.
 */
export const halves = {
  chosen: [
    { name: 'iris', load: () => atRandom(table('trainer/data/iris/iris.csv', { numbers: 4, label: 4 })) },
    { name: 'occupancy', by: 'days', folder: 'occupancy', load: byFilesOfOccupancy },
    { name: 'gas-drift', by: 'batches', folder: 'gas-drift', load: ofTask('gas-drift') },
    { name: 'hapt', by: 'people', folder: 'hapt', load: ofTask('hapt') },
    { name: 'cwru', by: 'faults', folder: 'cwru-12k-de', load: ofTask('cwru') },
    { name: 'digits', load: () => atRandom(table('trainer/data/digits/digits.csv.gz', { numbers: 64, label: 64 })) },
    {
      name: 'breast-cancer',
      load: () =>
        atRandom(table('trainer/data/breast-cancer/breast-cancer-wisconsin.csv', { from: 1, numbers: 9, label: 10 })),
    },
    { name: 'fsdd', by: 'people', folder: 'fsdd', load: ofTask('fsdd') },
    { name: 'mitdb', by: 'people', folder: 'mitdb', load: ofTask('mitdb') },
  ],
  judged: [
    { name: 'penguins', load: () => atRandom(table('test/data/penguins/penguins.csv', { numbers: 4, label: 5 })) },
    { name: 'seattle-weather', load: () => atRandom(weather()) },
    { name: 'seattle-weather', by: 'years', load: () => byGroup(weather(), 2) },
    { name: 'wsn', load: () => atRandom(motes()) },
    { name: 'skab', folder: 'skab', load: () => atRandom(valves().flat()) },
    { name: 'skab', by: 'recordings', folder: 'skab', load: () => byGroup(valves().flat(), 4) },
  ],
};

export const isThere = ({ folder }) => folder === undefined || existsSync(new URL(folder, SHARED));

const weather = () =>
  table('test/data/seattle-weather/seattle-weather.csv', { from: 1, numbers: 4, label: 5, group: 0 }).map((day) => ({
    ...day,
    group: day.group.slice(0, 4),
  }));

const motes = () => table('demo/data/wsn/multi-hop.csv.gz', { from: 3, numbers: 2, label: 5, group: 1 });

function valves() {
  const folder = new URL('skab/valve1/', SHARED);
  return readdirSync(folder).map((file) =>
    table(`skab/valve1/${file}`, { base: SHARED, separator: ';', from: 1, numbers: 8, label: 9 }).map((row) => ({
      ...row,
      group: file,
    })),
  );
}

function byFilesOfOccupancy() {
  const part = (name) => table(`occupancy/${name}.txt.gz`, { base: SHARED, from: 2, numbers: 5, label: 7 });
  const learned = part('datatraining');
  return ['datatest', 'datatest2'].map((name) => ({ learned, tested: part(name) }));
}

/** Rows of a table without those that lack a number. */
function table(path, { base = ROOT, separator = ',', from = 0, numbers, label, group = label }) {
  const bytes = readFileSync(new URL(path, base));
  const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trim().split(/\r?\n/);
  return lines
    .map((line) => line.split(separator).map((cell) => cell.replaceAll('"', '')))
    .map((cells) => ({
      values: cells.slice(from, from + numbers).map((cell) => (cell === '' ? Number.NaN : Number(cell))),
      label: `class ${cells[label]}`,
      group: cells[group],
    }))
    .filter(({ values }) => values.every(Number.isFinite));
}

/** Halves, five times. */
function atRandom(rows) {
  return Array.from({ length: 5 }, (_, seed) => {
    const order = shuffled(rows, new RandomGenerator(seed, 'halves'));
    const middle = order.length >> 1;
    return { learned: order.slice(0, middle), tested: order.slice(middle) };
  });
}

/** Every so many groups together are asked about, what the others have is learned. */
function byGroup(rows, together = 1) {
  const groups = [...new Set(rows.map(({ group }) => group))];
  return Array.from({ length: Math.ceil(groups.length / together) }, (_, k) => {
    const asked = new Set(groups.slice(k * together, (k + 1) * together));
    return {
      learned: rows.filter(({ group }) => !asked.has(group)),
      tested: rows.filter(({ group }) => asked.has(group)),
    };
  });
}

/** The base of a task of `stream-eval` is learned, its streams are asked about: five of them. */
function ofTask(name) {
  return () =>
    withTypeScript([new URL('trainer/src/tasks/tasks.ts', ROOT)], async ({ tasks }) => {
      const task = tasks.find((each) => each.name === name);
      const folder = { cwru: 'cwru-12k-de' }[name] ?? name;
      const { trials } = await task.load(fileURLToPath(new URL(folder, SHARED)), 1);
      const rows = (samples) =>
        samples.map(({ values, label }) => ({ values: Array.from(values), label: `class ${label}` }));
      const divisions = trials.flatMap(({ base, streams }) => streams.map(({ samples }) => ({ base, samples })));
      const step = Math.max(1, Math.floor(divisions.length / 5));
      return divisions
        .filter((_, k) => k % step === 0)
        .slice(0, 5)
        .map(({ base, samples }) => ({ learned: rows(base), tested: rows(samples) }));
    });
}
