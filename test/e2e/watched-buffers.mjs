// Remembers, weakly, every ArrayBuffer that typed arrays and WebAssembly memories are made of from here on; to be
// imported before everything that is to be measured. Needs --expose-gc.

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

/** Bytes of the buffers that are left when collections have ended to find any to take. */
export async function heldBytes() {
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
