#!/usr/bin/env node
// Measures all that trainer/RESULTS.md says of training and conversion, by its scripts one after the other.
//
//   node scripts/results.mjs <data folder> <results folder>
//
// in a built workspace. It takes days on two cores; what is in the results folder already is not measured again.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [dataFolder, resultsFolder] = process.argv.slice(2);
if (resultsFolder === undefined) {
  process.stderr.write('usage: node scripts/results.mjs <data folder> <results folder>\n');
  process.exit(2);
}
const within = (name) => join(resultsFolder, name);
const SCRIPTS = {
  'training-results': [dataFolder, within('training')],
  'conversion-results': [within('conversion')],
  'mask-results': [within('masks')],
  'sensor-results': [dataFolder, within('sensors')],
};

for (const [script, words] of Object.entries(SCRIPTS)) {
  const path = fileURLToPath(new URL(`${script}.mjs`, import.meta.url));
  const { status } = spawnSync(process.execPath, [path, ...words], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
