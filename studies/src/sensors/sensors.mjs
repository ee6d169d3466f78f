// Convolutional nets on raw signals of sensors: analogue, converted to spikes, trained with spikes, and the analogue
// net in 8 bits in ONNX Runtime. Accuracies are of all test windows, times of seed 1.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { mean, percent } from '../shared/figures.mjs';
import { tablesOf, updatedTable } from '../shared/page.mjs';
import { recordingsIn } from '../shared/recordings.mjs';
import { train } from '../shared/spikewire.mjs';
import { FORMS, QUICK_FORMS, REFERENCE } from './forms.mjs';
import { timed } from './times.mjs';

export { quickRows, rows } from './forms.mjs';
export const options = { seeds: { default: '1,2,3', quick: '1', help: 'seeds of the trainings' } };

/** How many times as long as it takes ONNX Runtime in 8 bits. */
const RATIO = '× ONNX, 8 bits';
const HEAD = [
  ...['net', 'T', 'right, mean', 'by seed', 'lost, points', 'spikes', 'operations', 'bytes', 'µs', RATIO],
  'measured',
];

const nameOf = (net, form, seed) => `${net}, ${form}, seed ${seed}`;
const formsOf = ({ isQuick }) => (isQuick ? QUICK_FORMS : Object.keys(FORMS));

export function steps(site) {
  return site.chosen.flatMap((net) => [
    ...site.seeds.flatMap((seed) =>
      formsOf(site).map((form) => ({ title: nameOf(net, form, seed), measure: () => measured(site, net, form, seed) })),
    ),
    { title: `${net}, times`, measure: () => site.kept(`${net}, times`, () => timed(timedForms(site, net))) },
  ]);
}

/** The document of a form, after that of the form it is made of. */
async function measured(site, net, form, seed) {
  const { train: wordsOf, of, make } = FORMS[form];
  const source = of && (await measured(site, net, of, seed));
  const name = nameOf(net, form, seed);
  return site.kept(name, () => {
    const [own, path] = [site.rows[net], site.path(name)];
    return source ? make(source, { path, net: own }) : trained(site, path, own, [...wordsOf(own), '--seed', `${seed}`]);
  });
}

function trained(site, path, { data, cut }, words) {
  const recordings = `recordings:${join(recordingsIn(site), data)}`;
  return train(path, ['--data', recordings, ...cut, ...words, '--batch', '32', '--threads', '1']);
}

function timedForms(site, net) {
  const forms = formsOf(site).filter((name) => !name.startsWith('features'));
  return Object.fromEntries(forms.map((form) => [form, site.known(nameOf(net, form, 1))]));
}

/** Seeds of which there is a document. */
const seedsOf = (site, net, form) =>
  [...new Set([1, 2, 3, ...site.seeds])].filter((seed) => site.known(nameOf(net, form, seed)) !== undefined);
const documentsOf = (site, net, form, seeds) => seeds.map((seed) => site.known(nameOf(net, form, seed)));
const accuracyOf = (documents) => mean(documents.map(({ accuracy }) => accuracy));

/** Points are those of the same seeds; undefined where nothing is known. */
function rowOf(site, [net, form]) {
  const own = seedsOf(site, net, form);
  if (own.length === 0) return undefined;
  const documents = documentsOf(site, net, form, own);
  const accuracy = accuracyOf(documents);
  const lost = accuracyOf(documentsOf(site, net, REFERENCE, own)) - accuracy;
  const whole = (key) => mean(documents.map((document) => document[key])).toFixed(0);
  const { us, ratio } = site.known(`${net}, times`)?.[form] ?? {};
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

export function page(site, standing) {
  const pairs = (nets) => nets.flatMap((net) => formsOf(site).map((form) => [net, form]));
  const names = pairs(Object.keys(site.rows)).map(([net, form]) => `${net}: ${form}`);
  const rows = site.rowsKnown(pairs(site.chosen), (pair) => rowOf(site, pair));
  return updatedTable(HEAD, names, rows, tablesOf(standing)[0]);
}
