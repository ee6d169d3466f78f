#!/usr/bin/env node
// Measures the detectors of anomalies on all tasks, and writes the tables into trainer/RESULTS.md.
//
//   node scripts/anomaly-results.mjs <data folder>
//
// in a built workspace. The data folder has nab, skab and wsn-suthaharan.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measuredHere, updatePage } from './results-page.mjs';

const COMMAND = fileURLToPath(new URL('../runtime/bin/spikewire.js', import.meta.url));
/** Where the data of each task lie, and how many seeds it is measured with: nab takes longest. */
const TASKS = {
  nab: { folder: 'nab', fronts: 3 },
  skab: { folder: 'skab', fronts: 5 },
  wsn: { folder: 'wsn-suthaharan', fronts: 5 },
};

/** The tables of a task, as people get them: lines of columns two blanks apart. */
function measured(task, dataFolder) {
  const { folder, fronts } = TASKS[task];
  const words = ['stream-eval', '--task', task, '--data', `${task}:${join(dataFolder, folder)}`];
  const text = execFileSync(process.execPath, [COMMAND, ...words, '--fronts', `${fronts}`], { encoding: 'utf8' });
  const [title, ...lines] = text.trim().split('\n');
  return `${title}:\n\n\`\`\`\n${lines.map((line) => line.trimEnd()).join('\n')}\n\`\`\``;
}

const [dataFolder, ...more] = process.argv.slice(2);
if (dataFolder === undefined || more.length > 0) {
  process.stderr.write('usage: node scripts/anomaly-results.mjs <data folder>\n');
  process.exit(2);
}
const seeds = Object.entries(TASKS).map(([task, { fronts }]) => `${task} with seeds 1 … ${fronts}`);
const parts = [
  `${measuredHere()}; ${seeds.join(', ')}.`,
  ...Object.keys(TASKS).map((task) => measured(task, dataFolder)),
];
updatePage('anomalies', () => parts.join('\n\n'));
