import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NodeRedProcess, OWN } from './node-red-process.ts';

/** `SPIKEWIRE_TOPICS=1500` for a long look. */
const TOPICS = Number(process.env.SPIKEWIRE_TOPICS ?? 72);
/** Those that a node without nets knows apart. */
const KNOWN_APART = 64;
const QUOTA = { open: 8, bytes: 2 ** 20, entries: 2 ** 20 / 2 ** 14 };

const NETS = { per: 'topic', capacity: `${QUOTA.open}`, worker: false, storeBudget: '1', storePerDay: '4' };
const samples = Array.from({ length: 256 }, (_, k) => Math.sin(k));

/** What keeps something for each topic, and a payload for it; answers to commands come with the others, or after. */
const NODES = {
  infer: { payload: 1, type: 'spikewire-infer', net: 'net', wires: [[], ['answers']] },
  anomaly: { payload: 1, type: 'spikewire-anomaly', ...NETS, wires: [['answers'], [], []] },
  classify: { payload: [1, 2], type: 'spikewire-classify', takes: 'features', ...NETS, wires: [[], ['answers']] },
  features: { payload: samples, type: 'spikewire-features', length: '256', wires: [[]] },
  encode: { payload: 1, type: 'spikewire-encode', encoder: 'latency', range: '0, 10', wires: [[]] },
  decode: { payload: { size: 1, spikes: [[0]] }, type: 'spikewire-decode', wires: [[]] },
} as const;
type Name = keyof typeof NODES;

/** Sends a message of each topic to a node at once, and counts what comes of it. */
function flowOf(name: Name): object[] {
  const { payload, ...node } = NODES[name];
  // What is counted stays with the tab.
  const place = { z: name, x: 0, y: 0 };
  const count = (what: string) => `flow.set('${what}', (flow.get('${what}') ?? 0) + 1);`;
  const run = (id: string, func: string, to: readonly string[] = []) => ({
    ...{ ...place, id, type: 'function', func },
    wires: [to],
  });
  const send = `
for (let k = 0; k < ${TOPICS}; k++) node.send({topic: 'sensor/' + k, payload: ${JSON.stringify(payload)}});`;
  const tell = `
msg.payload = {done: 0, refused: 0};
for (const what of flow.keys()) msg.payload[what] = flow.get(what);
return msg;`;
  return [
    { id: name, type: 'tab' },
    { ...NETS, id: 'net', type: 'spikewire-net', model: 'value', modelType: 'channels' },
    { ...place, id: 'go', type: 'inject', props: [], wires: [['send']] },
    run('send', send, ['node']),
    { ...place, id: 'ask', type: 'inject', props: [], wires: [['command']] },
    run('command', "return {topic: 'sensor/0', command: 'status'};", ['node']),
    { ...place, ...node, id: 'node' },
    run('answers', "if (msg.spikewire?.nets) flow.set('nets', msg.spikewire.nets);"),
    { ...place, id: 'complete', type: 'complete', scope: ['node'], wires: [['completed']] },
    run('completed', count('done')),
    { ...place, id: 'catch', type: 'catch', scope: ['node'], wires: [['problem']] },
    run('problem', `${count('refused')}flow.set('last', msg.error.message);`),
    { ...place, id: 'statuses', type: 'status', scope: ['node'], wires: [['status']] },
    run('status', "flow.set('status', msg.status.text);"),
    { ...place, id: 'in', type: 'http in', url: '/figures', method: 'get', wires: [['tell']] },
    run('tell', tell, ['out']),
    { ...place, id: 'out', type: 'http response', statusCode: '', wires: [] },
  ];
}

interface Figures {
  readonly done: number;
  readonly refused: number;
  /** Why, the last time. */
  readonly last?: string;
  /** What stands below the node. */
  readonly status: string;
  readonly nets?: Readonly<Record<'open' | 'resting' | 'evicted' | 'refused', number>>;
}

let nodeRed: NodeRedProcess;
beforeAll(async () => {
  nodeRed = await NodeRedProcess.start(OWN, [{ id: 'tab', type: 'tab' }]);
}, 60_000);
afterAll(() => nodeRed.close());

async function figures(): Promise<Figures> {
  return JSON.parse((await nodeRed.get('figures')).text);
}

/** Bytes of all files below a folder, and how many there are with the folders. */
async function usedBy(folder: string): Promise<{ bytes: number; entries: number }> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const found = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return { bytes: found.reduce((sum, one) => sum + (one?.isFile() ? one.size : 0), 0), entries: names.length };
}

it.each(Object.keys(NODES) as Name[])(
  `${TOPICS} topics keep within the quotas of spikewire-%s`,
  {
    timeout: 60_000 + TOPICS * 1000,
  },
  async (name) => {
    await nodeRed.deploy(flowOf(name));
    const before = await nodeRed.heldBytes();
    await nodeRed.inject('go');
    const dealtWith = () => figures().then(({ done, refused }) => done + refused);
    await expect.poll(dealtWith, { timeout: 30_000 + TOPICS * 500, interval: 100 }).toBe(TOPICS);

    const held = Math.round(((await nodeRed.heldBytes()) - before) / 2 ** 20);
    const resident = Math.round((await nodeRed.vitals()).residentBytes / 2 ** 20);
    const { bytes, entries } = await usedBy(join(nodeRed.userDir, 'spikewire', name === 'infer' ? 'net' : 'node'));
    const { done, refused, last, status } = await figures();
    const nets = 'net' in NODES[name] || 'per' in NODES[name] ? await netsAsked() : undefined;
    console.log(JSON.stringify({ name, done, refused, status, nets, bytes, entries, held, resident, last }));

    expect(bytes).toBeLessThanOrEqual(QUOTA.bytes);
    expect(entries).toBeLessThanOrEqual(QUOTA.entries);
    // Open nets, 16 MiB of such as wait to be saved, and what the node itself is.
    expect(held).toBeLessThan(64);
    if (nets !== undefined) {
      expect(nets.open).toBeLessThanOrEqual(QUOTA.open);
      expect(nets.refused).toBe(refused);
    } else {
      expect([done, refused]).toEqual([KNOWN_APART, TOPICS - KNOWN_APART]);
      expect(last).toMatch(/^msg.topic: exceeds the limit of 64/);
      await expect.poll(() => figures().then((now) => now.status), { timeout: 5000 }).toContain(`(${refused})`);
    }
  },
);

async function netsAsked(): Promise<NonNullable<Figures['nets']>> {
  await nodeRed.inject('ask');
  await expect.poll(() => figures().then(({ nets }) => nets), { timeout: 10_000 }).toBeDefined();
  return (await figures()).nets!;
}
