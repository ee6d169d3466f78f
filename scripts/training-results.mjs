#!/usr/bin/env node
// Measures what the trainer's methods reach, row by row and seed by seed, and writes the table into trainer/RESULTS.md.
//
//   node scripts/training-results.mjs [--seeds 1,2,3] [--table] <data folder> <results folder> [row…]
//
// in a built workspace. With rows only these are measured, and the others of the table stay. The results folder keeps
// models, run folders and the document of each run as a line of JSON: what is there already is not measured again, a
// training that was interrupted goes on from its last checkpoint, and the table is written after each run; with --table
// it is written from what is there, and nothing is measured. Where a preset has changed, its files have to go. Data
// sets are those of the trainer, and fsdd and hapt in the data folder; beside it is ../golden/nengo.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lifTuning, solveDecoders } from '@spikewire/models';
import { loadDataSet } from 'spikewire/data';
import { mean, percent } from './figures.mjs';
import {
  documentOf,
  kept,
  known,
  knownRows,
  sayKept,
  tablesOf,
  updatedTable,
  updatePage,
  wordsOf,
} from './results-page.mjs';

const preset = (method, name) => ['--method', method, '--preset', name];
/** Rectifiers, for one step. */
const RECTIFIERS = ['--neuron', 'relu', '--steps', '1', '--loss', 'membrane'];
/** Layers of them, in the place of those that spike. */
const analogue = (arch, ...more) => ['--arch', arch, ...RECTIFIERS, ...more];
/** Points that whole numbers may lose. */
const EIGHT_BITS = { lost: 0.2, quantize: ['--bits', '8'] };
/** What a converted net is before it learns on: it learns as good as nothing. */
const UNLEARNED = ['--epochs', '1', '--learning-rate', '1e-12'];
/** Rounded while it learns on. */
const FOUR_BITS = [
  ...['--data', 'mnist', '--bits', '4', '--epochs', '4', '--learning-rate', '0.002'],
  ...['--loss', 'membrane', '--surrogate', 'superspike:slope=3'],
];

/**
 * By name: what is asked, in per cent, or as points that may be `lost` of the net beside it; words of `train`, or of
 * `quantize`, for a net `of` another row; words of the analogue net beside it; a data set in one piece that is tested
 * in `folds`, or one of `people`, with those of each test; seeds, if others than asked for.
 */
