#!/usr/bin/env node
// Measures what methods of conversion keep of analogue nets in whole numbers, row by row and step by step, and writes
// the tables into trainer/RESULTS.md.
//
//   node scripts/conversion-results.mjs [--table] <results folder> [row…]
//
// in a built workspace. With rows only these are measured, and the others of the table stay. The results folder keeps
// the nets, which are trained where they are missing, and what each row came to as a line of JSON: what is there
// already is not measured again, and the tables are written after each row; with --table they are written from what is
// there.
//
// In the int8 form on the engine of devices: all 10,000 test images with up to 32 steps, the first 2,000 with more.
// Input is the same current in every step and what a method decides does not depend on T, so that one run of the most
// steps passes through the answers of fewer.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RandomGenerator, readModel, scalar } from '@spikewire/models';
import { conversionMethods, conversionSite, inForm, parametersOf, spikingModel } from '@spikewire/trainer';
import { EventBuffer, engineNamed } from 'spikewire';
import { loadDataSet, windowsOf } from 'spikewire/data';
import { percent } from './figures.mjs';
import {
  chosenOf,
  documentOf,
  kept,
  known,
  knownRows,
  sayKept,
  tablesOf,
  updatedTable,
  updatePage,
} from './results-page.mjs';

const STEPS = [1, 2, 4, 8, 16, 32, 64, 128];
const MOST = STEPS.at(-1);
/** Steps up to which all test samples run, and how many go on. */
const [WHOLE_TO, FEWER] = [32, 2000];
/** Steps of the nets on which methods look at spikes. */
const BALANCED_AT = 32;

const RECTIFIERS = ['--neuron', 'relu', '--loss', 'membrane', '--steps', '1'];
const analogue = (data, arch, ...more) => ['--data', data, '--arch', arch, ...RECTIFIERS, ...more];
/** By name: how an analogue net is trained. */
const NETS = {
  cnn: analogue('mnist', '12C5-bn-P2-32C5-bn-P2-10', '--batch', '64', '--epochs', '4'),
  'no biases': analogue('mnist', '12C5-P2-32C5-P2-10', '--bias', 'no', '--batch', '64', '--epochs', '4'),
  dense: analogue(
    ...['mnist', '784-1200-1200-10', '--bias', 'no', '--dropout', '0.5', '--epochs', '12'],
    ...['--augment', 'shift:most=1'],
  ),
  fashion: analogue(
    ...['fashion-mnist', '16C5-bn-P2-40C5-bn-P2-128-10', '--batch', '64', '--epochs', '12'],
    ...['--augment', 'shift:most=1'],
  ),
};

/**
 * By name: a net, a method with what is chosen of it, points that may be lost with so many steps, and per cent that are
 * to be right with the most that all run.
 */
