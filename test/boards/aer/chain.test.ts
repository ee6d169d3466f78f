import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { killAll, type RunningCommand, runCommand, startCommand } from '../../e2e/command.ts';

/** Neurons that spike whenever an event comes, in its step. */
const NEURONS = 12;
const relay = {
  nodes: {
    in: { type: 'Input', shape: [3, 4] },
    flat: { type: 'Flatten', start_dim: 0 },
    weights: {
      type: 'Linear',
      weight: Array.from({ length: NEURONS }, (_, k) =>
        Array.from({ length: NEURONS }, (__, i) => (i === k ? 600 : 0)),
      ),
    },
    cell: { type: 'IF', r: 1, v_threshold: 0.5 },
    out: { type: 'Output' },
  },
  edges: [
    ['in', 'flat'],
    ['flat', 'weights'],
    ['weights', 'cell'],
    ['cell', 'out'],
  ],
  semantics: { dt: 0.001 },
  sample: { steps: 20, between: 'continue' },
  encoder: { in: { type: 'sequence', frames: 20, range: [0, 16], gain: 16 } },
  decoder: { out: { type: 'count' } },
};

let folder: string;
let commands: RunningCommand[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-chain-'));
  commands = [];
  await writeFile(join(folder, 'relay.json'), JSON.stringify(relay));
});

afterEach(async () => {
  await killAll(commands);
  await rm(folder, { recursive: true, force: true });
});

const HEADER = '#!AER-DAT2.0\r\n# spikewire: layout index, width 4, height 3, polarities 1\r\n';

/** [step, neuron] of 400 events that are not in one step and neuron twice, and the file with them. */
async function recording(): Promise<[number, number][]> {
  const events = Array.from({ length: 400 }, (_, k): [number, number] => [2 * k + ((k * k) % 2), (k * 7) % NEURONS]);
  const bytes = Buffer.alloc(8 * events.length);
  events.forEach(([step, neuron], k) => {
    bytes.writeUInt32BE(neuron, 8 * k);
    bytes.writeUInt32BE(1000 * step + 500, 8 * k + 4);
  });
  await writeFile(join(folder, 'in.aedat'), Buffer.concat([Buffer.from(HEADER), bytes]));
  return events;
}

/** The same of what a run has written. */
async function written(name: string): Promise<[number, number][]> {
  const bytes = await readFile(join(folder, name));
  const text = bytes.toString('latin1');
  const body = bytes.subarray(text.indexOf('\n', text.indexOf('# End Of ASCII Header')) + 1);
  return Array.from({ length: body.length / 8 }, (_, k) => [
    body.readUInt32BE(8 * k + 4) / 1000,
    body.readUInt32BE(8 * k),
  ]);
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

const RECORDING = 'aer:in.aedat?start=0';

it('the spikes of one run are the events of another, in the steps in which they were', async () => {
  const events = await recording();
  const port = await freePort();
  const listening = `aer:udp://127.0.0.1:${port}?size=4x3&start=0`;
  const second = startCommand(['run', 'relay.json', '--sensor', listening, '--spikes', 'cell=aer:out.aedat'], folder);
  commands.push(second);
  await second.says(/sensor aer:udp/);
  const words = ['run', 'relay.json', '--sensor', RECORDING, '--spikes', `cell=aer:udp://127.0.0.1:${port}`];
  const first = await runCommand([...words, '--json'], folder);
  expect(first.code).toBe(0);
  const { spikes, sensor } = JSON.parse(first.stdout.trim().split('\n').at(-1)!);
  expect(sensor.counted).toMatchObject({ events: 400, outside: 0, late: 0 });
  // All but those of the last, unfinished reading.
  expect(spikes.lost).toBe(0);
  expect(spikes.sent).toBeGreaterThan(380);
  second.process.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  expect(second.stdout()).toContain(`${spikes.sent} (events)`);
  expect(second.stdout()).not.toContain('lost datagrams');
  const relayed = await written('out.aedat');
  expect(relayed.length).toBeGreaterThan(360);
  expect(relayed).toEqual(events.slice(0, relayed.length));
});

it('a run computes the spikes that simulate does of the same recording', async () => {
  await recording();
  const ran = await runCommand(['run', 'relay.json', '--sensor', RECORDING, '--spikes', 'cell=aer:o.aedat'], folder);
  expect(ran.code).toBe(0);
  const words = ['simulate', 'relay.json', '--device', 'clocked', '--input', 'in.aedat', '--record', 'spikes:cell'];
  const { stdout } = await runCommand([...words, '--json'], folder);
  const { cell } = JSON.parse(stdout).spikes;
  const spikes = await written('o.aedat');
  expect(spikes.length).toBeGreaterThan(380);
  expect(spikes).toEqual(cell.slice(0, spikes.length));
});

it.each([
  [['--spikes', 'cell'], /--spikes: is "cell"; expected NODE=aer:udp/],
  [['--spikes', 'none=aer:o.aedat'], /node "none": is not a node that spikes; expected cell/],
])('run refuses %j in one line', async (words, message) => {
  await recording();
  const { code, stderr } = await runCommand(['run', 'relay.json', '--sensor', RECORDING, ...words], folder);
  expect([code, stderr.trim().split('\n').length]).toEqual([2, 1]);
  expect(stderr).toMatch(message);
});
