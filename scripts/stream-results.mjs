#!/usr/bin/env node
// Measures what learning on a stream is worth, task by task, and writes the tables into trainer/RESULTS.md.
//
//   node scripts/stream-results.mjs [--fronts 5] [--draws 3] [--jobs 2] <data folder> <results folder> [name…]
//
// in a built workspace.
//
// The data folder has gas-drift, hapt, fsdd, mitdb, cwru-12k-de and drift-streams. So many processes measure side by
// side. The results folder keeps the document of each run; one that is there already is not measured again, so that
// what was interrupted goes on. With names only these are measured, and the other rows of the tables stay.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chosenOf, documentOf, kept, tablesOf, updatedTable, updatePage } from './results-page.mjs';

const FOLDERS = {
  'gas-drift': 'gas-drift',
  hapt: 'hapt',
  fsdd: 'fsdd',
  mitdb: 'mitdb',
  cwru: 'cwru-12k-de',
  elec2: 'drift-streams/realWorld/Elec2',
  sea: 'drift-streams/artificial/sea',
};
const DATA = { 'hapt-turned': 'hapt', 'fsdd-trained': 'fsdd', 'cwru-load': 'cwru' };

/** Name of a run: the task, and its options. */
const RUNS = {
  'gas-drift 10 %': ['gas-drift', '--labels', '0.1'],
  'gas-drift 1 %': ['gas-drift', '--labels', '0.01'],
  'hapt 10 %': ['hapt', '--labels', '0.1'],
  'hapt 1 %': ['hapt', '--labels', '0.01'],
  'hapt-turned 10 %': ['hapt-turned', '--labels', '0.1'],
  'fsdd 10 %': ['fsdd', '--labels', '0.1'],
  'fsdd 1 %': ['fsdd', '--labels', '0.01'],
  'fsdd-trained 10 %': ['fsdd-trained', '--labels', '0.1'],
  'mitdb 10 %': ['mitdb', '--labels', '0.1'],
  'mitdb 1 %': ['mitdb', '--labels', '0.01'],
  'cwru 10 %': ['cwru', '--labels', '0.1'],
  'cwru 1 %': ['cwru', '--labels', '0.01'],
  'cwru-load 10 %': ['cwru-load', '--labels', '0.1'],
  'elec2 100 %': ['elec2'],
  'sea 100 %': ['sea'],
  'gas-drift 10 %, 30 % wrong': ['gas-drift', '--labels', '0.1', '--wrong', '0.3'],
  'fsdd 10 %, 30 % wrong': ['fsdd', '--labels', '0.1', '--wrong', '0.3'],
  'gas-drift 10 %, labels shuffled': ['gas-drift', '--labels', '0.1', '--shuffle'],
  'fsdd 10 %, labels shuffled': ['fsdd', '--labels', '0.1', '--shuffle'],
  'gas-drift 10 %, ammonia never taught': ['gas-drift', '--labels', '0.1', '--leave-out', 'ammonia'],
  'fsdd 10 %, seven never taught': ['fsdd', '--labels', '0.1', '--leave-out', 'seven'],
  'cwru 10 %, outer race never taught': ['cwru', '--labels', '0.1', '--leave-out', 'outer race'],
  'gas-drift 10 %, ammonia new': ['gas-drift', '--labels', '0.1', '--new-class', 'ammonia'],
  'fsdd 10 %, seven new': ['fsdd', '--labels', '0.1', '--new-class', 'seven'],
  'hapt 10 %, laying new': ['hapt', '--labels', '0.1', '--new-class', 'laying'],
};

function measured(name, dataFolder, resultsFolder) {
  const file = [name, ...repeats.map((word) => word.replace('--', ''))].join('_');
  return kept(resultsFolder, file, () => {
    const [task, ...options] = RUNS[name];
    const data = DATA[task] ?? task;
    const given = ['stream-eval', '--task', task, '--data', `${data}:${join(dataFolder, FOLDERS[data])}`];
    return documentOf([...given, '--learn', ...options, ...repeats]);
  });
}

const percent = (share, digits = 1) => (share === null || share === undefined ? '' : (100 * share).toFixed(digits));

