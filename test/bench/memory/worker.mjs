// Usage: worker.mjs <model file> <inferences> [inferences per report]. Reports inferences and output spikes so far.
import './young-generation.mjs';
import { readFileSync } from 'node:fs';
import { InferenceWorker } from 'spikewire/executor';
import { randomWindow, STEPS } from './window.mjs';

const [file, inferences, block = inferences] = process.argv.slice(2);
const net = await new InferenceWorker('clocked').open(readFileSync(file));
const request = { steps: STEPS, input: randomWindow(), fresh: true };

setInterval(() => {}, 2 ** 30);
let spikes = 0;
for (let done = 0; done < Number(inferences); ) {
  const end = done + Number(block);
  for (; done < end; done++) spikes += (await net.run(request)).output.step.length;
  process.stdout.write(`${done} ${spikes}\n`);
}
