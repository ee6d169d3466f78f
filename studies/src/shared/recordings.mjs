// Lays public data out as `spikewire train --data recordings:FOLDER --group folder` reads it, CLASS/GROUP/FILE:
//
//   npm run study -- recordings <folder to make>
//
// fsdd/: spoken digits by digit and speaker, as links. hapt/: labelled segments by activity and user, six channels in g
// and rad/s. cwru/: vibration by place and size of a fault; cwru-load/: by kind of fault, place and size, and load.
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

export function page({ data, words: [folder] }) {
  if (folder === undefined) throw new Error('expected the folder to make');
  layOut(data, resolve(folder));
  return resolve(folder);
}

/** The recordings of the data folder, laid out in the results folder unless they already are. */
export function recordingsIn({ data, folder }) {
  const out = join(folder, 'recordings');
  if (!existsSync(out)) layOut(data, out);
  return out;
}

function layOut(data, out) {
  layOutWords(join(data, 'fsdd', 'recordings'), join(out, 'fsdd'));
  layOutActivities(join(data, 'hapt'), join(out, 'hapt'));
  layOutBearings(join(data, 'cwru-12k-de'), out);
}

function placeIn(...parts) {
  const folder = join(...parts.slice(0, -1));
  mkdirSync(folder, { recursive: true });
  return join(folder, parts.at(-1));
}

/** A NumPy array of float32, [rows] or [rows, columns]. */
function npy(numbers, columns) {
  const shape = columns === 1 ? `(${numbers.length},)` : `(${numbers.length / columns}, ${columns})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const header = `${text.padEnd(Math.ceil((11 + text.length) / 64) * 64 - 11)}\n`;
  const head = Buffer.from(`\x93NUMPY\x01\0\0\0${header}`, 'latin1');
  head.writeUInt16LE(header.length, 8);
  return Buffer.concat([head, new Uint8Array(Float32Array.from(numbers).buffer)]);
}

function layOutWords(words, out) {
  for (const name of existsSync(words) ? readdirSync(words) : []) {
    const [digit, speaker] = name.split('_');
    const link = placeIn(out, digit, speaker, name);
    if (!existsSync(link)) symlinkSync(join(words, name), link);
  }
}

const ACTIVITIES = ['walking', 'upstairs', 'downstairs', 'sitting', 'standing', 'laying'];
const [ACCELERATION, ROTATION] = [1 / 720, 0.0003054326190990077];

function layOutActivities(phones, out) {
  const segments = existsSync(phones) ? readFileSync(join(phones, 'labels.txt'), 'utf8').trim().split('\n') : [];
  for (const name of segments.length > 0 ? readdirSync(phones).filter((file) => file.endsWith('.gz')) : []) {
    const [, experiment, user] = /^exp(\d+)_user(\d+)/.exec(name);
    const bytes = gunzipSync(readFileSync(join(phones, name)));
    for (const [run, , activity, first, last] of segments.map((line) => line.split(' ').map(Number))) {
      if (run !== Number(experiment) || activity > ACTIVITIES.length) continue;
      const numbers = Array.from({ length: 6 * (last - first + 1) }, (_, k) => {
        return bytes.readInt16LE(12 * (first - 1) + 2 * k) * (k % 6 < 3 ? ACCELERATION : ROTATION);
      });
      writeFileSync(
        placeIn(out, ACTIVITIES[activity - 1], `user${user}`, `${experiment}-${first}.npy`),
        npy(numbers, 6),
      );
    }
  }
}

const PLACES = { B: 'ball', I: 'inner', O: 'outer' };

function layOutBearings(bearings, out) {
  const index = existsSync(bearings) ? JSON.parse(readFileSync(join(bearings, 'index.json'), 'utf8')) : [];
  for (const { file, fault, sizeMil, loadHp } of index) {
    const place = PLACES[fault[0].toUpperCase()];
    if (place === undefined || !existsSync(join(bearings, file))) continue;
    const bytes = gunzipSync(readFileSync(join(bearings, file)));
    const numbers = Array.from({ length: bytes.length / 4 }, (_, k) => bytes.readFloatLE(4 * k));
    const recording = [file.replace(/\..*/, '.npy'), npy(numbers, 1)];
    writeFileSync(placeIn(out, 'cwru', place, `${sizeMil}mil`, recording[0]), recording[1]);
    writeFileSync(placeIn(out, 'cwru-load', `${place} ${sizeMil} mil`, `load${loadHp}`, recording[0]), recording[1]);
  }
}
