// What the trainer's methods reach, row by row and seed by seed. Where a preset has changed, its files in the results
// folder have to go. Data sets are those of the trainer, and fsdd and hapt in the data folder; beside it is
// ../golden/nengo.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { mean, percent, sum } from '../shared/figures.mjs';
import { tablesOf, updatedTable } from '../shared/page.mjs';
import { recordingsIn } from '../shared/recordings.mjs';
import { quantise, train } from '../shared/spikewire.mjs';
import { FOLDS, foldFile } from './folds.mjs';

export { quickRows, rows } from './rows.mjs';
export const options = { seeds: { default: '1,2,3', quick: '1', help: 'seeds of the trainings' } };

const HEAD = ['method, net', 'asked', 'mean', 'by seed', 'beside it', 'spikes', 'operations', 's', 'measured'];

const seedsOf = (site, name) => site.rows[name].seeds ?? site.seeds;

/** The first seed of all rows, then the second of all. */
export function steps(site) {
  const most = Math.max(...site.chosen.map((name) => seedsOf(site, name).length));
  return Array.from({ length: most }, (_, k) => k).flatMap((k) =>
    site.chosen.flatMap((name) => {
      const seed = seedsOf(site, name)[k];
      return seed === undefined
        ? []
        : [{ title: `${name}, seed ${seed}`, measure: () => measured(site, name, seed, k) }];
    }),
  );
}

async function measured(site, name, seed, k) {
  await documentsOf(site, runsOf(site, name, seed));
  if (k === 0 && site.rows[name].beside !== undefined) await documentsOf(site, runsBeside(site, name));
}

/** Another command is another run. */
function fileOf(name, seed, words) {
  const digest = createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 8);
  return `${name} seed ${seed} ${digest}`.replace(/[^\w]+/g, '_');
}

/** The runs of a row and a seed: a file each, and what makes its document. */
function runsOf(site, name, seed) {
  const { of, train: training, quantize, check } = site.rows[name];
  if (check !== undefined) return [{ file: fileOf(name, seed, []), measure: () => check(site) }];
  const words = quantize === undefined ? [...training, '--seed', `${seed}`] : [...quantize, '--data', 'mnist'];
  if (of === undefined) return trainings(site, name, seed, words);
  const [source] = runsOf(site, of, seed);
  const file = fileOf(name, seed, [words, source.file]);
  const measure = async () => {
    const [{ out }] = await documentsOf(site, [source]);
    return quantize === undefined
      ? train(site.path(file), [...words, '--model', out])
      : quantise(site.path(file), out, 'mnist', quantize);
  };
  return [{ file, measure }];
}

/** The analogue net beside a row, with seed 1. */
function runsBeside(site, name) {
  const words = [...site.rows[name].beside, '--seed', '1'];
  return trainings(site, `${name} beside it`, 1, words, site.rows[name]);
}

/** A training for each division of the data into learned and tested samples. */
function trainings(site, name, seed, words, { folds, people } = site.rows[name]) {
  const divided = (part, dataOf) => {
    const file = fileOf(`${name} ${part}`, seed, words);
    return { file, measure: async () => train(site.path(file), [...words, ...(await dataOf())]) };
  };
  if (people !== undefined) {
    const folder = () => `recordings:${join(recordingsIn(site), people.data)}`;
    return people.tests.map((test) => divided(test, () => ['--data', folder(), '--group', 'folder', '--test', test]));
  }
  if (folds !== undefined) {
    return Array.from({ length: FOLDS }, (_, fold) =>
      divided(fold + 1, async () => ['--data', `csv:${await foldFile(site, folds, fold)}`]),
    );
  }
  const file = fileOf(name, seed, words);
  return [{ file, measure: () => train(site.path(file), words) }];
}

async function documentsOf(site, runs) {
  const documents = [];
  for (const { file, measure } of runs) documents.push(await site.kept(file, measure));
  return documents;
}

/** The documents of runs; undefined before all are known. */
function knownOf(site, runs) {
  const documents = runs.map(({ file }) => site.known(file));
  return documents.includes(undefined) ? undefined : documents;
}

