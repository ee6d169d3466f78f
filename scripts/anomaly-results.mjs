#!/usr/bin/env node
// Measures the detectors of anomalies, and writes the tables into trainer/RESULTS.md.
//
//   node scripts/anomaly-results.mjs [--fronts 5] <data folder> [task…]
//
// in a built workspace. The data folder has nab, skab and wsn-suthaharan.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const RESULTS = fileURLToPath(new URL('../trainer/RESULTS.md', import.meta.url));
const COMMAND = fileURLToPath(new URL('../runtime/bin/spikewire.js', import.meta.url));
const [BEGIN, END] = ['<!-- anomalies begin -->', '<!-- anomalies end -->'];
const FOLDERS = { nab: 'nab', skab: 'skab', wsn: 'wsn-suthaharan' };

/** The tables of a task, as people get them: lines of columns two blanks apart. */
function measured(task, dataFolder, fronts) {
  const words = ['stream-eval', '--task', task, '--data', `${task}:${join(dataFolder, FOLDERS[task])}`];
  const text = execFileSync(process.execPath, [COMMAND, ...words, '--fronts', fronts], { encoding: 'utf8' });
  const [title, ...lines] = text.trim().split('\n');
  return `${title}:\n\n\`\`\`\n${lines.join('\n')}\n\`\`\``;
}

const {
  values: { fronts },
  positionals: [dataFolder, ...names],
} = parseArgs({ options: { fronts: { type: 'string', default: '5' } }, allowPositionals: true });
if (dataFolder === undefined) {
  process.stderr.write('usage: node scripts/anomaly-results.mjs [--fronts n] <data folder> [task…]\n');
  process.exit(2);
}
const tasks = names.length > 0 ? names : Object.keys(FOLDERS);
const machine = `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0].model.trim()}`;
const parts = [
  `${machine}, seeds 1 … ${fronts}, ${new Date().toISOString().slice(0, 10)}.`,
  ...tasks.map((task) => measured(task, dataFolder, fronts)),
];
const page = readFileSync(RESULTS, 'utf8');
const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
writeFileSync(RESULTS, `${page.slice(0, before + BEGIN.length)}\n\n${parts.join('\n\n')}\n\n${page.slice(after)}`);
