#!/usr/bin/env node
// Measures convolutional nets on raw signals of sensors: analogue, converted to spikes, trained with spikes, and the
// analogue one in 8 bits in ONNX Runtime; and writes the table into trainer/RESULTS.md.
//
//   node scripts/sensor-results.mjs [--seeds 1,2,3] [--table] <data folder> <results folder> [net…]
//
// in a built workspace, hapt and cwru-12k-de in the data folder. The results folder keeps models, run folders and what
// was measured: what is there already is not measured again, and a training that was interrupted goes on. With --table
// nothing is measured. Accuracies are those of all test windows. Times are of seed 1, one thread, in blocks that take
// turns, from ready input: events of a window here, float32 there. What makes each row stands below.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FeatureChain, readModel, resolveGraph } from '@spikewire/models';
import { conversionSite } from '@spikewire/trainer';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { EventBuffer, engineNamed } from 'spikewire';
import { loadDataSet, windowsOf } from 'spikewire/data';
import { interleave, median } from '../test/bench/infer/interleave.mjs';
import { onnxOf } from './analogue-onnx.mjs';
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

const ANALOGUE = ['--neuron', 'relu', '--loss', 'membrane', '--steps', '1'];
/**
 * Words that say what is learned and tested; layers, with what normalises while they are trained; passes; and the
 * percentile of methods that take one.
 */
const NETS = {
  activity: {
    data: 'hapt',
    cut: [
      ...['--group', 'folder', '--test', 'user05,user08,user15,user19,user23,user27,user30'],
      ...['--rate', '50', '--length', '128', '--hop', '64', '--pad'],
    ],
    arch: (norm) => `${norm}-16C5=-P2-${norm}-32C5=-P2-${norm}-32C5=-P2-${norm}-64-6`,
    percentile: 99.5,
    epochs: 10,
  },
  bearing: {
    data: 'cwru-load',
    cut: ['--group', 'folder', '--test', 'load2', '--rate', '12000', '--length', '1024'],
    arch: (norm) => `${norm}-8C15=-P4-16C9=-P4-32C9=-P4-64-11`,
    percentile: 95,
    epochs: 12,
  },
};
/** Whose accuracy others may lose, and whose time is one. */
const REFERENCE = 'analogue, float';
const OPPONENT = 'analogue, 8 bits, ONNX Runtime';
/** Steps of a window. */
const [FEW, MORE] = [8, 16];

/** What is measured of a net, by the row's name: a training, or something that is made of the model of another row. */
const FORMS = {
  'analogue, float': {
    steps: 1,
    train: ({ epochs, arch }) => ['--features', 'none', ...ANALOGUE, '--epochs', `${epochs}`, '--arch', arch('bn')],
  },
  'analogue, 8 bits': { steps: 1, of: 'analogue, float', make: quantised },
  'analogue, float, ONNX Runtime': { steps: 1, of: 'analogue, float', make: (model) => inOnnx(model) },
  'analogue, 8 bits, ONNX Runtime': { steps: 1, of: 'analogue, float', make: (model) => inOnnx(model, true) },
  [`deng, T = ${FEW}, 8 bits`]: converted('deng', FEW),
  [`deng, T = ${MORE}, 8 bits`]: converted('deng', MORE),
  [`rueckauer, T = ${MORE}, 8 bits`]: converted('rueckauer', MORE),
  [`rnl, T = ${MORE}, float`]: {
    steps: MORE,
    train: ({ epochs, arch }) => [
      ...['--features', 'none', '--method', 'rnl', '--steps', `${MORE}`, '--arch', arch('bn')],
      ...['--analogue-epochs', `${epochs}`, '--epochs', '3'],
    ],
  },
  [`rnl, T = ${MORE}, 8 bits`]: { steps: MORE, of: `rnl, T = ${MORE}, float`, make: quantised },
  [`trained with spikes, T = ${FEW}, float`]: {
    steps: FEW,
    train: ({ epochs, arch }) => [
      ...['--features', 'none', '--loss', 'membrane', '--steps', `${FEW}`, '--epochs', `${epochs}`],
      ...['--arch', arch('tdbn0.33')],
    ],
  },
  [`trained with spikes, T = ${FEW}, 8 bits`]: {
    steps: FEW,
    of: `trained with spikes, T = ${FEW}, float`,
    make: quantised,
  },
  'features and 64 neurons, analogue, float': { steps: 1, train: () => ANALOGUE },
  'features and 64 neurons, trained with spikes, float': { steps: 10, train: () => [] },
};
/** How many times as long as it takes ONNX Runtime in 8 bits. */
const RATIO = '× ONNX, 8 bits';
const HEAD = [
  ...['net', 'T', 'right, mean', 'by seed', 'lost, points', 'spikes', 'operations', 'bytes', 'µs', RATIO],
  'measured',
];
const TIMING = { rounds: 9, blockMilliseconds: 400, samples: 64 };
const ONE_THREAD = { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'all' };

