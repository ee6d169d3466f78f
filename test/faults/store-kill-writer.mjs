// Saves without pause into the folder given, printing each acknowledged sequence, until it is killed.
import { Store } from 'spikewire/store';
import { baseDigest, stateOf } from './store-kill-states.mjs';

console.log('starting');
const store = await Store.open(process.argv[2], { baseDigest });
let sequence = (await store.load())?.sequence ?? 0n;
for (;;) {
  const saved = await store.save(stateOf(sequence + 1n));
  if (saved !== sequence + 1n) throw new Error(`sequence ${saved}; expected ${sequence + 1n}`);
  sequence = saved;
  console.log(`saved ${sequence}`);
}
