// Usage: in-process.mjs <model file> <inferences> [inferences per report]. Reports inferences and output spikes so far.
import './young-generation.mjs';
import { readFileSync } from 'node:fs';
import { readModel } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { OUTPUTS, randomWindow, STEPS } from './window.mjs';

const [file, inferences, block = inferences] = process.argv.slice(2);
const net = engineNamed('clocked').load(readModel(readFileSync(file)));
const input = EventBuffer.of(randomWindow());
const output = new EventBuffer(OUTPUTS);

setInterval(() => {}, 2 ** 30);
let spikes = 0;
for (let done = 0; done < Number(inferences); ) {
  const end = done + Number(block);
  for (; done < end; done++) {
    net.resetActivity();
    output.clear();
    net.run(STEPS, input, output);
    spikes += output.length;
  }
  process.stdout.write(`${done} ${spikes}\n`);
  await new Promise(setImmediate);
}
