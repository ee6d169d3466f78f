#!/usr/bin/env node
// What the palette adds to a Node-RED: the packed file, and resident memory after a collection of garbage, of a
// Node-RED without it, with it, and with nodes at work.
//
//   npm run pack:palette && node scripts/node-red-size.mjs
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withTypeScript } from '../test/typescript.mjs';

const READINGS = 500;
const STARTS = 3;

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
const rows = [
  ['without the palette', change, async () => {}],
  ['with the palette, no node of it', change],
  ['one spikewire-anomaly on the main thread', { type: 'spikewire-anomaly', worker: false }],
  ['one spikewire-anomaly with a thread of its own', { type: 'spikewire-anomaly' }],
  ['the same with fifty nets, one for each topic', { type: 'spikewire-anomaly', per: 'topic' }],
];

const folder = fileURLToPath(new URL('../pack/', import.meta.url));
for (const file of readdirSync(folder).filter((name) => name.includes('node-red')))
  console.log(`${file}: ${(statSync(join(folder, file)).size / 1e6).toFixed(2)} MB`);

await withTypeScript([new URL('../test/e2e/node-red-process.ts', import.meta.url)], async ({ NodeRedProcess, OWN }) => {
  for (const [what, node, ...install] of rows) {
    const resident = [];
    for (let start = 0; start < STARTS; start++) {
      const nodeRed = await NodeRedProcess.start(OWN, flowOf(node), ...install);
      await nodeRed.inject('go');
      for (let busy = Number.POSITIVE_INFINITY; busy > 50; ) {
        await nodeRed.vitals();
        await delay(1000);
        busy = (await nodeRed.vitals()).busy.reduce((sum, each) => sum + each, 0);
      }
      await nodeRed.heldBytes();
      resident.push((await nodeRed.vitals()).residentBytes / 1e6);
      await nodeRed.close();
    }
    resident.sort((a, b) => a - b);
    console.log(
      `${what}: ${resident[STARTS >> 1].toFixed(0)} MB (${resident.map((one) => one.toFixed(0)).join(', ')})`,
    );
  }
});