const ROWS = {
  rueckauer: { net: 'cnn', method: 'rueckauer', lost: { 32: 0.3 } },
  'rueckauer, hard reset': { net: 'cnn', method: 'rueckauer', given: { reset: 'value' } },
  deng: { net: 'cnn', method: 'deng', lost: { 8: 1, 32: 0.3 } },
  'deng, percentile 99': { net: 'cnn', method: 'deng', given: { percentile: 99 }, lost: { 8: 1, 32: 0.3 } },
  rmp: { net: 'cnn', method: 'rmp', lost: { 32: 0.3 } },
  'rmp, by the largest': { net: 'cnn', method: 'rmp', given: { percentile: 100 }, lost: { 32: 0.3 } },
  rnl: { train: ['--method', 'rnl', '--preset', 'mnist'], lost: { 8: 1, 32: 0.3 } },
  'diehl, cao': { net: 'cnn', method: 'diehl' },
  'spike-norm': { net: 'cnn', method: 'spike-norm' },
  'rueckauer, no biases': { net: 'no biases', method: 'rueckauer', lost: { 32: 0.3 } },
  'rmp, no biases': { net: 'no biases', method: 'rmp', lost: { 32: 0.3 } },
  'diehl, no biases': { net: 'no biases', method: 'diehl' },
  'spike-norm, no biases': { net: 'no biases', method: 'spike-norm' },
  'diehl 784-1200-1200-10': { net: 'dense', method: 'diehl', asked: 98.5 },
  'diehl 784-1200-1200-10, by the model': { net: 'dense', method: 'diehl', given: { norm: 'model' }, asked: 98.5 },
  'fashion, rueckauer': { net: 'fashion', method: 'rueckauer', lost: { 32: 1 } },
  'fashion, rueckauer, hard reset': { net: 'fashion', method: 'rueckauer', given: { reset: 'value' } },
  'fashion, deng': { net: 'fashion', method: 'deng', lost: { 8: 2, 32: 1 } },
  'fashion, rueckauer, percentile 98': {
    net: 'fashion',
    method: 'rueckauer',
    given: { percentile: 98 },
    lost: { 32: 1 },
  },
  'fashion, deng, percentile 98': { net: 'fashion', method: 'deng', given: { percentile: 98 }, lost: { 8: 2, 32: 1 } },
  'fashion, rmp': { net: 'fashion', method: 'rmp', lost: { 32: 1 } },
  'fashion, rmp, percentile 98': { net: 'fashion', method: 'rmp', given: { percentile: 98 }, lost: { 32: 1 } },
  'fashion, rnl': {
    train: [
      ...['--method', 'rnl', '--data', 'fashion-mnist', '--arch', '16C5-bn-P2-40C5-bn-P2-128-10'],
      ...['--analogue-epochs', '12', '--epochs', '2', '--augment', 'shift:most=1'],
    ],
    lost: { 8: 2, 32: 1 },
  },
  'fashion, diehl, cao': { net: 'fashion', method: 'diehl' },
  'fashion, spike-norm': { net: 'fashion', method: 'spike-norm' },
};

const {
  values: { table: onlyTable },
  positionals: [folder, ...names],
} = parseArgs({ options: { table: { type: 'boolean', default: false } }, allowPositionals: true });
if (folder === undefined) {
  process.stderr.write('usage: node scripts/conversion-results.mjs [--table] <results folder> [row…]\n');
  process.exit(2);
}
const chosen = chosenOf(names, ROWS);
const loaded = {};
/** The data set of a row: what its net learned. */
const dataOf = ({ net, train }) => {
  const words = train ?? NETS[net];
  const name = words.includes('--data') ? words[words.indexOf('--data') + 1] : 'mnist';
  loaded[name] ??= loadDataSet(name);
  return loaded[name];
};

/** Right or not, sample by sample, as text of the results folder. */
const packed = (right) => Buffer.from(right).toString('base64');
const unpacked = (text) => new Uint8Array(Buffer.from(text, 'base64'));

/** The model that a training gives. */
async function trained(name, words) {
  const out = join(folder, `${name.replaceAll(/\W+/g, '-')}.spike`);
  if (!existsSync(out)) {
    await documentOf(['train', ...words, '--seed', '1', '--no-teachable', '--overwrite', '--out', out]);
  }
  return readModel(readFileSync(out));
}

const netNamed = (name) => trained(name, NETS[name]);

/** Which test samples the analogue net of a row has right, in float. */
async function analogueRun(name) {
  const { net, train } = ROWS[name];
  const data = await dataOf(ROWS[name]);
  const { right } = await (net === undefined
    ? sweep(clipped(await trained(name, train)), data, [1], 'out.sum')
    : sweep(await netNamed(net), data, [1], 'out'));
  return { right: packed(right[0]) };
}

/** The analogue net that a spiking one with thresholds of 1 was made of: units that clip there. */
function clipped(spiking) {
  const unit = { type: 'ReLU', parameters: { ceiling: scalar(1) } };
  const nodes = [...spiking.graph.nodes].map(([name, node]) => [name, node.type === 'IF' ? unit : node]);
  return { ...spiking, graph: { ...spiking.graph, nodes: new Map(nodes) }, sample: { ...spiking.sample, steps: 1 } };
}