const ROWS = {
  'stbp 784-256-10': {
    train: ['--data', 'mnist', '--arch', '784-256-10', '--epochs', '5'],
    beside: analogue('784-256-10', '--data', 'mnist', '--epochs', '5'),
  },
  'stbp 784-256-10, 8 bits': { of: 'stbp 784-256-10', ...EIGHT_BITS },
  'stbp mnist-mlp': {
    asked: 98.7,
    train: preset('stbp', 'mnist-mlp'),
    beside: analogue(
      ...['784-800-10', '--data', 'mnist', '--epochs', '25', '--dropout', '0.1', '--augment', 'shift:most=1'],
    ),
  },
  'stbp mnist-cnn': {
    asked: 99.3,
    train: preset('stbp', 'mnist-cnn'),
    beside: analogue(
      ...['bn-15C5-P2-bn-40C5-P2-bn-300-10', '--data', 'mnist', '--epochs', '15', '--augment', 'shift:most=2'],
    ),
  },
  'stbp mnist-cnn, 8 bits': { of: 'stbp mnist-cnn', ...EIGHT_BITS },
  'stbp mnist-rows': {
    asked: 97,
    train: preset('stbp', 'mnist-rows'),
    beside: analogue('784-256-10', '--data', 'mnist'),
  },
  'stbp mnist-rows, 8 bits': { of: 'stbp mnist-rows', ...EIGHT_BITS },
  'stbp mnist-rows, 4 bits': { of: 'stbp mnist-rows', lost: 1, train: FOUR_BITS },
  'sbbp mnist': {
    asked: 99.3,
    train: preset('sbbp', 'mnist'),
    beside: analogue(...['20C5-P2-50C5-P2-200-10', '--data', 'mnist', '--epochs', '5', '--augment', 'shift:most=1']),
  },
  'sbbp mnist, 8 bits': { of: 'sbbp mnist', ...EIGHT_BITS },
  'diet mnist': {
    asked: 99,
    train: preset('diet', 'mnist'),
    beside: analogue(...['20C5-P2-50C5-P2-200-10', '--data', 'mnist', '--epochs', '6', '--augment', 'shift:most=1']),
  },
  'diet mnist, 8 bits': { of: 'diet mnist', ...EIGHT_BITS },
  'diet mnist, not trained on': { train: [...preset('diet', 'mnist'), ...UNLEARNED] },
  'kd mnist': {
    train: preset('kd', 'mnist'),
    beside: analogue(...['12C5-P2-32C5-P2-10', '--data', 'mnist', '--epochs', '6', '--augment', 'shift:most=1']),
  },
  'kd mnist, 8 bits': { of: 'kd mnist', ...EIGHT_BITS },
  'kd mnist, not trained on': { train: [...preset('kd', 'mnist'), ...UNLEARNED] },
  'rathi mnist': {
    train: preset('rathi', 'mnist'),
    beside: analogue('20C5-P2-50C5-P2-200-10', '--data', 'mnist', '--epochs', '6'),
  },
  'rathi mnist, 8 bits': { of: 'rathi mnist', ...EIGHT_BITS },
  'rathi mnist, not trained on': { train: [...preset('rathi', 'mnist'), ...UNLEARNED] },
  'whetstone mnist': {
    asked: 99,
    train: preset('whetstone', 'mnist'),
    beside: analogue(
      ...['bn-32C5-P2-bn-64C5-P2-bn-10', '--data', 'mnist', '--epochs', '15'],
      ...['--augment', 'shift:most=2+rotate:most=10'],
    ),
  },
  'whetstone mnist, 8 bits': { of: 'whetstone mnist', ...EIGHT_BITS },
  'rnl mnist': {
    train: preset('rnl', 'mnist'),
    beside: analogue('12C5-P2-32C5-P2-10', '--data', 'mnist', '--epochs', '6'),
  },
  'softlif mnist': {
    train: preset('softlif', 'mnist'),
    beside: analogue('12C5-P2-32C5-P2-10', '--data', 'mnist', '--epochs', '6'),
  },
  'bp-stdp iris': { asked: 95, train: preset('bp-stdp', 'iris'), beside: analogue('4-30-3', '--data', 'iris') },
  'bp-stdp iris, five folds': {
    asked: 95,
    train: preset('bp-stdp', 'iris'),
    beside: analogue('4-30-3'),
    folds: 'iris',
  },
  'bp-stdp mnist': {
    asked: 96,
    train: preset('bp-stdp', 'mnist'),
    beside: analogue('784-1000-10', '--data', 'mnist', '--epochs', '4'),
  },
  'bp-stdp mnist-deep': {
    asked: 97,
    train: preset('bp-stdp', 'mnist-deep'),
    beside: analogue('784-500-150-10', '--data', 'mnist', '--epochs', '5'),
  },
  'spikeprop xor': { asked: 100, train: preset('spikeprop', 'xor'), seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
  'spikeprop iris': { asked: 95, train: preset('spikeprop', 'iris'), beside: analogue('4-10-3', '--data', 'iris') },
  'spikeprop iris, five folds': {
    asked: 95,
    train: preset('spikeprop', 'iris'),
    beside: analogue('4-10-3'),
    folds: 'iris',
  },
  'spikeprop breast-cancer': {
    asked: 96,
    train: preset('spikeprop', 'breast-cancer'),
    beside: analogue('9-15-2', '--data', 'breast-cancer'),
  },
  'spikeprop breast-cancer, five folds': {
    asked: 96,
    train: preset('spikeprop', 'breast-cancer'),
    beside: analogue('9-15-2'),
    folds: 'breast-cancer',
  },
  'diehl-cook mnist-100': { asked: 80, train: preset('diehl-cook', 'mnist-100') },
  'diehl-cook mnist-400': { asked: 87, train: preset('diehl-cook', 'mnist-400') },
  'diehl-cook mnist-1600': { asked: 91, train: preset('diehl-cook', 'mnist-1600'), seeds: [1] },
  'kheradpisheh mnist': { asked: 97.5, train: preset('kheradpisheh', 'mnist') },
  'nef decoders': { most: 1e-6, check: decoderError, seeds: [1] },
  'spoken digits by speaker': {
    lost: 1,
    people: { data: 'fsdd', tests: ['jackson', 'nicolas', 'theo', 'yweweler'] },
    train: ['--rate', '8000', '--length', '4096', '--pad'],
    beside: ['--rate', '8000', '--length', '4096', '--pad', ...RECTIFIERS],
  },
  'activity by user': {
    lost: 1,
    people: {
      data: 'hapt',
      tests: [
        'user01,user06,user11,user16,user21,user25,user28',
        'user03,user07,user14,user17,user22,user26,user29',
        'user05,user08,user15,user19,user23,user27,user30',
      ],
    },
    train: ['--rate', '50', '--length', '128', '--hop', '64'],
    beside: ['--rate', '50', '--length', '128', '--hop', '64', ...RECTIFIERS],
  },
};
const HEAD = ['method, net', 'asked', 'mean', 'by seed', 'beside it', 'spikes', 'operations', 's', 'measured'];
const FOLDS = 5;

const { seeds, onlyTable, dataFolder, resultsFolder, recordingsFolder, chosen } = wordsOf(
  'training-results',
  'row',
  ROWS,
);
const seedsOf = (name) => ROWS[name].seeds ?? seeds;

/** Another command is another run. */
function fileOf(name, seed, words) {
  const digest = createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 8);
  return `${name} seed ${seed} ${digest}`.replace(/[^\w]+/g, '_');
}

