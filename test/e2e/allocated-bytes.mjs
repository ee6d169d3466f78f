// How many bytes a running net really holds: every ArrayBuffer that typed arrays and WebAssembly memories were made of
// while the net was loaded and ran, and that the garbage collector cannot take. Arguments: a model file, engines.
// Prints for each engine what was held and what the net says. Needs --expose-gc.
import { readFileSync } from 'node:fs';
import { heldBytes } from './watched-buffers.mjs';

const { readModel } = await import('@spikewire/models');
const { engineNamed, EventBuffer } = await import('spikewire');
const [file, ...engines] = process.argv.slice(2);
const model = readModel(readFileSync(file));
const buffers = [new EventBuffer(0), new EventBuffer(1000)];

/** A fresh net that has run once, so that what is made late is there too. */
function running(engine) {
  const net = engineNamed(engine).load(model);
  buffers[1].clear();
  net.run(2, buffers[0], buffers[1]);
  return net;
}

async function measure(engine) {
  // The first net also fills what the module keeps for all nets (compiled kernels).
  running(engine);
  const before = await heldBytes();
  const net = running(engine);
  const after = await heldBytes();
  return { held: after - before, bytes: net.bytes };
}

const measured = {};
for (const engine of engines) measured[engine] = await measure(engine);
console.log(JSON.stringify(measured));
