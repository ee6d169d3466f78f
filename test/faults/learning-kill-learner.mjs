// Learns from the endless stream and saves without pause into the folder given, printing each acknowledged save, until
// it is killed.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { nets } from './learning-kill-net.mjs';

console.log('starting');
const net = nets[process.argv[2]];
const warnings = [];
const kept = await net.open(process.argv[3], warnings);

async function learn() {
  for (let k = net.done(kept); ; k++) {
    await net.act(kept, k);
    // Where nothing waits for a broker or a thread, the saves need a turn too.
    await nextTurn();
  }
}

async function save() {
  for (;;) {
    const { sequence, readings } = await kept.save();
    if (warnings.length > 0) throw new Error(warnings[0]);
    console.log(`saved ${sequence} ${readings}`);
  }
}

await Promise.all([learn(), save()]);