/** The runs of a row and a seed: a file each, and what makes its document. */
function runsOf(name, seed) {
  const { of, train, quantize, check } = ROWS[name];
  if (check !== undefined) return [{ file: fileOf(name, seed, []), measure: check }];
  const words = quantize === undefined ? [...train, '--seed', `${seed}`] : [...quantize, '--data', 'mnist'];
  if (of === undefined) return trainings(name, seed, words);
  const file = fileOf(name, seed, [words, runsOf(of, seed)[0].file]);
  const measure = async () => {
    const [{ out }] = await documentsOf(runsOf(of, seed));
    return quantize === undefined ? trained(file, [...words, '--model', out]) : quantised(file, words, out);
  };
  return [{ file, measure }];
}

/** Those of the analogue net beside a row, with seed 1. */
function runsBeside(name) {
  return trainings(`${name} beside it`, 1, [...ROWS[name].beside, '--seed', '1'], ROWS[name]);
}

/** A training for each division of the data into what is learned and what is tested. */
function trainings(name, seed, words, { folds, people } = ROWS[name]) {
  const divided = (part, dataOf) => {
    const file = fileOf(`${name} ${part}`, seed, words);
    return { file, measure: async () => trained(file, [...words, ...(await dataOf())]) };
  };
  if (people !== undefined) {
    const folder = () => `recordings:${join(recordingsFolder(), people.data)}`;
    return people.tests.map((test) => divided(test, () => ['--data', folder(), '--group', 'folder', '--test', test]));
  }
  if (folds !== undefined) {
    return Array.from({ length: FOLDS }, (_, fold) =>
      divided(fold + 1, async () => ['--data', `csv:${await foldFile(folds, fold)}`]),
    );
  }
  const file = fileOf(name, seed, words);
  return [{ file, measure: () => trained(file, words) }];
}

/** What `recordings-folders.mjs` makes of the data folder. */
async function documentsOf(runs) {
  const documents = [];
  for (const { file, measure } of runs) documents.push(await kept(resultsFolder, file, measure));
  return documents;
}

/** What is known of runs; undefined where one is not there. */
function knownOf(runs) {
  const documents = runs.map(({ file }) => known(resultsFolder, file));
  return documents.includes(undefined) ? undefined : documents;
}

async function trained(file, words) {
  const [out, run] = ['spike', 'run'].map((ending) => join(resultsFolder, `${file}.${ending}`));
  const goesOn = existsSync(join(run, 'config.json'));
  const anew = [...words, '--no-teachable', '--overwrite', '--out', out, '--run', run];
  const document = await documentOf(['train', ...(goesOn ? ['--resume', run] : anew)]);
  if (document.stopped) process.exit(130);
  return { ...document, goesOn };
}

async function quantised(file, words, model) {
  const out = join(resultsFolder, `${file}.spike`);
  // It is tried on all test samples by `eval`.
  await documentOf(['quantize', model, ...words, '--limit', '100', '--overwrite', '--out', out]);
  return documentOf(['eval', out, '--data', 'mnist']);
}

/**
 * A data set in one piece as a table of which the trainer tests one of five parts: it takes every fifth row of a class.
 */
async function foldFile(name, fold) {
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
  const path = join(resultsFolder, `${name}-${fold + 1}.csv`);
  writeFileSync(path, `${ordered.map((row) => row.join(',')).join('\n')}\n`);
  return path;
}

/** Largest difference to the decoders of Nengo's equations, as a share of the largest decoder. */
async function decoderError() {
  const path = join(dataFolder, '..', 'golden', 'nengo', 'nef_lif_1d.json');
  const given = JSON.parse(readFileSync(path, 'utf8'));
  const tuning = lifTuning({ tau: given.neuron.tau_rc, tauRef: given.neuron.tau_ref });
  const gains = given.max_rates.map((rate, i) => tuning.gainAndBias(rate, given.intercepts[i]));
  const rates = given.eval_points.flatMap(([x]) =>
    gains.map(({ gain, bias }, i) => tuning.rate((gain * given.encoders[i][0] * x) / given.radius + bias)),
  );
  const site = { points: given.eval_points.length, neurons: given.n_neurons, regularisation: given.reg };
  const targets = Float64Array.from(given.eval_points, ([x]) => x * x);
  const decoders = solveDecoders(Float64Array.from(rates), targets, site);
  const [expected] = given.expected.decoders.square;
  const error = Math.max(...expected.map((decoder, i) => Math.abs(decoder - decoders[i])));
  return { error: error / Math.max(...expected.map(Math.abs)) };
}

