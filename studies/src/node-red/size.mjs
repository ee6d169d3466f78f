// What the palette adds to a Node-RED: the packed file, and resident memory after a collection of garbage, of a
// Node-RED without it, with it, and with nodes at work.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median } from '@spikewire/test/bench/infer/interleave.mjs';
import { sum } from '../shared/figures.mjs';
import { table } from '../shared/page.mjs';
import { withNodeRed } from './with-node-red.mjs';

const READINGS = 500;
export const options = { starts: { default: '3', quick: '1', help: 'starts of Node-RED for each row' } };

const place = { z: 'tab', x: 0, y: 0 };
const func = `for (let k = 0; k < ${READINGS}; k++) node.send({payload: Math.sin(k / 7), topic: 'motor/' + k % 50});`;
/** A node that takes readings of fifty topics. */
const flowOf = (node) => [
  { id: 'tab', type: 'tab' },
  { ...place, id: 'go', type: 'inject', props: [], wires: [['readings']] },
  { ...place, id: 'readings', type: 'function', func, wires: [['node']] },
  { ...place, id: 'node', wires: [[], [], []], ...node },
];
const change = { type: 'change', rules: [] };
const WAYS = [
  ['resident: Node-RED without the palette', change, async () => {}],
  ['with the palette, no node of it', change],
  ['one `spikewire-anomaly` on the main thread', { type: 'spikewire-anomaly', worker: false }],
  ['one `spikewire-anomaly` with a thread of its own', { type: 'spikewire-anomaly' }],
  ['the same with fifty nets, one for each topic', { type: 'spikewire-anomaly', per: 'topic' }],
];

const PACK = fileURLToPath(new URL('../../../pack/', import.meta.url));

export async function page({ starts, isQuick }) {
  const rows = packed().map((file) => ['the packed file', (statSync(join(PACK, file)).size / 1e6).toFixed(2)]);
  for (const [what, node, ...install] of isQuick ? WAYS.slice(0, 2) : WAYS) {
    const resident = [];
    for (let start = 0; start < Number(starts); start++) resident.push(await residentOf(flowOf(node), install));
    const sorted = resident.toSorted((a, b) => a - b).map((megabytes) => megabytes.toFixed(0));
    rows.push([what, `${median(resident).toFixed(0)} (${sorted.join(', ')})`]);
  }
  return table(['what', 'MB'], rows);
}

function packed() {
  return existsSync(PACK) ? readdirSync(PACK).filter((name) => name.includes('node-red')) : [];
}

/** Megabytes after the readings, and a collection of garbage. */
function residentOf(flow, install) {
  const measure = async (nodeRed) => {
    await nodeRed.inject('go');
    for (let busy = Number.POSITIVE_INFINITY; busy > 50; ) {
      await nodeRed.vitals();
      await delay(1000);
      busy = sum((await nodeRed.vitals()).busy);
    }
    await nodeRed.heldBytes();
    return (await nodeRed.vitals()).residentBytes / 1e6;
  };
  return withNodeRed(flow, measure, { install });
}
