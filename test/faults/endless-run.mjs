// One life of an endless net. Arguments: engine, "float" or "int8", the state's file, and either "save", which runs a
// while, saves and goes on, or "restore", which goes on from the file. Prints a digest of what the net did from the
// save on.
import { readFileSync, writeFileSync } from 'node:fs';
import { openNet, runOn } from './endless-net.mjs';

const [engine, form, file, life, steps] = process.argv.slice(2);
const net = openNet(engine, form === 'int8');
if (life === 'restore') {
  net.restore(readFileSync(file));
} else {
  runOn(net, 20_000);
  writeFileSync(file, net.save());
}
console.log(runOn(net, Number(steps)));