/** Accuracy over the test samples of all folds. */
function accuracyOf(documents) {
  const samples = documents.reduce((sum, document) => sum + document.samples, 0);
  return documents.reduce((sum, document) => sum + document.accuracy * document.samples, 0) / samples;
}

/** By seed, the documents of a row's runs where all are there. */
function bySeedOf(name) {
  const { seeds: own = [...new Set([1, 2, 3, ...seeds])] } = ROWS[name];
  return own.flatMap((seed) => {
    const documents = knownOf(runsOf(name, seed));
    return documents === undefined ? [] : [[seed, documents]];
  });
}

/** The figure of the row that a net was made from, by the same seeds, or that of the analogue net. */
function figureBeside(name, seedsThere) {
  const { of, beside } = ROWS[name];
  if (of !== undefined) {
    const own = bySeedOf(of).filter(([seed]) => seedsThere.includes(seed));
    return own.length === seedsThere.length ? mean(own.map(([, documents]) => accuracyOf(documents))) : undefined;
  }
  const documents = beside && knownOf(runsBeside(name));
  return documents && accuracyOf(documents);
}

/** What is asked of a row, as the table has it. */
function wantedOf({ asked, lost, most, of }) {
  if (most !== undefined) return `≤ ${most}`;
  if (lost !== undefined) return `${of === undefined ? 'analogue' : 'float'} − ${lost}`;
  return asked === undefined ? '' : `≥ ${asked}`;
}

/** Cells by column, of runs that have accuracies. */
function accuraciesOf(name, bySeed) {
  const { asked, lost } = ROWS[name];
  const figures = bySeed.map(([, each]) => accuracyOf(each));
  const beside = figureBeside(
    name,
    bySeed.map(([seed]) => seed),
  );
  const least = asked ?? (lost === undefined || beside === undefined ? 0 : 100 * beside - lost);
  const reached = 100 * mean(figures) >= least - 1e-9;
  const documents = bySeed.flatMap(([, each]) => each);
  const meanOf = (key) => mean(documents.map((document) => document[key])).toFixed(0);
  const isWhole = documents.every(({ goesOn, seconds }) => !goesOn && seconds !== undefined);
  return {
    mean: `${percent(mean(figures))}${reached ? '' : ', missed'}`,
    'by seed':
      figures.length > 3 && new Set(figures).size === 1 ? `each of ${figures.length}` : figures.map(percent).join(', '),
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

const rowWith = (name, figures) => {
  const cells = { [HEAD[0]]: name, asked: wantedOf(ROWS[name]), ...figures };
  return HEAD.map((column) => cells[column] ?? '');
};

/** Undefined where nothing is known. */
function rowOf(name) {
  const { most } = ROWS[name];
  const bySeed = bySeedOf(name);
  if (bySeed.length === 0) return undefined;
  const figures = most === undefined ? accuraciesOf(name, bySeed) : errorsOf(bySeed, most);
  return rowWith(name, { ...figures, measured: bySeed.at(-1)[1].at(-1).measured });
}

/** The rows that were chosen anew, the others as they stand, or as not measured; returns how many of them stand. */
function writeTable() {
  const { rows, unknown } = knownRows(chosen, rowOf);
  updatePage('training', (before) => {
    const [stand = []] = tablesOf(before);
    const all = Object.keys(ROWS);
    const missing = all.filter((name) => stand.every((row) => row[HEAD[0]] !== name));
    const blank = missing.map((name) => rowWith(name, { mean: 'not measured' }));
    return updatedTable(HEAD, all, [...blank, ...rows], stand);
  });
  return unknown;
}

const most = onlyTable ? 0 : Math.max(...chosen.map((name) => seedsOf(name).length));
for (let k = 0; k < most; k++) {
  for (const name of chosen) {
    const seed = seedsOf(name)[k];
    if (seed === undefined) continue;
    process.stderr.write(`${name}, seed ${seed}\n`);
    await documentsOf(runsOf(name, seed));
    if (k === 0 && ROWS[name].beside !== undefined) await documentsOf(runsBeside(name));
    writeTable();
    process.stderr.write(`${rowOf(name).join(' | ')}\n`);
  }
}
sayKept(writeTable());
