// `node ours.mjs NET THREADS`: what torch-loop.py is, by this house.
import { createInterface } from 'node:readline';
import { measure, nets, openTraining } from './step.mjs';

const [name, threads] = process.argv.slice(2);
const training = await openTraining(nets[name], Number(threads));
// As many as in a training, where steps follow each other: after a pause the first ones wait for cores to wake.
const repeats = name === 'mlp' ? 30 : 4;
answer({});
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'peak') answer({ megabytes: process.resourceUsage().maxRSS / 1024 });
  else answer(await measure(repeats, training.step));
}
await training.close();

function answer(document) {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}
