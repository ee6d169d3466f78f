import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Message, NodeRed, NodeStatus, RuntimeNode } from '../node-red.ts';
import { sensorNode } from './sensor.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-sensor-node-'));
});
afterEach(() => rm(folder, { recursive: true }));

const RED = { _: (key: string, values: object = {}) => `${key} ${Object.values(values).join(' ')}`.trim() };

/** A node with these settings, and what it said until it is closed. */
function openNode(settings: Record<string, string>) {
  const sent: Message[] = [];
  const problems: string[] = [];
  const shown: NodeStatus[] = [];
  const node = Object.assign(new EventEmitter(), {
    id: 'sensor',
    send: (message: Message) => sent.push(message),
    warn: (line: string) => problems.push(line),
    error: (line: string) => problems.push(line),
    status: (status: NodeStatus) => shown.push(status),
  });
  sensorNode.open(RED as unknown as NodeRed, node as unknown as RuntimeNode, settings);
  const close = () => new Promise<void>((resolve) => node.emit('close', true, resolve));
  return { sent, problems, shown, close };
}

const wait = { timeout: 20_000 };

it('gives the samples of a sensor as messages, one channel as it is and several by name', async () => {
  const path = join(folder, 'samples.txt');
  await writeFile(path, '1 10\n2 20\n3 30\n4 40\n');
  const named = openNode({ address: `file:${path}?rate=200&channels=x:V,y`, interval: '5', length: '1' });
  await expect.poll(() => named.sent.length, wait).toBe(4);
  expect(named.sent[1]).toMatchObject({ payload: { x: 2, y: 20 }, topic: `file:${path}?rate=200&channels=x:V,y` });
  expect(named.sent[1]!.time as number).toBeGreaterThan(Date.now() - 60_000);
  expect(named.sent[3]!.spikewire).toMatchObject({ samples: 4, dropped: 0, nonFinite: 0 });
  await named.close();

  const blocks = openNode({ address: `file:${path}?rate=200&channels=x,y`, interval: '5', length: '2' });
  await expect.poll(() => blocks.sent.length, wait).toBe(2);
  expect(blocks.sent[1]).toMatchObject({ payload: { x: [3, 4], y: [30, 40] }, rate: 200 });
  await blocks.close();

  await writeFile(path, '5\n');
  const single = openNode({ address: `file:${path}`, interval: '5', length: '1' });
  await expect.poll(() => single.sent.map(({ payload }) => payload), wait).toEqual([5]);
  await single.close();
});

it('says little of junk without end', async () => {
  const path = join(folder, 'junk.txt');
  const junk = Array.from({ length: 1000 }, (_, k) => `junk${k}`);
  await writeFile(path, [...junk, '7', ''].join('\n'));
  const node = openNode({ address: `fifo:${path}`, interval: '5', length: '1' });
  await expect.poll(() => node.sent.length, wait).toBe(1);
  expect(node.sent[0]!.spikewire).toMatchObject({ problems: 1000 });
  expect(node.problems.length).toBeLessThan(50);
  await node.close();
});

it('says what is wrong once, and ends when it is closed while it waits', async () => {
  const unknown = openNode({ address: 'pigpio:4', interval: '5', length: '1' });
  await expect.poll(() => unknown.problems, wait).toEqual([expect.stringMatching(/unknown driver "pigpio"/)]);
  expect(unknown.shown.at(-1)).toMatchObject({ fill: 'red', shape: 'ring', text: 'status.badSettings' });
  await unknown.close();
  const absent = openNode({ address: `fifo:${folder}/pipe`, interval: '5', length: '1' });
  await expect.poll(() => absent.shown.at(-1)?.shape, wait).toBe('ring');
  await new Promise((resolve) => setTimeout(resolve, 600)); // it is tried again meanwhile
  expect(absent.problems).toEqual([expect.stringMatching(/pipe: is not there \(ENOENT\)/)]);
  await absent.close();
});
