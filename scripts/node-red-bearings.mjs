#!/usr/bin/env node
// Bearings of Case Western Reserve University through the nodes of a real Node-RED: which faults a net finds that has
// learned what is normal, and what one is worth that was taught ten blocks of each class; beside it baselines on the
// same features.
//
//   npm run build && node scripts/node-red-bearings.mjs ../shared/data/cwru-12k-de
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { solvePositiveDefinite, winnerOf } from '@spikewire/models';
import { withTypeScript } from '../test/typescript.mjs';

const RATE = 12_000;
/** Samples of a window, and from one to the next where what is unusual is looked for. */
const [LENGTH, HOP] = [2048, 512];
const LEARNING_SECONDS = 30;
/** Of the healthy recording, the rest is held out. */
const LEARNED_SHARE = 0.7;
const [TAUGHT, TAUGHT_THERE] = [10, 5];
/**
 * Blocks of each class that go by before anything is taught: the net learns from them what is usual of the features.
 */
const UNTAUGHT = 8;
const PLACES = { B: 'ball', I: 'inner', O: 'outer' };
/** Samples of one request: windows of a message are bounded. */
const REQUEST = 16_384;

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: node scripts/node-red-bearings.mjs FOLDER');

const urls = [
  '../test/e2e/node-red-process.ts',
  '../trainer/src/baselines/running-z-score.ts',
  '../trainer/src/baselines/cusum.ts',
  '../trainer/src/baselines/isolation-forest.ts',
  '../trainer/src/baselines/classifiers.ts',
  '../trainer/src/samples/standard.ts',
  '../trainer/src/stream-eval/figures.ts',
  '../nodes/src/vibration/machine.ts',
].map((path) => new URL(path, import.meta.url));
/** What these modules export; there when the measuring begins. */
let project;

/** Blocks by POST, through features, to a node that is asked what came of them. */
function flow() {
  const place = { z: 'tab', x: 100, y: 100 };
  const measured = { ...place, type: 'spikewire-features', length: String(LENGTH), unit: 'g', bands: '16' };
  const features = { ...measured, zones: 'group2-rigid', bearing: 'geometry', logarithms: true };
  const way = (path, hop, node) => [
    {
      ...place,
      id: `${path}-in`,
      type: 'http in',
      url: `/${path}`,
      method: 'post',
      wires: [[`${path}-asked`, `${path}-ok`]],
    },
    { ...place, id: `${path}-asked`, type: 'function', func: 'return {...msg.payload}', wires: [[`${path}-features`]] },
    { ...place, id: `${path}-ok`, type: 'http response', statusCode: '204', wires: [] },
    { ...features, id: `${path}-features`, hop: String(hop), wires: [[`${path}-stamp`]] },
    { ...place, id: `${path}-stamp`, type: 'function', func: stamp(hop), wires: [[`${path}-net`]] },
    { ...place, ...node, id: `${path}-net`, wires: [[`${path}-kept`]] },
    { ...place, id: `${path}-kept`, type: 'function', func: KEEP, wires: [[]] },
  ];
  return [
    { id: 'tab', type: 'tab', label: 'bearings' },
    ...way('anomaly', HOP, { type: 'spikewire-anomaly', per: 'topic', capacity: '64', wires: [] }),
    ...way('classify', LENGTH, { type: 'spikewire-classify', takes: 'features', per: 'topic', capacity: '64' }),
    { ...place, id: 'results-in', type: 'http in', url: '/results', method: 'get', wires: [['results']] },
    {
      ...place,
      id: 'results',
      type: 'function',
      func: "msg.payload = flow.get('kept') ?? []; flow.set('kept', []); return msg",
      wires: [['results-out']],
    },
    { ...place, id: 'results-out', type: 'http response', statusCode: '', wires: [] },
    { ...place, id: 'catch', type: 'catch', scope: null, wires: [['problem']] },
    { ...place, id: 'problem', type: 'function', func: 'node.error(msg.error.message)', wires: [[]] },
  ];
}

/** The time that the samples took, however fast they come. */
const stamp = (hop) => `
const counts = context.get('counts') ?? {};
const count = counts[msg.topic] ?? 0;
counts[msg.topic] = count + 1;
context.set('counts', counts);
msg.features = msg.payload;
msg.payload = {t: 1.7e12 + count * ${(1000 * hop) / RATE}, values: msg.payload};
return msg;`;

/** What the net says of each window. */
const KEEP = `
if (msg.features === undefined) return;
const {anomaly, score, likeliest, kind} = msg.spikewire;
const kept = flow.get('kept') ?? [];
kept.push({anomaly, score: score ?? 0, kind, likeliest, answer: msg.payload, features: Object.values(msg.features)});
flow.set('kept', kept);`;

