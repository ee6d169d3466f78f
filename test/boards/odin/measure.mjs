// Prints the row of ODIN and tinyODIN in devices/RESULTS.md, measured with the twin over TCP on this machine. Build
// first; then `node test/boards/odin/measure.mjs`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { acceleratorDrivers } from '@spikewire/devices/accelerators';
import { parseModel, RandomGenerator, writeModel } from '@spikewire/models';

const PROGRAM = fileURLToPath(new URL('./twin.mjs', import.meta.url));
const [WINDOWS, INPUTS, CELLS, STEPS] = [300, 16, 24, 1];

for (const scheme of ['odin', 'tinyodin']) {
  const options = { tiny: scheme === 'tinyodin', seed: 1, loss: 0.01 };
  const twin = fork(PROGRAM, [JSON.stringify(options)]);
  const [{ port }] = await once(twin, 'message');
  const driver = acceleratorDrivers.find((each) => each.scheme === scheme);
  const tested = await driver.test(`tcp:127.0.0.1:${port}`);
  const quiet = fork(PROGRAM, [JSON.stringify({ ...options, loss: 0 })]);
  const [{ port: quietPort }] = await once(quiet, 'message');
  const source = await driver.open(`tcp:127.0.0.1:${quietPort}`);
  const net = await source.open(writeModel(model()));
  const times = [];
  for (let k = 0; k < WINDOWS; k++) {
    const begun = performance.now();
    await net.run({ steps: STEPS, input: window(k) });
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(share * times.length)].toFixed(2);
  twin.send({ do: 'dump' });
  const [{ counts }] = await once(twin, 'message');
  console.log(`${scheme}: ${tested.join('; ')}`);
  console.log(`  frames lost by a line that loses 1 %, all sent again: ${counts.lost}; ${net.choice.warning}`);
  console.log(`  a window of one step, over loopback: median ${at(0.5)} ms, 99 % ${at(0.99)} ms`);
  await source.close();
  twin.disconnect();
  quiet.disconnect();
}

function model() {
  const random = new RandomGenerator(1, 'weights');
  const weight = Array.from({ length: CELLS }, () => Array.from({ length: INPUTS }, () => random.nextNormal() + 0.3));
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      fc: { type: 'Linear', weight },
      cells: { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1 },
      out: { type: 'Output', shape: [CELLS] },
    },
    edges: [
      ['in', 'fc'],
      ['fc', 'cells'],
      ['cells', 'out'],
    ],
  });
}

function window(seed) {
  const random = new RandomGenerator(seed, 'spikes');
  const index = Array.from({ length: INPUTS }, (_, k) => k).filter(() => random.nextUniform() < 0.2);
  return {
    step: Int32Array.from(index, () => 0),
    node: Int32Array.from(index, () => 0),
    index: Int32Array.from(index),
    value: Float64Array.from(index, () => 1),
  };
}
