// What is left of nets for masks once they are converted to spikes, in whole numbers on the engine of devices. Figures
// are the intersection over union with the masks of all test images of `shapes`, in per cent.
import { readFileSync } from 'node:fs';
import { elementCount, overlapOf, readModel, resolveGraph } from '@spikewire/models';
import { loadDataSet } from 'spikewire/data';
import { mean, percent } from '../shared/figures.mjs';
import { tablesOf, updatedTable } from '../shared/page.mjs';
import { documentOf, train } from '../shared/spikewire.mjs';

const LAYERS = '8C3=-P2-16C3=-P2-16C3=-U2-J3-16C3=-U2-J1-8C3=-1C1=';
const RECTIFIERS = [
  ...['--data', 'shapes', '--arch', LAYERS, '--neuron', 'relu', '--loss', 'pixels', '--steps', '1', '--batch', '32'],
  ...['--augment', 'noise:most=0.1'],
];
/** By name: how a net is trained. */
const NETS = {
  rectifiers: [...RECTIFIERS, '--epochs', '20'],
  'rectifiers, four epochs': [...RECTIFIERS, '--epochs', '4'],
  rates: ['--method', 'patel', '--preset', 'shapes'],
};
/** By name: a net, by what it is converted, and whether it is beside the rates that it was trained with. */
export const rows = {
  'rectifiers, deng': { net: 'rectifiers', method: 'deng' },
  'rectifiers, rueckauer': { net: 'rectifiers', method: 'rueckauer' },
  'rates, patel': { net: 'rates', method: 'patel', besideRates: true },
  'rates, deng': { net: 'rates', method: 'deng' },
};
/** Few, and as many as are written. */
const STEPS = [8, 32];

export const quickRows = { 'four epochs, deng': { net: 'rectifiers, four epochs', method: 'deng' } };
export const options = { seeds: { default: '1,2,3', quick: '1', help: 'seeds of the trainings' } };

const runName = (name, seed) => `${name} seed ${seed}`;

export function steps(site) {
  return site.chosen.flatMap((name) =>
    site.seeds.map((seed) => ({
      title: `${name}, seed ${seed}`,
      measure: () => site.kept(runName(name, seed), () => rowRun(site, name, seed)),
    })),
  );
}

async function rowRun(site, name, seed) {
  const { net, method, besideRates } = site.rows[name];
  const trained = `net ${net} seed ${seed}`;
  const words = [...NETS[net], '--threads', '1', '--seed', `${seed}`];
  const { out: file } = await site.kept(trained, () => train(site.path(trained), words));
  const out = `${site.path(runName(name, seed))}.spike`;
  const [few, most] = STEPS.map(String);
  const form = ['--data', 'shapes', '--bits', '8', '--steps', most, '--candidates', few, '--overwrite', '--out', out];
  const { analogueOverlap, sweep } = await documentOf(['convert', file, '--method', method, ...form]);
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

export function page(site, standing) {
  const rows = site.rowsKnown(site.chosen, (name) => rowOf(site, name));
  return updatedTable(HEAD, Object.keys(site.rows), rows, tablesOf(standing)[0]);
}

/** Undefined before all seeds are known. */
function rowOf(site, name) {
  const documents = site.seeds.map((seed) => site.known(runName(name, seed)));
  if (documents.includes(undefined)) return undefined;
  const bySeed = (figures) => figures.map((figure) => percent(figure)).join(', ');
  const analogue = documents.map((document) => document.analogue);
  const cells = STEPS.flatMap((count) => {
    const figures = documents.map(({ sweep }) => sweep.find(([steps]) => steps === count)[1]);
    return [bySeed(figures), percent(mean(figures)), percent(mean(analogue) - mean(figures))];
  });
  return [name, bySeed(analogue), percent(mean(analogue)), ...cells, documents[0].measured];
}