const { seeds, onlyTable, resultsFolder, recordingsFolder, chosen } = wordsOf('sensor-results', 'net', NETS);

const nameOf = (net, form, seed) => `${net}, ${form}, seed ${seed}`;
const fileOf = (...parts) => join(resultsFolder, nameOf(...parts).replace(/[^\w]+/g, '_'));
/** The test and learned windows of a net, as its first training divided them. */
const sets = new Map();
async function setOf(run) {
  if (!sets.has(run)) sets.set(run, await loadDataSet(`run:${run}`));
  return sets.get(run);
}

/** What is known of a form, after what it is made of. */
async function measured(net, form, seed) {
  const { train, of, make } = FORMS[form];
  const source = of && (await measured(net, of, seed));
  return kept(resultsFolder, nameOf(net, form, seed), () => {
    process.stderr.write(`${nameOf(net, form, seed)}\n`);
    const path = fileOf(net, form, seed);
    return source ? make(source, { path, net, seed }) : trained(path, net, [...train(NETS[net]), '--seed', `${seed}`]);
  });
}

async function trained(path, net, words) {
  const { data, cut } = NETS[net];
  const [out, run] = [`${path}.spike`, `${path}.run`];
  const recordings = join(recordingsFolder(), data);
  const anew = ['--data', `recordings:${recordings}`, ...cut, ...words, '--batch', '32'];
  const goesOn = existsSync(join(run, 'config.json'));
  const ends = ['--no-teachable', '--overwrite', '--threads', '1', '--out', out, '--run', run];
  const document = await documentOf(['train', ...(goesOn ? ['--resume', run] : [...anew, ...ends])]);
  if (document.stopped) process.exit(130);
  return { ...figuresOf(document), out, run };
}

const figuresOf = ({ accuracy, samples, majority, spikesPerSample, synapticOpsPerSample }) => {
  return { accuracy, samples, majority, spikesPerSample, synapticOpsPerSample };
};

async function quantised({ out: from, run }, { path }) {
  const [out, data] = [`${path}.spike`, `run:${run}`];
  // It is tried on all test windows by `eval`.
  await documentOf(['quantize', from, '--data', data, '--limit', '100', '--overwrite', '--out', out]);
  return { ...figuresOf(await documentOf(['eval', out, '--data', data])), out, run };
}

function converted(method, steps) {
  const words = ({ net }) => ['--method', method, '--percentile', `${NETS[net].percentile}`, '--steps', `${steps}`];
  return {
    steps,
    of: REFERENCE,
    async make({ out: from, run }, site) {
      const out = `${site.path}.float.spike`;
      const data = ['--data', `run:${run}`, '--limit', '100', '--candidates', `${steps}`, '--overwrite'];
      await documentOf(['convert', from, ...words(site), ...data, '--out', out]);
      return quantised({ out, run }, site);
    },
  };
}

/** A window as its features hand it to the net, in float32. */
function readied({ features, graph, semantics }) {
  const { shape } = resolveGraph(graph, semantics).nodes.find(({ kind }) => kind.role === 'input');
  const numbers = shape.reduce((product, length) => product * length, 1);
  const stages = [...features.values()][0];
  // A chain of its own for each window, as nothing of one is to reach the next.
  const ready = (window) => {
    const chain = new FeatureChain('window', stages, numbers);
    chain.take(window);
    return Float32Array.from(chain.values);
  };
  return { ready, shape: [1, ...shape] };
}

/** The program of an analogue net; in 8 bits by the largest activations of learned windows. */
async function programOf({ out, run }, isWhole) {
  const model = readModel(readFileSync(out));
  if (!isWhole) return { model, bytes: onnxOf(model) };
  const { ready } = readied(model);
  const { training } = await setOf(run);
  const { activations } = await conversionSite(model, { data: { training }, steps: 1 });
  const largest = training.samples
    .slice(0, 512)
    .reduce((most, window) => Math.max(most, ...ready(window).map(Math.abs)), 0);
  const ranges = new Map([...activations].map(([layer, { positive }]) => [layer, positive.at(-1)]));
  return { model, bytes: onnxOf(model, ranges.set('in', largest)) };
}

async function inOnnx({ out, run }, isWhole = false) {
  const { model, bytes } = await programOf({ out, run }, isWhole);
  const session = await InferenceSession.create(bytes, ONE_THREAD);
  const { ready, shape } = readied(model);
  const { samples, labels, classes } = await setOf(run);
  let right = 0;
  for (const [k, window] of samples.entries()) {
    const { output } = await session.run({ input: new Tensor('float32', ready(window), shape) });
    if (model.labels[output.data.indexOf(Math.max(...output.data))] === classes[labels[k]]) right++;
  }
  await session.release();
  const count = samples.length;
  return {
    accuracy: right / count,
    samples: count,
    spikesPerSample: 0,
    synapticOpsPerSample: productsOf(model),
    out,
    run,
    bytes: bytes.length,
  };
}