/** The spiking net of a row for the most steps, in float. */
async function spikingOf(name) {
  const { net, method: methodName, given = {}, train } = ROWS[name];
  if (train !== undefined) {
    const model = await trained(name, train);
    return { ...model, sample: { ...model.sample, steps: MOST }, selfTests: [] };
  }
  const data = await dataOf(ROWS[name]);
  const method = conversionMethods.find((each) => each.name === methodName);
  const site = await conversionSite(await netNamed(net), { data, steps: BALANCED_AT });
  const balance = await method.balance(site, parametersOf(method, given));
  return spikingModel(site.net, balance, MOST);
}

async function rowRun(name) {
  const data = await dataOf(ROWS[name]);
  const model = inForm(await spikingOf(name), data.training.samples, 8);
  const { right, ...counts } = await sweep(model, data, STEPS, 'out.sum');
  return { right: right.map(packed), ...counts };
}

/** Runs each test sample once, and looks at the answer after so many steps; of the most, a part of the samples. */
async function sweep(model, { samples, labels, classes }, counts, answer) {
  const network = engineNamed('clocked').load(model);
  network.learning = false;
  const named = model.labels.map((label) => classes.indexOf(label));
  const found = counts.map(() => ({ right: [], spikes: 0, operations: 0 }));
  const output = new EventBuffer(MOST * named.length);
  const run = (input, to, label) => {
    network.resetActivity();
    const before = { ...network.counters };
    let [from, at] = [0, 0];
    for (const [k, count] of counts.entries()) {
      if (count > to) break;
      const part = new EventBuffer(input.length);
      for (; at < input.length && input.step[at] < count; at++) {
        part.push(input.step[at] - from, input.node[at], input.index[at], input.value[at]);
      }
      output.clear();
      network.run(count - from, part, output);
      from = count;
      const sums = answersOf(network, output, answer, named.length);
      found[k].right.push(Number(named[sums.indexOf(Math.max(...sums))] === label));
      found[k].spikes += network.counters.spikes - before.spikes;
      found[k].operations += network.counters.synapticOperations - before.synapticOperations;
    }
  };
  let sample = 0;
  for (const { input } of windowsOf(model, { samples: samples.slice(0, FEWER) })) run(input, MOST, labels[sample++]);
  const brief = { ...model, sample: { ...model.sample, steps: Math.min(WHOLE_TO, model.sample.steps) } };
  for (const { input } of windowsOf(brief, { samples: samples.slice(FEWER) })) run(input, WHOLE_TO, labels[sample++]);
  return {
    right: found.map(({ right }) => right),
    spikes: found.map(({ right, spikes }) => spikes / right.length),
    operations: found.map(({ right, operations }) => operations / right.length),
  };
}

/** What an integrator has summed up; of an analogue net, which has none, what left it. */
function answersOf(network, output, node, size) {
  if (node !== 'out') return Array.from(network.readState(node, 'v'));
  const sums = new Array(size).fill(0);
  for (let k = 0; k < output.length; k++) sums[output.index[k]] += output.value[k];
  return sums;
}

const total = (numbers) => numbers.reduce((a, b) => a + b, 0);
const shareOf = (right) => total(right) / right.length;

/** Points that the second has right less than the first, and their 95 % interval by a paired bootstrap. */
function lostPoints(first, second) {
  const differences = Float64Array.from(first, (isRight, k) => isRight - second[k]);
  const random = new RandomGenerator(1, 'bootstrap');
  const size = differences.length;
  const draws = Array.from({ length: 1000 }, () => {
    let drawn = 0;
    for (let k = 0; k < size; k++) drawn += differences[Math.floor(size * random.nextUniform())];
    return (100 * drawn) / size;
  }).sort((a, b) => a - b);
  return { points: (100 * total(differences)) / size, low: draws[25], high: draws[974] };
}

