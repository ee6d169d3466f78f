#!/usr/bin/env node
// Measures what methods of conversion keep of an analogue net in whole numbers, method by method and step by step.
//
//   node scripts/conversion-results.mjs [--limit n] [--steps 1,2,4] <analogue model> <data>
//
// in a built workspace. Prints the table for trainer/RESULTS.md: per cent of the test samples that are right, by the
// int8 form on the engine of devices.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { quantize, readModel, readParameters } from '@spikewire/models';
import { conversionMethods, conversionSite, spikingModel } from '@spikewire/trainer';
import { calibrate, engineNamed } from 'spikewire';
import { evaluate, loadDataSet, windowsOf } from 'spikewire/data';
import { InProcessExecutor } from 'spikewire/executor';

/** Samples that set the ranges of whole numbers, and their steps: integrators reach in proportion to steps. */
const [CALIBRATED, AT] = [16, 4];
/** How far above the largest of these a read-out may go. */
const HEADROOM = 1.5;

/** Rows: methods with what is chosen of them. */
const ROWS = [
  ...conversionMethods.map((method) => [method.name, method, {}]),
  ...[
    ['rueckauer, hard', 'rueckauer', { reset: 'value' }],
    ['deng, percentile 99', 'deng', { percentile: 99 }],
    ['diehl, by the model', 'diehl', { norm: 'model' }],
  ].map(([row, name, given]) => [row, conversionMethods.find((method) => method.name === name), given]),
];

const { values, positionals } = parseArgs({
  options: { limit: { type: 'string' }, steps: { type: 'string', default: '1,2,4,8,16,32,64,128' } },
  allowPositionals: true,
});
const [file, address] = positionals;
const steps = values.steps.split(',').map(Number);
const limit = values.limit === undefined ? {} : { limit: Number(values.limit) };
const data = await loadDataSet(address);
const analogue = readModel(readFileSync(file));

async function right(model) {
  const executor = new InProcessExecutor(engineNamed('clocked'), model, { seed: 1 });
  return (100 * (await evaluate(model, executor, data, limit)).accuracy).toFixed(2);
}

/** The integer form for so many steps; ranges of read-outs from a few steps. */
function integerForm(net, balance, count) {
  const { samples } = data.training ?? data;
  const brief = spikingModel(net, balance, AT);
  const { inputs, states } = calibrate(brief, windowsOf(brief, { samples: samples.slice(0, CALIBRATED) }));
  const reach = new Map([...states].map(([name, largest]) => [name, (HEADROOM * largest * Math.max(count, AT)) / AT]));
  const calibration = { inputs, states: reach };
  return quantize(spikingModel(net, balance, count), { bits: 8, membraneBits: 32, calibration });
}

console.log(`analogue, float: ${await right(analogue)} %\n`);
console.log(
  `| method | ${steps.map((count) => `T = ${count}`).join(' | ')} |\n| --- |${' --- |'.repeat(steps.length)}`,
);
const site = await conversionSite(analogue, { data, steps: Math.min(32, Math.max(...steps)) });
for (const [row, method, given] of ROWS) {
  const parameters = readParameters(`method ${method.name}`, given, method.parameters, 'usage');
  const balance = await method.balance(site, parameters);
  const cells = [];
  for (const count of steps) cells.push(await right(integerForm(site.net, balance, count)));
  console.log(`| ${row} | ${cells.join(' | ')} |`);
}
