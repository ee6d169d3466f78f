// Learns from the endless stream and saves without pause into the folder given, printing each acknowledged save, until it is killed.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openNet, reading } from './learning-kill-net.mjs';

console.log('starting');
const warnings = [];
const kept = await openNet(process.argv[2], warnings);

async function learn() {
  for (let k = kept.session.sequence; ; k++) {
    await kept.feed(reading(k));
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
