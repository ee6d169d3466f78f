import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseModel, writeModel } from '@spikewire/models';
import { connectAsync } from 'mqtt';
import { readAedat } from 'spikewire';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { chain } from '../chain.ts';
import { startMosquitto } from '../e2e/mosquitto.ts';
import { needs } from '../services.ts';
import { fakeSshRig } from './nengofpga/rig.mjs';
import { Twin as OdinTwin } from './odin/twin.ts';
import { startTwin, type Twin } from './spinnaker/twin-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DATABASE = join(ROOT, 'test/golden/data/spinnaker/database.sqlite3');
/** The port of the page, in whose place a free one stands. */
const UDP_PORT = '8991';

/** The commands of a section of the page, in code of its own or within a sentence, in their order. */
function commandsOf(section: string): string[] {
  const page = readFileSync(join(ROOT, 'docs/guide/boards.md'), 'utf8');
  const [, text] = page.split(`\n## ${section}\n`);
  const own = text!.split('\n## ')[0]!.matchAll(/(?:^npx |`)(spikewire [^`\n]+)/gm);
  return Array.from(own, ([, command]) => command!);
}

let folder: string;
let nengo: Awaited<ReturnType<typeof fakeSshRig>>;
let spinnaker: Twin;
let odin: OdinTwin;
let udpPort: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spikewire-boards-'));
  [nengo, spinnaker, odin] = await Promise.all([fakeSshRig(), startTwin(), OdinTwin.start({ seed: 3 })]);
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await once(probe, 'listening');
  udpPort = probe.address().port;
  probe.close();
  writeFileSync(join(folder, 'in.csv'), '0.5\n-0.5\n');
  copyFileSync(DATABASE, join(folder, 'input_output_database.sqlite3'));
  const relay = writeModel(relayOf({ type: 'sequence', frames: 20, range: [0, 16], gain: 16 }));
  for (const name of ['first', 'second']) writeFileSync(join(folder, `${name}.spike`), relay);
  for (const name of ['model', 'm'])
    writeFileSync(join(folder, `${name}.spike`), writeModel(relayOf({ type: 'bernoulli' })));
  writeFileSync(join(folder, 'camera.aedat4'), recording());
});
afterAll(async () => {
  await Promise.all([nengo.close(), spinnaker.close(), odin.stop()]);
  rmSync(folder, { recursive: true });
});

/** Twelve neurons, each of which spikes with its Input. */
function relayOf(encoder: object) {
  const nodes = {
    in: { type: 'Input', shape: [12] },
    w: {
      type: 'Linear',
      weight: Array.from({ length: 12 }, (_, k) => Array.from({ length: 12 }, (__, i) => +(i === k))),
    },
    cell: { type: 'IF', r: 1000, v_threshold: 0.5 },
    out: { type: 'Output' },
  };
  return parseModel({
    nodes,
    edges: chain(...Object.keys(nodes)),
    semantics: { dt: 0.001, reset: 'value' },
    sample: { steps: 20, between: 'continue' },
    encoder: { in: encoder },
    decoder: { out: { type: 'count' } },
  });
}

/** Ten readings of events, one in each step, of twelve places. */
function recording(): Buffer {
  const header = '#!AER-DAT2.0\r\n# spikewire: layout index, width 12, height 1, polarities 1\r\n';
  const bytes = Buffer.alloc(8 * 200);
  for (let k = 0; k < 200; k++) {
    bytes.writeUInt32BE(k % 12, 8 * k);
    bytes.writeUInt32BE(1000 * k + 500, 8 * k + 4);
  }
  return Buffer.concat([Buffer.from(header), bytes]);
}

/** A command with the addresses of twins in the place of boards. */
function begin(command: string) {
  const words = command
    .replace(/^spikewire /, `'${process.execPath}' '${join(ROOT, 'runtime/bin/spikewire.js')}' `)
    .replace('nengofpga:HOST', `nengofpga:${nengo.file}`)
    .replace('spinnaker:192.168.240.253', `spinnaker:127.0.0.1:${spinnaker.port}`)
    .replace('tcp:10.0.0.7:5000', odin.address)
    .replace(UDP_PORT, String(udpPort));
  const child = spawn('sh', ['-c', `exec ${words}`], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (said += piece));
  return { child, said: () => said, ended: once(child, 'close').then(([code]) => code as number | null) };
}

async function run(command: string): Promise<string> {
  const { ended, said } = begin(command);
  expect(await ended, `${command}\n${said()}`).toBe(0);
  return said();
}

/** Runs a command that takes readings from a broker, until it has answered one with spikes. */
async function runStream(command: string, reading: string, context: TestContext): Promise<void> {
  needs(context, 'mosquitto');
  const broker = (await startMosquitto())!;
  const client = await connectAsync(broker.url);
  const [, given, answered] = /--in (\S+) --out (\S+)/.exec(command)!;
  const { child, ended, said } = begin(`${command} --mqtt ${broker.url}`);
  const answers: string[] = [];
  client.on('message', (_, payload) => answers.push(payload.toString()));
  await client.subscribeAsync(answered!);
  const answer = async () => {
    await client.publishAsync(given!, reading);
    return answers.join();
  };
  await expect.poll(answer, { interval: 500 }).toMatch(/"spikes":[1-9]/);
  child.kill('SIGTERM');
  expect(await ended, said()).toBe(0);
  await client.endAsync();
  await broker.stop();
}

describe('the guide on boards, command by command', () => {
  it('NengoFPGA', async () => {
    const [train, test, simulate, ...others] = commandsOf('NengoFPGA');
    expect(others).toEqual([]);
    await run(train!);
    expect(await run(test!)).toMatch(/windows of \d+ steps/);
    expect(await run(simulate!)).toMatch(/spikes|steps/);
  });

  it('SpiNNaker', async (context) => {
    needs(context, 'sqlite3');
    const [test, read, stream, ...others] = commandsOf('SpiNNaker');
    expect(others).toEqual([]);
    expect(await run(test!)).toMatch(/memory: 1024 bytes hold what is written/);
    expect(await run(read!)).toMatch(/stands for the net on the board/);
    await runStream(stream!, '[1, 0, 0, 1]', context);
  });

  it('ODIN and tinyODIN', async (context) => {
    const [test, stream, ...others] = commandsOf('ODIN and tinyODIN');
    expect(others).toEqual([]);
    expect(await run(test!)).toMatch(/software: 640 random events, \d+ spikes and 256 membranes are the same/);
    await runStream(stream!, JSON.stringify(new Array(12).fill(1)), context);
  });

  it('address events', async () => {
    const [second, first, ...others] = commandsOf('Address events');
    expect(others).toEqual([]);
    const listening = begin(second!);
    await expect.poll(listening.said).toMatch(/sensor aer:udp/);
    expect(await run(first!)).not.toMatch(/lost [1-9]/);
    await expect.poll(listening.said).toMatch(/"seq":[5-9]/);
    listening.child.kill('SIGTERM');
    expect(await listening.ended).toBe(0);
    const { x } = readAedat(readFileSync(join(folder, 'spikes.aedat')));
    expect(Array.from(x)).toEqual(Array.from(x, (_, k) => k % 12));
    expect(x.length).toBeGreaterThan(60);
  });

  it('Loihi', async () => {
    const [inspect, whole, nir, ...others] = commandsOf('Loihi');
    expect(others).toEqual([]);
    expect(await run(inspect!)).toMatch(/meets all \d+ published limits/);
    expect(await run(whole!)).toMatch(/loihi\.spike: \d+ bytes/);
    expect(await run(nir!)).toMatch(/loihi\.nir: \d+ bytes/);
  });
});
