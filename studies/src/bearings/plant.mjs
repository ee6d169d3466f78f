// A Node-RED that takes blocks of vibration by POST, and gives the answers of its nets to each window.
import { setTimeout as delay } from 'node:timers/promises';
import { withNodeRed } from '../node-red/with-node-red.mjs';

export const RATE = 12_000;
/** Samples of a window, and from one to the next where the study looks for faults. */
export const [LENGTH, HOP] = [2048, 512];
/** Samples of one request: windows of a message are bounded. */
const REQUEST = 16_384;
const MODULES = [
  ...['baselines/running-z-score', 'baselines/cusum', 'baselines/isolation-forest', 'baselines/classifiers'].map(
    trainer,
  ),
  ...['samples/standard', 'stream-eval/figures'].map(trainer),
  new URL('../../../nodes/src/vibration/machine.ts', import.meta.url),
];

function trainer(path) {
  return new URL(`../../../trainer/src/${path}.ts`, import.meta.url);
}

/** Gives `use` such a plant, and what the modules export that the studies compare with. */
export function withPlant(use) {
  return withNodeRed(flow(), (nodeRed, modules) => use(new Plant(nodeRed.url), modules), { modules: MODULES });
}

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