function mainRow(name, document) {
  const { metric, frozen, baselines, bestBaseline } = document;
  const best = baselines[bestBaseline];
  const { mean, half, verdict } = best.difference;
  return [
    name,
    percent(frozen[metric]),
    `${percent(best[metric])} ${bestBaseline}`,
    `${percent(document[metric])}${document.interval === null ? '' : ` ± ${percent(document.interval)}`}`,
    `${percent(mean)}${half === null ? '' : ` ± ${percent(half)}`} ${verdict}`,
    percent(document.worst.value),
    `${percent(document.base)} → ${percent(document.base - document.forgetting)}`,
    percent(document.calibrationError),
    `${document.fronts} × ${document.draws}`,
    document.seconds.toFixed(0),
    document.measured ?? '',
  ];
}

const MAIN = ['task, labels', 'frozen', 'best baseline', 'spiking', 'difference to it', 'worst stream'];
const MORE = ['base before → after', 'calibration error', 'fronts × draws', 's', 'measured'];
const OTHERS = ['task, labels', 'spiking', 'frozen', 'best baseline', 'majority', 'area under the curve'];
const LAST = ['recall after 5, 10', 'fronts × draws', 'measured'];

const figureOf = (document) => percent(document[document.metric]);

function everybodyRow(name, document) {
  const figures = Object.values(document.baselines).map((baseline) => percent(baseline[document.metric]));
  return [name, figureOf(document), ...figures];
}

function otherRow(name, document) {
  const { frozen, baselines, bestBaseline, metric, majority, areaUnderCurve, newClass } = document;
  return [
    name,
    figureOf(document),
    percent(frozen[metric]),
    `${percent(baselines[bestBaseline][metric])} ${bestBaseline}`,
    percent(majority),
    areaUnderCurve === undefined ? '' : areaUnderCurve.toFixed(2),
    newClass === undefined ? '' : `${percent(newClass.recallAfter5)}, ${percent(newClass.recallAfter10)}`,
    `${document.fronts} × ${document.draws}`,
    document.measured ?? '',
  ];
}

/** The tables as they stand in `before`, with the rows of `documents` in the place of those of the same name. */
function report(documents, before) {
  const entries = Object.entries(documents);
  const tables = tablesOf(before);
  const names = Object.keys(entries[0][1].baselines);
  const updated = (which, head, isMain, rowOf) => {
    const ofTable = (name) => name.includes(',') !== isMain;
    const rows = entries.filter(([name]) => ofTable(name)).map((entry) => rowOf(...entry));
    return updatedTable(head, Object.keys(RUNS).filter(ofTable), rows, tables[which]);
  };
  return [
    'Seed 1.',
    updated(0, [...MAIN, ...MORE], true, mainRow),
    'Everybody, by the figure of the task:',
    updated(1, ['task, labels', 'spiking', ...names], true, everybodyRow),
    'Where a class is never taught or new, and where labels are wrong or mean nothing:',
    updated(2, [...OTHERS, ...LAST], false, otherRow),
  ].join('\n\n');
}

const {
  values: { fronts, draws, jobs },
  positionals: [dataFolder, resultsFolder, ...names],
} = parseArgs({
  options: {
    fronts: { type: 'string', default: '5' },
    draws: { type: 'string', default: '3' },
    jobs: { type: 'string', default: '2' },
  },
  allowPositionals: true,
});
const repeats = ['--fronts', fronts, '--draws', draws];
if (resultsFolder === undefined) {
  process.stderr.write(
    'usage: node scripts/stream-results.mjs [--fronts n] [--draws n] [--jobs n] <data folder> <results folder> [name…]\n',
  );
  process.exit(2);
}
const chosen = chosenOf(names, RUNS);
const documents = Object.fromEntries(chosen.map((name) => [name, undefined]));
const waiting = [...chosen];
async function measureWaiting() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    documents[name] = await measured(name, dataFolder, resultsFolder);
    process.stderr.write(`${mainRow(name, documents[name]).join(' | ')}\n`);
  }
}
await Promise.all(Array.from({ length: Number(jobs) }, measureWaiting));
updatePage('stream-eval', (before) => report(documents, before));
