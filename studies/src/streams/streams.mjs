// What learning on a stream is worth, task by task, beside classifiers that learn as well.
import { join } from 'node:path';
import * as figures from '../shared/figures.mjs';
import { tablesOf, updatedTable } from '../shared/page.mjs';
import { documentOf } from '../shared/spikewire.mjs';

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
export const rows = {
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

export const quickRows = { 'gas-drift 10 %': rows['gas-drift 10 %'] };
export const options = {
  fronts: { default: '5', quick: '1', help: 'random nets' },
  draws: { default: '3', quick: '1', help: 'draws of labels for each net' },
  jobs: { default: '2', help: 'processes that measure side by side' },
};

const repeatsOf = ({ fronts, draws }) => ['--fronts', fronts, '--draws', draws];
const runName = (site, name) => [name, ...repeatsOf(site).map((word) => word.replace('--', ''))].join('_');

export function steps(site) {
  return site.chosen.map((name) => ({
    title: name,
    measure: () => site.kept(runName(site, name), () => measured(site, name)),
  }));
}

function measured(site, name) {
  const [task, ...words] = site.rows[name];
  const data = DATA[task] ?? task;
  const given = ['stream-eval', '--task', task, '--data', `${data}:${join(site.data, FOLDERS[data])}`];
  return documentOf([...given, '--learn', ...words, ...repeatsOf(site)]);
}

const percent = (share) => (share === null || share === undefined ? '' : figures.percent(share, 1));

function mainRow(name, document) {
  const { metric, frozen, baselines, bestBaseline } = document;
  const best = baselines[bestBaseline];
  const { mean, half, verdict, overStreams } = best.difference;
  return [
    name,
    percent(frozen[metric]),
    `${percent(best[metric])} ${bestBaseline}`,
    `${percent(document[metric])}${document.interval === null ? '' : ` ± ${percent(document.interval)}`}`,
    `${percent(mean)}${half === null ? '' : ` ± ${percent(half)}`} ${verdict}`,
    overStreams === null ? '' : overStreams.map(percent).join(' … '),
    percent(document.worst.value),
    `${percent(document.base)} → ${percent(document.base - document.forgetting)}`,
    percent(document.calibrationError),
    `${document.fronts} × ${document.draws}`,
    document.seconds.toFixed(0),
    document.measured ?? '',
  ];
}

const MAIN = ['task, labels', 'frozen', 'best baseline', 'spiking', 'difference to it'];
const MORE = [
  'over streams',
  'worst stream',
  'base before → after',
  'calibration error',
  'fronts × draws',
  's',
  'measured',
];
const OTHERS = ['task, labels', 'spiking', 'frozen', 'best baseline', 'majority', 'area under the curve'];
const LAST = ['recall after 5, 10', 'fronts × draws', 'measured'];

const figureOf = (document) => percent(document[document.metric]);

function everybodyRow(name, document) {
  const others = Object.values(document.baselines).map((baseline) => percent(baseline[document.metric]));
  return [name, figureOf(document), ...others];
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

/** The standing tables with the rows that have results in the place of those of the same name. */
export function page(site, standing) {
  const entries = site.rowsKnown(site.chosen, (name) => {
    const document = site.known(runName(site, name));
    return document && [name, document];
  });
  if (entries.length === 0) return standing.trim();
  const tables = tablesOf(standing);
  const others = Object.keys(entries[0][1].baselines);
  const updated = (which, head, isMain, rowOf) => {
    const ofTable = (name) => name.includes(',') !== isMain;
    const rows = entries.filter(([name]) => ofTable(name)).map((entry) => rowOf(...entry));
    return updatedTable(head, Object.keys(site.rows).filter(ofTable), rows, tables[which]);
  };
  return [
    'Seed 1.',
    updated(0, [...MAIN, ...MORE], true, mainRow),
    'Everybody, by the figure of the task:',
    updated(1, ['task, labels', 'spiking', ...others], true, everybodyRow),
    'Where a class is never taught or new, and where labels are wrong or mean nothing:',
    updated(2, [...OTHERS, ...LAST], false, otherRow),
  ].join('\n\n');
}
