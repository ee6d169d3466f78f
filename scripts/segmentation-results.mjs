#!/usr/bin/env node
// Measures what is left of a net for masks once it is converted to spikes, in whole numbers, step by step.
//
//   node scripts/segmentation-results.mjs [--limit n] [--steps 4,8] [--methods patel,deng] [--rates] net.spike shapes
//
// in a built workspace. Prints the table for trainer/RESULTS.md: intersection over union with the masks, in per cent,
// mean of the test images, by the int8 form on the engine of devices; with --rates also what the net has with the rates
// in the place of rectifiers that the method patel trains.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { elementCount, quantize, readModel, resolveGraph } from '@spikewire/models';
import {
  conversionMethods,
  conversionSite,
  evaluateOverlap,
  overlapOf,
  parametersOf,
  spikingModel,
} from '@spikewire/trainer';
import { calibrate } from 'spikewire';
import { loadDataSet, windowsOf } from 'spikewire/data';
import { percent } from './figures.mjs';

/** Samples that set the ranges of whole numbers, and how far above the largest of these a read-out may go. */
const [CALIBRATED, HEADROOM] = [16, 1.5];

const { values, positionals } = parseArgs({
  options: {
    limit: { type: 'string', default: '400' },
    steps: { type: 'string', default: '1,2,4,8,16,32,64,128' },
    methods: { type: 'string', default: 'patel,rueckauer,deng,rmp' },
    rates: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const [file, address] = positionals;
const steps = values.steps.split(',').map(Number);
const data = await loadDataSet(address);
const analogue = readModel(readFileSync(file));
const test = {
  samples: data.samples.slice(0, Number(values.limit)),
  targets: data.targets.slice(0, Number(values.limit)),
};

/** All pixels above one threshold, the best for the training images. */
function byThreshold() {
  const meanAt = ({ samples, targets }, threshold) =>
    samples.reduce((sum, sample, k) => {
      const answers = Array.from(sample, (value) => value - threshold);
      return sum + overlapOf(answers, targets[k]);
    }, 0) / samples.length;
  const thresholds = Array.from({ length: 40 }, (_, k) => k / 40);
  const found = thresholds.map((threshold) => meanAt(data.training, threshold));
  return meanAt(test, thresholds[found.indexOf(Math.max(...found))]);
}

/** An analogue net whose rectifiers give 1/⌈1/x⌉, node by node. */
function byRates({ graph, semantics }) {
  const { nodes, edges } = resolveGraph(graph, semantics);
  const ways = nodes.map(({ kind, node, inputShape }) => kind.connect?.(node, inputShape));
  const answerTo = (sample) => {
    const emitted = [];
    for (const [index, { kind, inputShape }] of nodes.entries()) {
      const x = kind.role === 'input' ? Float64Array.from(sample) : new Float64Array(elementCount(inputShape));
      for (const { source, target } of edges) {
        if (target === index) for (let k = 0; k < x.length; k++) x[k] += emitted[source][k];
      }
      if (kind.type === 'ReLU') emitted.push(x.map((value) => (value > 0 ? 1 / Math.ceil(1 / value) : 0)));
      else emitted.push(ways[index] === undefined ? x : mapped(ways[index], x));
    }
    return emitted[nodes.findIndex(({ kind }) => kind.role === 'output')];
  };
  return (
    test.samples.reduce((sum, sample, k) => sum + overlapOf(answerTo(sample), test.targets[k]), 0) / test.samples.length
  );
}

/** What a connection makes of x. */
function mapped({ outputs, weights, gain, bias, forEachSynapse }, x) {
  const y = bias === undefined ? new Float64Array(outputs) : Float64Array.from(bias);
  for (const [index, value] of x.entries()) {
    if (value === 0) continue;
    forEachSynapse(index, (output, weight) => {
      y[output] += gain * value * (weights === undefined ? 1 : weights[weight]);
    });
  }
  return y;
}

/** The integer form for so many steps. */
function integerForm(net, balance, count) {
  const spiking = spikingModel(net, balance, count);
  const { inputs, states } = calibrate(
    spiking,
    windowsOf(spiking, { samples: data.training.samples.slice(0, CALIBRATED) }),
  );
  const reach = new Map([...states].map(([name, largest]) => [name, HEADROOM * largest]));
  return quantize(spiking, { bits: 8, membraneBits: 32, calibration: { inputs, states: reach } });
}

console.log(`best threshold of pixels: ${percent(byThreshold())} %`);
console.log(`analogue, float: ${percent((await evaluateOverlap(analogue, test)).overlap)} %\n`);
if (values.rates) console.log(`with the rates of patel, float: ${percent(byRates(analogue))} %\n`);
console.log(
  `| method | ${steps.map((count) => `T = ${count}`).join(' | ')} |\n| --- |${' --- |'.repeat(steps.length)}`,
);
const site = await conversionSite(analogue, { data, steps: Math.min(32, Math.max(...steps)) });
for (const name of values.methods.split(',')) {
  const method = conversionMethods.find((each) => each.name === name);
  const balance = await method.balance(site, parametersOf(method));
  const cells = [];
  let last;
  for (const count of steps) {
    last = await evaluateOverlap(integerForm(site.net, balance, count), test);
    cells.push(percent(last.overlap));
  }
  console.log(`| ${name} | ${cells.join(' | ')} |`);
  console.log(
    `<!-- ${name}, T = ${steps.at(-1)}: ${Math.round(last.spikesPerSample)} spikes, ` +
      `${Math.round(last.synapticOpsPerSample)} synaptic operations an image -->`,
  );
}