const inWords = ({ points, low, high }) => `${points.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;

/** Half of the 95 % interval of a share of so many samples (Wilson). */
function halfInterval(share, size) {
  const z = 1.96;
  return (z * Math.sqrt((share * (1 - share)) / size + (z / (2 * size)) ** 2)) / (1 + z ** 2 / size);
}

const LOST_AT = [8, 32];
const HEAD = [
  'method, net',
  'analogue',
  ...STEPS.map((count) => `T = ${count}`),
  ...LOST_AT.map((count) => `lost at T = ${count}`),
  'spikes at T = 32',
  'operations at T = 32',
  'measured',
];

/** Undefined where nothing is known. */
function rowOf(name) {
  const { lost = {}, asked = 0 } = ROWS[name];
  const found = known(folder, name);
  const before = known(folder, `analogue ${ROWS[name].net ?? name}`);
  if (found === undefined || before === undefined) return undefined;
  const right = found.right.map(unpacked);
  const analogueRight = unpacked(before.right);
  const at = (count) => STEPS.indexOf(count);
  const isMissed = 100 * shareOf(right[at(WHOLE_TO)]) < asked;
  return [
    name,
    `${percent(shareOf(analogueRight))}, ${percent(shareOf(analogueRight.slice(0, FEWER)))}`,
    ...right.map(
      (each, k) =>
        `${percent(shareOf(STEPS[k] > WHOLE_TO ? each.slice(0, FEWER) : each))}${isMissed && k === at(WHOLE_TO) ? ', missed' : ''}`,
    ),
    ...LOST_AT.map((count) => {
      const points = lostPoints(analogueRight, right[at(count)]);
      return `${inWords(points)}${points.points > (lost[count] ?? Infinity) ? ', missed' : ''}`;
    }),
    found.spikes[at(32)].toFixed(0),
    found.operations[at(32)].toFixed(0),
    found.measured,
  ];
}

/** Points that hard reset loses more than soft, as it stands where they are not known. */
function resets(before) {
  const lines = ['rueckauer', 'fashion, rueckauer'].map((name) => {
    const start = `${name}: at T = 8 hard reset loses`;
    const [soft, hard] = [name, `${name}, hard reset`].map((each) => known(folder, each));
    if (soft === undefined || hard === undefined) return before.split('\n').find((line) => line.startsWith(start));
    const at = STEPS.indexOf(8);
    return `${start} ${inWords(lostPoints(unpacked(soft.right[at]), unpacked(hard.right[at])))} points more than soft.`;
  });
  return lines.map((line) => (line === undefined ? '' : `\n\n${line}`)).join('');
}

/** Returns how many of the rows that were chosen stay as they stand. */
function writeTable() {
  const { rows, unknown } = knownRows(chosen, rowOf);
  const size = 10_000;
  const intervals = [0.99, 0.95, 0.9, 0.5].map((share) => `${percent(share)} ± ${percent(halfInterval(share, size))}`);
  updatePage('conversion', (before) => {
    const [stand = []] = tablesOf(before);
    const written = updatedTable(HEAD, Object.keys(ROWS), rows, stand);
    const wider = `with more than ${WHOLE_TO} steps ${Math.sqrt(size / FEWER).toFixed(1)} times as wide`;
    const line = `Intervals of 95 %: of shares ${intervals.join(', ')}\n(${wider}); of what is lost in brackets.`;
    return `${written}\n\n${line}${resets(before)}`;
  });
  return unknown;
}

for (const name of onlyTable ? [] : chosen) {
  process.stderr.write(`${name}\n`);
  await kept(folder, `analogue ${ROWS[name].net ?? name}`, () => analogueRun(name));
  await kept(folder, name, () => rowRun(name));
  writeTable();
  process.stderr.write(`${rowOf(name).join(' | ')}\n`);
}
sayKept(writeTable());
