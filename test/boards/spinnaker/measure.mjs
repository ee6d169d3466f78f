// The driver of SpiNNaker on the twin, over loopback: prints a row of devices/RESULTS.md. The faults are seeded, the
// latency is that of this machine.
//
//   node test/boards/spinnaker/measure.mjs
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { acceleratorDrivers } from '@spikewire/devices/accelerators';

const driver = acceleratorDrivers.find(({ scheme }) => scheme === 'spinnaker');
const program = fileURLToPath(new URL('twin.mjs', import.meta.url));
const TESTS = 10;

const faulty = await tryBoard({ loss: 0.05, busy: 0.1, double: 0.1, reorder: 0.1, seed: 7 }, '?timeout=100');
const clean = await tryBoard({}, '');
console.log(`${TESTS} tests with 5 % lost, 10 % busy, 10 % doubled, 10 % reordered (seed 7):`);
for (const [line, count] of faulty) console.log(`  ${count} x ${line}`);
console.log(`${TESTS} tests without faults:`);
for (const [line, count] of clean) console.log(`  ${count} x ${line}`);

/** What tests of one twin say, and how often. */
async function tryBoard(settings, query) {
  const child = spawn(process.execPath, [program, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { port } = JSON.parse((await lines.next()).value);
  const found = new Map();
  for (let k = 0; k < TESTS; k++) {
    const findings = await driver.test(`127.0.0.1:${port}${query}`).catch(({ message }) => [message]);
    for (const line of findings.slice(-3)) found.set(line, (found.get(line) ?? 0) + 1);
  }
  child.stdin.end();
  return found;
}
