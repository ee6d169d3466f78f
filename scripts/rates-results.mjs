#!/usr/bin/env node
// What nets for masks that the method patel trained are worth with the rates that they learned with, 1/⌈1/x⌉, in the
// place of their rectifiers: beside that, and not beside the rectifiers of the file, stands what `spikewire convert
// --method patel` leaves of them.
//
//   node scripts/rates-results.mjs shapes net.spike …
//
// in a built workspace. Intersection over union with the masks, in per cent, mean of the test images.
import { readFileSync } from 'node:fs';
import { elementCount, overlapOf, readModel, resolveGraph } from '@spikewire/models';
import { loadDataSet } from 'spikewire/data';
import { mean, percent } from './figures.mjs';

const [address, ...files] = process.argv.slice(2);
const { samples, targets } = await loadDataSet(address);

for (const file of files) {
  const answer = answererBy(readModel(readFileSync(file)));
  const found = mean(samples.map((sample, k) => overlapOf(answer(sample), targets[k])));
  console.log(`${file}: ${percent(found)} %`);
}

/** Answers of an analogue net whose rectifiers give such rates, node by node. */
function answererBy({ graph, semantics }) {
  const { nodes, edges } = resolveGraph(graph, semantics);
  const ways = nodes.map(({ kind, node, inputShape }) => kind.connect?.(node, inputShape));
  return (sample) => {
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
