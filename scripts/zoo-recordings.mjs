#!/usr/bin/env node
// Writes recordings of accelerometers as `spikewire train --data recordings:FOLDER` reads them: CLASS/GROUP/NAME.npy,
// [samples, channels] in float32. The cards of models/zoo say which models were trained on them.
//
//   node scripts/zoo-recordings.mjs hapt FOLDER OUT     activities by a phone at the waist, in g; a group per person
//   node scripts/zoo-recordings.mjs cwru FOLDER OUT     faults of a bearing; a group per size and load
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const ACTIVITIES = ['walking', 'upstairs', 'downstairs', 'sitting', 'standing', 'lying'];
/** Acceleration and rotation in three directions; only the first is written. */
const [CHANNELS, WRITTEN, STEPS_PER_G] = [6, 3, 720];
const FAULTS = { B: 'ball', I: 'inner-race', O: 'outer-race' };

const sources = { hapt, cwru };

function* hapt(folder) {
  const segments = readFileSync(join(folder, 'labels.txt'), 'utf8').trim().split('\n');
  const rows = segments.map((line) => line.split(/\s+/).map(Number));
  for (const file of readdirSync(folder)) {
    const [, experiment, user] = /^exp(\d+)_user(\d+)\.i16\.gz$/.exec(file) ?? [];
    if (experiment === undefined) continue;
    const bytes = gunzipSync(readFileSync(join(folder, file)));
    const numbers = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    for (const [k, [run, , activity, first, last]] of rows.entries()) {
      const name = ACTIVITIES[activity - 1];
      if (run !== Number(experiment) || name === undefined) continue;
      const part = numbers.subarray(CHANNELS * (first - 1), CHANNELS * last);
      const values = Float32Array.from(part, (step) => step / STEPS_PER_G).filter((_, at) => at % CHANNELS < WRITTEN);
      yield { path: [name, `user${user}`, `exp${experiment}-${k}`], values, channels: WRITTEN };
    }
  }
}

function* cwru(folder) {
  for (const { file, fault, sizeMil, loadHp } of JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))) {
    const name = FAULTS[fault[0]];
    if (name === undefined || !readdirSync(folder).includes(file)) continue;
    const bytes = gunzipSync(readFileSync(join(folder, file)));
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    yield { path: [name, `size${sizeMil}-load${loadHp}`, file.replace(/\..*/, '')], values, channels: 1 };
  }
}

/** NumPy's format, version 1.0. */
function npy(values, channels) {
  const shape = `(${values.length / channels}, ${channels})`;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const padded = `${header}${' '.repeat(63 - ((10 + header.length) % 64))}\n`;
  const start = Buffer.alloc(10);
  start.write('\x93NUMPY\x01\x00', 'latin1');
  start.writeUInt16LE(padded.length, 8);
  return Buffer.concat([start, Buffer.from(padded), Buffer.from(values.buffer, values.byteOffset, values.byteLength)]);
}

const [source, from, to] = process.argv.slice(2);
if (!Object.hasOwn(sources, source ?? '') || to === undefined) {
  process.stderr.write('usage: node scripts/zoo-recordings.mjs hapt|cwru FOLDER OUT\n');
  process.exit(2);
}
for (const { path, values, channels } of sources[source](from)) {
  const [name, group, file] = path;
  mkdirSync(join(to, name, group), { recursive: true });
  writeFileSync(join(to, name, group, `${file}.npy`), npy(values, channels));
}
