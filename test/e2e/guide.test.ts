import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { it } from 'vitest';
import { needsDigits } from '../fpga/digits.ts';
import { needs } from '../services.ts';
import { GuideReader } from './guide-reader.ts';
import { startMosquitto } from './mosquitto.ts';

const MAIN = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
/** The build itself saves npm a second each time. */
const COMMAND = `'${process.execPath}' '${MAIN}'`;

const PAGES = [
  ...['watch-a-sensor', 'recognise-states', 'vibration'],
  ...['home-assistant', 'statestream', 'own-sensor', 'onnx', 'nir', 'updates'],
];
it.concurrent('fpga: does what it says, command by command', { timeout: 300_000 }, async (context) => {
  for (const service of ['verilator', 'g++'] as const) needs(context, service);
  needsDigits(context);
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-guide-'));
  const broker = { url: '', port: 0 };
  const env = { ...process.env, SPIKEWIRE_FPGA_SIMULATOR: join(folder, 'simulated/board') };
  const reader = new GuideReader({ folder, broker, command: COMMAND, longest: 200_000, spawning: { env } });
  try {
    await reader.read('fpga.md');
  } finally {
    await reader.close();
    await rm(folder, { recursive: true, force: true });
  }
});

// They wait more than they compute. The commands of the page on Node-RED are those of test/package/pack.test.ts.
it.concurrent.for(PAGES)('%s: does what it says, command by command', { timeout: 120_000 }, async (page, context) => {
  for (const service of ['mosquitto', 'mosquitto-clients'] as const) needs(context, service);
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-guide-'));
  const broker = (await startMosquitto())!;
  const reader = new GuideReader({ folder, broker, command: COMMAND, longest: 60_000 });
  try {
    await reader.read(`${page}.md`);
  } finally {
    await reader.close();
    await broker.close();
    await rm(folder, { recursive: true, force: true });
  }
});
