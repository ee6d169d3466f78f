import { EventBuffer, engineNamed } from 'spikewire';
import { windowsOf } from 'spikewire/data';

/** Steps up to which all test samples run, and how many samples continue. */
export const [WHOLE_TO, FEWER] = [32, 2000];

/**
 * Runs each test sample once, and looks at the answer after so many steps; of the most, a part of the samples. Input is
 * the same current in every step, so a run of the most steps passes through the answers of fewer.
 */
export async function sweep(model, { samples, labels, classes }, counts, answer) {
  const network = engineNamed('clocked').load(model);
  network.learning = false;
  const named = model.labels.map((label) => classes.indexOf(label));
  const found = counts.map(() => ({ right: [], spikes: 0, operations: 0 }));
  const output = new EventBuffer(counts.at(-1) * named.length);
  const run = (input, to, label) => {
    network.resetActivity();
    const before = { ...network.counters };
    let [from, at] = [0, 0];
    for (const [k, count] of counts.entries()) {
      if (count > to) break;
      const part = new EventBuffer(input.length);
      for (; at < input.length && input.step[at] < count; at++) {
        part.push(input.step[at] - from, input.node[at], input.index[at], input.value[at]);
      }
      output.clear();
      network.run(count - from, part, output);
      from = count;
      const sums = answersOf(network, output, answer, named.length);
      found[k].right.push(Number(named[sums.indexOf(Math.max(...sums))] === label));
      found[k].spikes += network.counters.spikes - before.spikes;
      found[k].operations += network.counters.synapticOperations - before.synapticOperations;
    }
  };
  let sample = 0;
  for (const { input } of windowsOf(model, { samples: samples.slice(0, FEWER) }))
    run(input, counts.at(-1), labels[sample++]);
  const brief = { ...model, sample: { ...model.sample, steps: Math.min(WHOLE_TO, model.sample.steps) } };
  for (const { input } of windowsOf(brief, { samples: samples.slice(FEWER) })) run(input, WHOLE_TO, labels[sample++]);
  return {
    right: found.map(({ right }) => right),
    spikes: found.map(({ right, spikes }) => spikes / right.length),
    operations: found.map(({ right, operations }) => operations / right.length),
  };
}

/** What an integrator has summed up; of an analogue net, which has none, what left it. */
function answersOf(network, output, node, size) {
  if (node !== 'out') return Array.from(network.readState(node, 'v'));
  const sums = new Array(size).fill(0);
  for (let k = 0; k < output.length; k++) sums[output.index[k]] += output.value[k];
  return sums;
}
