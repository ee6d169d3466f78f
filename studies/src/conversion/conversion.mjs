// What methods of conversion keep of analogue nets in the int8 form on the engine of devices, step by step: all 10,000
// test images with up to 32 steps, the first 2,000 with more.
import { readFileSync } from 'node:fs';
import { readModel, scalar } from '@spikewire/models';
import { conversionMethods, conversionSite, inForm, onnxRuntime, parametersOf, spikingModel } from '@spikewire/trainer';
import { loadDataSet } from 'spikewire/data';
import { mean, percent } from '../shared/figures.mjs';
import { tablesOf, updatedTable } from '../shared/page.mjs';
import { train } from '../shared/spikewire.mjs';
import { halfInterval, inWords, lostPoints } from './lost-points.mjs';
import { NETS } from './rows.mjs';
import { FEWER, sweep, WHOLE_TO } from './sweep.mjs';

export { quickRows, rows } from './rows.mjs';

const STEPS = [1, 2, 4, 8, 16, 32, 64, 128];
const MOST = STEPS.at(-1);
/** Steps of the nets on which methods look at spikes. */
const BALANCED_AT = 32;

export function steps(site) {
  return site.chosen.map((name) => ({
    title: name,
    async measure() {
      await site.kept(analogueName(site, name), () => analogueRun(site, name));
      await site.kept(name, () => rowRun(site, name));
    },
  }));
}

const analogueName = (site, name) => `analogue ${site.rows[name].net ?? name}`;

/** The data set that the net of a row learned. */
function dataOf({ net, train: own }) {
  const words = own ?? NETS[net];
  return loadDataSet(words.includes('--data') ? words[words.indexOf('--data') + 1] : 'mnist');
}

/** Right or not, sample by sample, as text of the results folder. */
const packed = (right) => Buffer.from(right).toString('base64');
const unpacked = (text) => new Uint8Array(Buffer.from(text, 'base64'));

/** The model of a row's training: an analogue net, or by a method that trains spiking nets. */
async function trained(site, name) {
  const { net, train: words = NETS[net] } = site.rows[name];
  const own = `net ${net ?? name}`;
  const { out } = await site.kept(own, () => train(site.path(own), [...words, '--seed', '1']));
  return readModel(readFileSync(out));
}

/** Which test samples the analogue net of a row has right, in float. */
async function analogueRun(site, name) {
  const { net } = site.rows[name];
  const [data, model] = [await dataOf(site.rows[name]), await trained(site, name)];
  const { right } = await (net === undefined
    ? sweep(clipped(model), data, [1], 'out.sum')
    : sweep(model, data, [1], 'out'));
  return { right: packed(right[0]) };
}

/** The analogue net that a spiking one with thresholds of 1 was made of: units that clip there. */
function clipped(spiking) {
  const unit = { type: 'ReLU', parameters: { ceiling: scalar(1) } };
  const nodes = [...spiking.graph.nodes].map(([name, node]) => [name, node.type === 'IF' ? unit : node]);
  return { ...spiking, graph: { ...spiking.graph, nodes: new Map(nodes) }, sample: { ...spiking.sample, steps: 1 } };
}

/** The spiking net of a row for the most steps, in float. */
async function spikingOf(site, name, data) {
  const { net, method: methodName, given = {} } = site.rows[name];
  const model = await trained(site, name);
  if (net === undefined) return { ...model, sample: { ...model.sample, steps: MOST }, selfTests: [] };
  const method = conversionMethods.find((each) => each.name === methodName);
  const conversion = await conversionSite(model, { data, steps: BALANCED_AT, backend: onnxRuntime() });
  const balance = await method.balance(conversion, parametersOf(method, given));
  return spikingModel(conversion.net, balance, MOST);
}

async function rowRun(site, name) {
  const data = await dataOf(site.rows[name]);
  const model = inForm(await spikingOf(site, name, data), data.training.samples, 8);
  const { right, ...counts } = await sweep(model, data, STEPS, 'out.sum');
  return { right: right.map(packed), ...counts };
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

export function page(site, standing) {
  const rows = site.rowsKnown(site.chosen, (name) => rowOf(site, name));
  const size = 10_000;
  const intervals = [0.99, 0.95, 0.9, 0.5].map((share) => `${percent(share)} ± ${percent(halfInterval(share, size))}`);
  const wider = `with more than ${WHOLE_TO} steps ${Math.sqrt(size / FEWER).toFixed(1)} times as wide`;
  const line = `Intervals of 95 %: of shares ${intervals.join(', ')}\n(${wider}); of what is lost in brackets.`;
  const written = updatedTable(HEAD, Object.keys(site.rows), rows, tablesOf(standing)[0]);
  return `${written}\n\n${line}${resets(site, standing)}`;
}

/** Undefined where nothing is known. */
function rowOf(site, name) {
  const { lost = {}, asked = 0 } = site.rows[name];
  const found = site.known(name);
  const before = site.known(analogueName(site, name));
  if (found === undefined || before === undefined) return undefined;
  const right = found.right.map(unpacked);
  const analogueRight = unpacked(before.right);
  const at = (count) => STEPS.indexOf(count);
  const isMissed = 100 * mean(right[at(WHOLE_TO)]) < asked;
  return [
    name,
    `${percent(mean(analogueRight))}, ${percent(mean(analogueRight.slice(0, FEWER)))}`,
    ...right.map(
      (each, k) =>
        `${percent(mean(STEPS[k] > WHOLE_TO ? each.slice(0, FEWER) : each))}${isMissed && k === at(WHOLE_TO) ? ', missed' : ''}`,
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
function resets(site, standing) {
  const lines = ['rueckauer', 'fashion, rueckauer'].map((name) => {
    const start = `${name}: at T = 8 hard reset loses`;
    const [soft, hard] = [name, `${name}, hard reset`].map((each) => site.known(each));
    if (soft === undefined || hard === undefined) return standing.split('\n').find((line) => line.startsWith(start));
    const at = STEPS.indexOf(8);
    return `${start} ${inWords(lostPoints(unpacked(soft.right[at]), unpacked(hard.right[at])))} points more than soft.`;
  });
  return lines.map((line) => (line === undefined ? '' : `\n\n${line}`)).join('');
}