class Plant {
  constructor(url) {
    this.url = url;
    this.taken = new Map();
  }

  /** What the net of a topic says of the windows that these samples complete. */
  async put(path, topic, samples, hop, more = {}) {
    const results = [];
    for (let at = 0; at < samples.length; at += REQUEST) {
      const part = samples.subarray(at, at + REQUEST);
      const before = this.taken.get(topic) ?? 0;
      const after = before + part.length;
      this.taken.set(topic, after);
      const body = JSON.stringify({ payload: Array.from(part), topic, ...more });
      await fetch(`${this.url}${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
      if (!more.silently) results.push(...(await this.results(windowsOf(after, hop) - windowsOf(before, hop))));
    }
    return results;
  }

  /** Waits until nothing comes any more, and forgets it. */
  async drain() {
    do await delay(500);
    while ((await (await fetch(`${this.url}results`)).json()).length > 0);
  }

  async results(count) {
    const results = [];
    for (let wait = 0; results.length < count; wait++) {
      results.push(...(await (await fetch(`${this.url}results`)).json()));
      if (wait > 1000) throw new Error(`${results.length} of ${count} results`);
      if (results.length < count) await delay(10);
    }
    return results;
  }
}

function windowsOf(samples, hop) {
  return samples < LENGTH ? 0 : Math.floor((samples - LENGTH) / hop) + 1;
}

/** Recordings at 12 kHz. The healthy one was sampled at 48 kHz: low-pass, and every fourth sample. */
function recordings() {
  const there = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')).filter(({ file }) =>
    existsSync(join(folder, file)),
  );
  return there.map(({ file, fault, sizeMil, loadHp, rpm }) => {
    const bytes = gunzipSync(readFileSync(join(folder, file)));
    const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const place = PLACES[fault[0]] ?? 'normal';
    // Where the speed was not written down, it is that of the other recordings under this load.
    const speed = rpm ?? [1797, 1772, 1750, 1725][loadHp];
    return {
      place,
      size: sizeMil,
      load: loadHp,
      rpm: speed,
      samples: place === 'normal' ? decimated(samples) : samples,
    };
  });
}

/** A windowed sinc that ends at 5.4 kHz. */
function decimated(samples) {
  const [half, cutoff] = [48, 5400 / 48_000];
  const taps = Array.from({ length: 2 * half + 1 }, (_, k) => {
    const n = k - half;
    const sinc = n === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * n) / (Math.PI * n);
    return sinc * (0.54 + 0.46 * Math.cos((Math.PI * n) / half));
  });
  const length = Math.floor((samples.length - taps.length) / 4);
  return Float32Array.from({ length }, (_, m) => taps.reduce((sum, tap, k) => sum + tap * samples[4 * m + k], 0));
}

/** Of the healthy recording, which is 5 s long, the first part again and again; faults under the same load. */
function recordedTrials() {
  const all = recordings();
  const { samples, rpm } = all.find(({ place }) => place === 'normal');
  const end = Math.floor(LEARNED_SHARE * samples.length);
  return {
    learned: Float32Array.from({ length: LEARNING_SECONDS * RATE }, (_, k) => samples[k % end]),
    heldOut: samples.subarray(end),
    rpm,
    faults: all
      .filter(({ place, load }) => place !== 'normal' && load === 0)
      .map(({ place, size, ...rest }) => ({ name: `${place} ${size}`, ...rest })),
  };
}

/** The machine of `spikewire-source`, of which there is as much as one wants. */
function simulatedTrials() {
  const { SimulatedMachine } = project;
  const healthy = { fault: 'none', severity: 0, load: 0.5, rpm: 1800, stuck: false, silent: false };
  const machine = new SimulatedMachine(healthy, 0, 1);
  const [learned, heldOut] = [LEARNING_SECONDS, 10].map((seconds) => machine.vibration(seconds * RATE, RATE));
  const rpm = machine.truth.speed;
  const faults = ['outer', 'inner', 'ball'].flatMap((fault) =>
    [0.05, 0.1, 0.3].map((severity) => {
      const damaged = new SimulatedMachine({ ...healthy, fault, severity }, 0, 2);
      return { name: `simulated ${fault} ${severity}`, rpm, samples: damaged.vibration(10 * RATE, RATE) };
    }),
  );
  return { learned, heldOut, rpm, faults };
}

/** By the width of the features and how many windows are learned. */
const baselines = {
  'z-score': (width) => project.runningZScore(width),
  CUSUM: (width) => project.cusum(width),
  'isolation forest': (width, learned) => project.isolationForest(width, 1, Math.floor(learned / 2), 1),
  Mahalanobis: mahalanobis,
};

async function findFaults(plant, title, { learned, heldOut, rpm, faults }) {
  const figures = new Map();
  const kinds = new Map();
  for (const { name, samples, rpm: speed } of faults) {
    const parts = [
      await plant.put('anomaly', name, learned, HOP, { rpm }),
      await plant.put('anomaly', name, heldOut, HOP, { rpm }),
      await plant.put('anomaly', name, samples, HOP, { rpm: speed }),
    ];
    for (const { anomaly, kind = 'more of the same' } of parts[1])
      if (anomaly) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    const own = parts.map((windows) => windows.map(({ score }) => score));
    note(figures, 'spikewire-anomaly', name, own, (part) => parts[part].map(({ anomaly }) => anomaly === true));
    for (const [detector, start] of Object.entries(baselines)) {
      const running = start(parts[0][0].features.length, parts[0].length);
      const scores = parts.map((windows) => windows.map(({ features }) => running.scoreOf(features)));
      // A detector needs a limit: the highest score of the last third of what was learned.
      const limit = Math.max(...scores[0].slice(-Math.floor(parts[0].length / 3)));
      note(figures, detector, name, scores, (part) => scores[part].map((score) => score > limit));
    }
  }
  printFound(title, figures);
  const why = [...kinds].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`);
  console.log(`\nspikewire-anomaly flags healthy windows for: ${why.join(', ') || 'nothing'}\n`);
}

/** What a detector made of one fault. */
function note(figures, detector, fault, [, healthy, faulty], flagsOf) {
  const own = figures.get(detector) ?? { windows: 0, flagged: 0, found: [], missed: [], areas: [] };
  figures.set(detector, own);
  own.windows += healthy.length;
  own.flagged += flagsOf(1).filter(Boolean).length;
  own.areas.push(project.areaUnderCurve(faulty, healthy));
  const at = flagsOf(2).findIndex(Boolean);
  if (at < 0) own.missed.push(fault);
  else own.found.push(((at + 1) * HOP) / RATE);
}

function printFound(title, figures) {
  const heads = [title, 'faults found', 'median seconds to the first alarm', 'longest', 'healthy windows flagged'];
  printRow([...heads, 'area under the ROC curve']);
  printRow(Array.from({ length: heads.length + 1 }, () => '---'));
  for (const [detector, { windows, flagged, found, missed, areas }] of figures) {
    const sorted = found.toSorted((a, b) => a - b);
    const not = missed.length > 0 ? ` (not ${missed.join(', ')})` : '';
    const seconds = [sorted[sorted.length >> 1], sorted.at(-1)].map((value) => value?.toFixed(2) ?? '–');
    const area = areas.reduce((sum, one) => sum + one, 0) / areas.length;
    const share = `${((100 * flagged) / windows).toFixed(1)} %`;
    printRow([
      detector,
      `${found.length} of ${found.length + missed.length}${not}`,
      ...seconds,
      share,
      area.toFixed(3),
    ]);
  }
}

function printRow(cells) {
  console.log(`| ${cells.join(' | ')} |`);
}

/** Distance from the mean of the first points in their covariance, with a ridge of a thousandth of its trace. */
function mahalanobis(width, learned) {
  const points = [];
  let distance;
  return {
    scoreOf(point) {
      if (distance !== undefined) return distance(point);
      if (points.push(Float64Array.from(point)) === Math.floor(learned / 2)) distance = distanceFrom(points, width);
      return 0;
    },
  };
}

function distanceFrom(points, width) {
  const { mean } = project.standardOf(points, 0);
  const indices = [...mean.keys()];
  const covarianceOf = (i, j) =>
    points.reduce((sum, p) => sum + (p[i] - mean[i]) * (p[j] - mean[j]), 0) / points.length;
  const covariance = Float64Array.from(indices.flatMap((i) => indices.map((j) => covarianceOf(i, j))));
  const trace = indices.reduce((sum, k) => sum + covariance[k * (width + 1)], 0);
  for (const k of indices) covariance[k * (width + 1)] += (1e-3 * trace) / width;
  return (point) => {
    const difference = mean.map((value, k) => point[k] - value);
    const solved = difference.slice();
    solvePositiveDefinite(covariance.slice(), solved, width, 1);
    return Math.sqrt(difference.reduce((sum, d, k) => sum + d * solved[k], 0));
  };
}

/** Names of the classes of a size and load: the healthy one is there under no load only. */
async function nameFaults(plant) {
  const all = recordings();
  const of = (size, load) => all.filter((one) => one.load === load && (one.place === 'normal' || one.size === size));
  const scores = new Map();
  const note = (name, stage, right, total) => {
    const own = scores.get(`${name}|${stage}`) ?? [0, 0];
    scores.set(`${name}|${stage}`, [own[0] + right, own[1] + total]);
  };
  const sizes = ['007', '014', '021'];
  for (const size of sizes) {
    const elsewhere = [
      ['another load', of(size, 2)],
      ...sizes
        .filter((other) => other !== size)
        .map((other) => ['another size', of(other, 0).filter(({ place }) => place !== 'normal')]),
    ];
    for (const [k, [what, others]] of elsewhere.entries()) {
      const run = new Naming(plant, `${size} ${k}`);
      for (const recording of of(size, 0)) await run.windows(recording, 0, UNTAUGHT, { silently: true });
      await plant.drain();
      await run.teach(of(size, 0), UNTAUGHT, UNTAUGHT + TAUGHT);
      if (k === 0) noteAll(await run.test(of(size, 0), UNTAUGHT + TAUGHT), 'the rest');
      noteAll(await run.test(others, TAUGHT_THERE), what);
      await run.teach(others, 0, TAUGHT_THERE);
      noteAll(await run.test(others, TAUGHT_THERE), `${what}, ${TAUGHT_THERE} more taught`);
    }
  }
  function noteAll(results, stage) {
    for (const [name, { right, total }] of results) note(name, stage, right, total);
  }
  const stages = [...new Set([...scores.keys()].map((key) => key.split('|')[1]))];
  const names = [...new Set([...scores.keys()].map((key) => key.split('|')[0]))];
  console.log(`\n| classifier | ${stages.join(' | ')} |\n|${' --- |'.repeat(stages.length + 1)}`);
  for (const name of names) {
    const cells = stages.map((stage) => {
      const [right, total] = scores.get(`${name}|${stage}`);
      return `${((100 * right) / total).toFixed(1)} %`;
    });
    console.log(`| ${[name, ...cells].join(' | ')} |`);
  }
}

/** One net, and classifiers that are taught the same. */
class Naming {
  constructor(plant, topic) {
    Object.assign(this, { plant, topic, taught: [], classes: [] });
  }

  async windows(recording, from, to, more = {}) {
    const samples = recording.samples.subarray(from * LENGTH, Math.min(to * LENGTH, recording.samples.length));
    const whole = samples.subarray(0, LENGTH * Math.floor(samples.length / LENGTH));
    return this.plant.put('classify', this.topic, whole, LENGTH, { rpm: recording.rpm, ...more });
  }

  /** Class by class in turn, as a person would. */
  async teach(recordings, from, to) {
    for (let k = from; k < to; k++) {
      for (const recording of recordings) {
        const [{ features }] = await this.windows(recording, k, k + 1, { label: recording.place });
        if (!this.classes.includes(recording.place)) this.classes.push(recording.place);
        this.taught.push({ features, label: this.classes.indexOf(recording.place) });
      }
    }
  }

  async test(recordings, from) {
    const results = new Map();
    const baselines = this.baselines();
    for (const recording of recordings) {
      for (const { answer, likeliest, features } of await this.windows(recording, from, Number.POSITIVE_INFINITY)) {
        const answers = [
          ['spikewire-classify', answer],
          ['spikewire-classify, the likeliest where it says unknown', likeliest ?? answer],
          ['spikewire-classify says unknown', answer === 'unknown' ? recording.place : undefined],
          ...baselines.map(([name, of]) => [name, of(features)]),
        ];
        for (const [name, said] of answers) {
          const own = results.get(name) ?? { right: 0, total: 0 };
          results.set(name, own);
          own.total++;
          if (said === recording.place) own.right++;
        }
      }
    }
    return results;
  }

  /** Fitted on all that was taught so far, standardised by it. */
  baselines() {
    const { mean, deviation } = project.standardOf(
      this.taught.map(({ features }) => features),
      0,
    );
    const standard = (features) => Float32Array.from(features, (x, k) => (x - mean[k]) / (deviation[k] || 1));
    const samples = this.taught.map(({ features }) => standard(features));
    const labels = Uint8Array.from(this.taught, ({ label }) => label);
    const wanted = ['1-nn', 'frozen-logistic-regression', 'linear-rls'];
    return project.classifiers
      .filter(({ name }) => wanted.includes(name))
      .map((kind) => {
        const classifier = kind.fit(
          { samples, labels, classes: this.classes },
          { classes: this.classes.length, weighted: false },
        )();
        return [kind.name, (features) => this.classes[winnerOf(classifier.predict(standard(features)))]];
      });
  }
}

await withTypeScript(urls, async ({ NodeRedProcess, OWN }, ...modules) => {
  project = Object.assign({}, ...modules);
  const nodeRed = await NodeRedProcess.start(OWN, flow());
  try {
    const plant = new Plant(nodeRed.url);
    await findFaults(plant, 'recorded bearings', recordedTrials());
    await findFaults(plant, 'simulated machine', simulatedTrials());
    await nameFaults(plant);
  } catch (failure) {
    console.error(nodeRed.output.slice(-2000));
    throw failure;
  } finally {
    await nodeRed.close();
  }
});
