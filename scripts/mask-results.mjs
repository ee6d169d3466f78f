#!/usr/bin/env node
// Measures what is left of nets for masks once they are converted to spikes, in whole numbers on the engine of devices,
// and writes the table into trainer/RESULTS.md.
//
//   node scripts/mask-results.mjs [--seeds 1,2,3] [--table] <results folder> [row…]
//
// in a built workspace. The results folder keeps models, run folders and what each came to: what is there already is
// not measured again. With --table nothing is measured. Figures are the intersection over union with the masks of all
// test images of `shapes`, in per cent.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { elementCount, overlapOf, readModel, resolveGraph } from '@spikewire/models';
import { loadDataSet } from 'spikewire/data';
import { mean, percent } from './figures.mjs';
import { documentOf, kept, known, tablesOf, updatedTable, updatePage, wordsOf } from './results-page.mjs';

const LAYERS = '8C3=-P2-16C3=-P2-16C3=-U2-J3-16C3=-U2-J1-8C3=-1C1=';
const ALONE = ['--threads', '1', '--no-teachable', '--overwrite'];
/** By name: how a net is trained. */
const NETS = {
  rectifiers: [
    ...['--data', 'shapes', '--arch', LAYERS, '--neuron', 'relu', '--loss', 'pixels', '--steps', '1'],
    ...['--epochs', '20', '--batch', '32', '--augment', 'noise:most=0.1'],
  ],
  rates: ['--method', 'patel', '--preset', 'shapes'],
};
/** By name: a net, by what it is converted, and whether it is beside the rates that it was trained with. */
const ROWS = {
  'rectifiers, deng': { net: 'rectifiers', method: 'deng' },
  'rectifiers, rueckauer': { net: 'rectifiers', method: 'rueckauer' },
  'rates, patel': { net: 'rates', method: 'patel', besideRates: true },
  'rates, deng': { net: 'rates', method: 'deng' },
};
/** Few, and as many as are written. */
const STEPS = [8, 32];

const { seeds, onlyTable, resultsFolder, chosen } = wordsOf('mask-results', 'row', ROWS, false);

async function netOf(name, seed) {
  const out = join(resultsFolder, `${name}-${seed}.spike`);
  if (!existsSync(out)) await documentOf(['train', ...NETS[name], ...ALONE, '--seed', `${seed}`, '--out', out]);
  return out;
}

const runName = (name, seed) => `${name} seed ${seed}`;

async function rowRun(name, seed) {
  const { net, method, besideRates } = ROWS[name];
  const file = await netOf(net, seed);
  const out = join(resultsFolder, `${net}-${seed}-${method}.spike`);
  const [few, most] = STEPS.map(String);
  const words = ['--data', 'shapes', '--bits', '8', '--steps', most, '--candidates', few, '--overwrite', '--out', out];
  const { analogueOverlap, sweep } = await documentOf(['convert', file, '--method', method, ...words]);
  const analogue = besideRates ? await overlapByRates(file) : analogueOverlap;
  return { analogue, sweep: sweep.map(({ steps, overlap }) => [steps, overlap]) };
}

/** Of an analogue net that has the rates that the method patel trains, 1/⌈1/x⌉, in the place of its rectifiers. */
async function overlapByRates(file) {
  const { samples, targets } = await loadDataSet('shapes');
  const answer = answererBy(readModel(readFileSync(file)));
  return mean(samples.map((sample, k) => overlapOf(answer(sample), targets[k])));
}

/** Answers of such a net, node by node. */
function answererBy({ graph, semantics }) {
  const { nodes, edges } = resolveGraph(graph, semantics);
  const ways = nodes.map(({ kind, node, inputShape }) => kind.connect?.(node, inputShape));
  return (sample) => {
    const emitted = [];
    for (const [index, { kind, inputShape }] of nodes.entries()) {
      const x = kind.role === 'input' ? Float64Array.from(sample) : new Float64Array(elementCount(inputShape));
      for (const { source, target } of edges) {
        if (target === index) for (let k = 0; k < x.length; k++) x[k] += emitted[source][k];
      }
      if (kind.type === 'ReLU') emitted.push(x.map((value) => (value > 0 ? 1 / Math.ceil(1 / value) : 0)));
      else emitted.push(ways[index] === undefined ? x : mapped(ways[index], x));
    }
    return emitted[nodes.findIndex(({ kind }) => kind.role === 'output')];
  };
}

/** What a connection makes of x. */
function mapped({ outputs, weights, gain, bias, forEachSynapse }, x) {
  const y = bias === undefined ? new Float64Array(outputs) : Float64Array.from(bias);
  for (const [index, value] of x.entries()) {
    if (value === 0) continue;
    forEachSynapse(index, (output, weight) => {
      y[output] += gain * value * (weights === undefined ? 1 : weights[weight]);
    });
  }
  return y;
}

const HEAD = [
  'net, conversion',
  'analogue',
  'mean',
  ...STEPS.flatMap((count) => [`T = ${count}`, `mean at T = ${count}`, `lost at T = ${count}`]),
  'measured',
];

function rowOf(name) {
  const documents = seeds.map((seed) => known(resultsFolder, runName(name, seed)));
  if (documents.includes(undefined)) return [];
  const bySeed = (figures) => figures.map(percent).join(', ');
  const analogue = documents.map((document) => document.analogue);
  const cells = STEPS.flatMap((count) => {
    const figures = documents.map(({ sweep }) => sweep.find(([steps]) => steps === count)[1]);
    return [bySeed(figures), percent(mean(figures)), percent(mean(analogue) - mean(figures))];
  });
  return [[name, bySeed(analogue), percent(mean(analogue)), ...cells, documents[0].measured]];
}

function writeTable() {
  updatePage('masks', (before) => {
    const [rows = []] = tablesOf(before);
    return updatedTable(HEAD, Object.keys(ROWS), chosen.flatMap(rowOf), rows);
  });
}

for (const name of onlyTable ? [] : chosen) {
  for (const seed of seeds) {
    process.stderr.write(`${name}, seed ${seed}\n`);
    await kept(resultsFolder, runName(name, seed), () => rowRun(name, seed));
    writeTable();
  }
}
writeTable();