/** Accuracy over the test samples of all folds. */
function accuracyOf(documents) {
  const right = documents.map(({ accuracy, samples }) => accuracy * samples);
  return sum(right) / sum(documents.map(({ samples }) => samples));
}

/** By seed, the documents of a row's runs where all are known. */
function bySeedOf(site, name) {
  const { seeds = [...new Set([1, 2, 3, ...site.seeds])] } = site.rows[name];
  return seeds.flatMap((seed) => {
    const documents = knownOf(site, runsOf(site, name, seed));
    return documents === undefined ? [] : [[seed, documents]];
  });
}

/** The figure of the row that a net was made from, by the same seeds, or that of the analogue net. */
function figureBeside(site, name, seedsThere) {
  const { of, beside } = site.rows[name];
  if (of !== undefined) {
    const own = bySeedOf(site, of).filter(([seed]) => seedsThere.includes(seed));
    return own.length === seedsThere.length ? mean(own.map(([, documents]) => accuracyOf(documents))) : undefined;
  }
  const documents = beside && knownOf(site, runsBeside(site, name));
  return documents && accuracyOf(documents);
}

/** What is asked of a row, as the table has it. */
function wantedOf({ asked, lost, most, of }) {
  if (most !== undefined) return `≤ ${most}`;
  if (lost !== undefined) return `${of === undefined ? 'analogue' : 'float'} − ${lost}`;
  return asked === undefined ? '' : `≥ ${asked}`;
}

/** Cells by column, of runs that have accuracies. */
function accuraciesOf(site, name, bySeed) {
  const { asked, lost } = site.rows[name];
  const figures = bySeed.map(([, each]) => accuracyOf(each));
  const beside = figureBeside(
    site,
    name,
    bySeed.map(([seed]) => seed),
  );
  const least = asked ?? (lost === undefined || beside === undefined ? 0 : 100 * beside - lost);
  const reached = 100 * mean(figures) >= least - 1e-9;
  const documents = bySeed.flatMap(([, each]) => each);
  const meanOf = (key) => mean(documents.map((document) => document[key])).toFixed(0);
  const isWhole = documents.every(({ continues, seconds }) => !continues && seconds !== undefined);
  return {
    mean: `${percent(mean(figures))}${reached ? '' : ', missed'}`,
    'by seed':
      figures.length > 3 && new Set(figures).size === 1
        ? `each of ${figures.length}`
        : figures.map((figure) => percent(figure)).join(', '),
    'beside it': beside === undefined ? '' : percent(beside),
    spikes: meanOf('spikesPerSample'),
    operations: meanOf('synapticOpsPerSample'),
    s: isWhole ? meanOf('seconds') : '',
  };
}

/** The largest of errors, which may be `most`. */
function errorsOf(bySeed, most) {
  const worst = Math.max(...bySeed.flatMap(([, documents]) => documents.map(({ error }) => error)));
  return { mean: `${worst.toExponential(1)}${worst <= most ? '' : ', missed'}` };
}

const rowWith = (site, name, figures) => {
  const cells = { [HEAD[0]]: name, asked: wantedOf(site.rows[name]), ...figures };
  return HEAD.map((column) => cells[column] ?? '');
};

/** Undefined where nothing is known. */
function rowOf(site, name) {
  const { most } = site.rows[name];
  const bySeed = bySeedOf(site, name);
  if (bySeed.length === 0) return undefined;
  const figures = most === undefined ? accuraciesOf(site, name, bySeed) : errorsOf(bySeed, most);
  return rowWith(site, name, { ...figures, measured: bySeed.at(-1)[1].at(-1).measured });
}

/** The rows with results anew, the others as they stand, or as not measured. */
export function page(site, standing) {
  const [before = []] = tablesOf(standing);
  const all = Object.keys(site.rows);
  const missing = all.filter((name) => before.every((row) => row[HEAD[0]] !== name));
  const blank = missing.map((name) => rowWith(site, name, { mean: 'not measured' }));
  const rows = site.rowsKnown(site.chosen, (name) => rowOf(site, name));
  return updatedTable(HEAD, all, [...blank, ...rows], before);
}
