// How many bytes a running net really holds: every ArrayBuffer that typed arrays and WebAssembly memories were made of
// while the net was loaded and ran, and that the garbage collector cannot take. Arguments: a model file, engines.
// Prints for each engine what was held and what the net says. Needs --expose-gc.
import { readFileSync } from 'node:fs';

/** All buffers made since the start, weakly. */
const made = new Set();
const known = new WeakSet();

function remember(buffer) {
  if (known.has(buffer)) return;
  known.add(buffer);
  made.add(new WeakRef(buffer));
}

const abstractArray = Object.getPrototypeOf(Int8Array);
for (const [name, { value: original }] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
  if (typeof original !== 'function' || Object.getPrototypeOf(original) !== abstractArray) continue;
  const watched = new Proxy(original, {
    construct(target, args, newTarget) {
      const array = Reflect.construct(target, args, newTarget === watched ? target : newTarget);
      remember(array.buffer);
      return array;
    },
  });
  // slice, map, from and of make theirs through the constructor of the prototype.
  original.prototype.constructor = watched;
  globalThis[name] = watched;
}

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

/** Bytes of the buffers that are left when collections have ended to find any to take. */
async function held() {
  let least = Number.POSITIVE_INFINITY;
  for (let vain = 0; vain < 5; vain++) {
    // A WeakRef keeps its target to the end of the turn.
    await new Promise((resolve) => setTimeout(resolve, 5));
    globalThis.gc();
    let sum = 0;
    for (const reference of made) sum += reference.deref()?.byteLength ?? 0;
    if (sum < least) vain = 0;
    least = Math.min(least, sum);
  }
  return least;
}

async function measure(engine) {
  // The first net also fills what the module keeps for all nets (compiled kernels).
  running(engine);
  const before = await held();
  const net = running(engine);
  const after = await held();
  return { held: after - before, bytes: net.bytes };
}

const measured = {};
for (const engine of engines) measured[engine] = await measure(engine);
console.log(JSON.stringify(measured));
