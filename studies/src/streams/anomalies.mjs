// Detectors of anomalies on recorded streams with labels, as `spikewire stream-eval` compares them.
import { join } from 'node:path';
import { measuredHere, outputOf } from '../shared/spikewire.mjs';

/** The folder of each task, and its number of seeds: nab takes longest. */
const TASKS = {
  nab: { folder: 'nab', fronts: 3 },
  skab: { folder: 'skab', fronts: 5 },
  wsn: { folder: 'wsn-suthaharan', fronts: 5 },
};
const QUICK = { skab: { folder: 'skab', fronts: 1 } };

export async function page(site) {
  const tasks = Object.entries(site.isQuick ? QUICK : TASKS);
  const seeds = tasks.map(([task, { fronts }]) => `${task} with seeds 1 … ${fronts}`);
  const parts = [`${measuredHere()}; ${seeds.join(', ')}.`];
  for (const [task, { folder, fronts }] of tasks) parts.push(await tables(task, join(site.data, folder), fronts));
  return parts.join('\n\n');
}

/** The tables of a task as the command prints them, in columns. */
async function tables(task, folder, fronts) {
  const words = ['stream-eval', '--task', task, '--data', `${task}:${folder}`, '--fronts', `${fronts}`];
  const [title, ...lines] = (await outputOf(words)).trim().split('\n');
  return `${title}:\n\n\`\`\`\n${lines.map((line) => line.trimEnd()).join('\n')}\n\`\`\``;
}