/** Multiplications of a pass: each weight times its places. */
function productsOf({ graph, semantics }) {
  return resolveGraph(graph, semantics).nodes.reduce((sum, { kind, node, shape }) => {
    if (kind.type === 'Affine') return sum + node.parameters.weight.data.length;
    if (kind.type === 'Conv1d') return sum + node.parameters.weight.data.length * shape[1];
    return sum;
  }, 0);
}

/** A contestant over the first test windows, ready. */
async function contestant(name, { out, run }, isOnnx, isWhole) {
  const { samples } = await setOf(run);
  const windows = samples.filter((_, k) => k % Math.floor(samples.length / TIMING.samples) === 0);
  if (isOnnx) {
    const { model, bytes } = await programOf({ out, run }, isWhole);
    const { ready, shape } = readied(model);
    const session = await InferenceSession.create(bytes, ONE_THREAD);
    const feeds = windows.map((window) => ({ input: new Tensor('float32', ready(window), shape) }));
    return { name, run: (sample) => session.run(feeds[sample]) };
  }
  const model = readModel(readFileSync(out));
  const network = engineNamed('clocked').load(model);
  network.learning = false;
  const inputs = [...windowsOf(model, { samples: windows })];
  const output = new EventBuffer(model.sample.steps * 64);
  return {
    name,
    run(sample) {
      network.resetActivity();
      output.clear();
      network.run(inputs[sample].steps, inputs[sample].input, output);
    },
  };
}

/** Microseconds of a window by form, and how many times those of ONNX Runtime in 8 bits. */
async function timed(net) {
  const entries = [];
  for (const form of Object.keys(FORMS).filter((name) => !name.startsWith('features'))) {
    const isOnnx = form.endsWith('ONNX Runtime');
    const document = known(resultsFolder, nameOf(net, form, 1));
    entries.push(await contestant(form, document, isOnnx, form === OPPONENT));
  }
  const rates = await interleave(entries, TIMING);
  const others = rates.get(OPPONENT);
  return Object.fromEntries(
    [...rates].map(([form, own]) => {
      return [form, { us: median(own), ratio: median(own.map((rate, round) => rate / others[round])) }];
    }),
  );
}

/** Seeds of which there is a document. */
const seedsOf = (net, form) =>
  [...new Set([1, 2, 3, ...seeds])].filter((seed) => known(resultsFolder, nameOf(net, form, seed)) !== undefined);
const documentsOf = (net, form, own) => own.map((seed) => known(resultsFolder, nameOf(net, form, seed)));
const accuracyOf = (documents) => mean(documents.map(({ accuracy }) => accuracy));

/** Points are those of the same seeds; undefined where nothing is known. */
function rowOf([net, form]) {
  const own = seedsOf(net, form);
  if (own.length === 0) return undefined;
  const documents = documentsOf(net, form, own);
  const accuracy = accuracyOf(documents);
  const lost = accuracyOf(documentsOf(net, REFERENCE, own)) - accuracy;
  const whole = (key) => mean(documents.map((document) => document[key])).toFixed(0);
  const { us, ratio } = known(resultsFolder, `${net}, times`)?.[form] ?? {};
  const cells = {
    ...{ net: `${net}: ${form}`, T: `${FORMS[form].steps}` },
    ...{ 'right, mean': percent(accuracy), 'by seed': documents.map((each) => percent(each.accuracy)).join(', ') },
    'lost, points': form === REFERENCE ? '' : (100 * lost).toFixed(2),
    ...{ spikes: whole('spikesPerSample'), operations: whole('synapticOpsPerSample') },
    bytes: `${documents[0].bytes ?? statSync(documents[0].out).size}`,
    ...(us && { µs: us.toFixed(0), [RATIO]: ratio.toFixed(1) }),
    measured: documents.at(-1).measured,
  };
  return HEAD.map((column) => cells[column] ?? '');
}

/** Returns how many of the rows that were chosen stay as they stand. */
function writeTable() {
  const formsOf = (nets) => nets.flatMap((net) => Object.keys(FORMS).map((form) => [net, form]));
  const { rows, unknown } = knownRows(formsOf(chosen), rowOf);
  updatePage('sensor', (before) => {
    const names = formsOf(Object.keys(NETS)).map(([net, form]) => `${net}: ${form}`);
    return updatedTable(HEAD, names, rows, tablesOf(before)[0]);
  });
  return unknown;
}

if (!onlyTable) {
  for (const net of chosen) {
    for (const seed of seeds) {
      for (const form of Object.keys(FORMS)) {
        await measured(net, form, seed);
        writeTable();
      }
    }
    await kept(resultsFolder, `${net}, times`, () => timed(net));
  }
}
sayKept(writeTable());
