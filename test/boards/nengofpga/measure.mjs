// What devices/RESULTS.md says of NengoFPGA, on the twin over loopback:
//
//   node test/boards/nengofpga/measure.mjs [--steps 60000] [--loss 0.05] [--seed 1] [--neurons 50]

import { parseArgs } from 'node:util';
import { acceleratorDrivers } from '@spikewire/devices/accelerators';
import { ensembleModel, playCourse } from './ensembles.mjs';
import { fakeSshRig } from './rig.mjs';

const text = { type: 'string' };
const { values } = parseArgs({ options: { steps: text, loss: text, seed: text, neurons: text } });
const [steps, loss, seed, neurons] = [
  Number(values.steps ?? 60_000),
  Number(values.loss ?? 0.05),
  Number(values.seed ?? 1),
  Number(values.neurons ?? 50),
];

const driver = acceleratorDrivers.find(({ scheme }) => scheme === 'nengofpga');
const rig = await fakeSshRig();
const source = await driver.open(rig.file);

async function measure(faults, count) {
  await rig.setFaults(faults);
  const model = ensembleModel({ inputs: 2, outputs: 2, neurons, learningRate: 0.01 });
  const began = performance.now();
  const { times, counts, worst, wrong, learned, errors } = await playCourse(source, model, count);
  times.sort((a, b) => a - b);
  const at = (share) => Number(times[Math.floor(share * (times.length - 1))].toPrecision(3));
  return {
    ...{ faults, steps: count, neurons, seconds: Number(((performance.now() - began) / 1000).toPrecision(3)) },
    milliseconds: { median: at(0.5), p99: at(0.99), longest: at(1) },
    answers: { largestDifference: Number(worst.toPrecision(2)), above1e4: wrong },
    learnedDifference: learned,
    errors: errors.map((error) => Number(error.toPrecision(2))),
    counts,
  };
}

try {
  console.log(JSON.stringify(await measure({}, Math.min(steps, 10_000)), null, 1));
  console.log(JSON.stringify(await measure({ loss, seed }, steps), null, 1));
} finally {
  await source.close();
  await rig.close();
}
