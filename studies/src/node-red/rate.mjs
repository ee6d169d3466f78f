// 1,000 messages a second in a real Node-RED, each a block of 64 samples, through features, a net and back, beside the
// same messages through a function node that passes them on: how long the event loop is kept from its timers.
import { setTimeout as delay } from 'node:timers/promises';
import { table } from '../shared/page.mjs';
import { withNodeRed } from './with-node-red.mjs';

export const options = { seconds: { default: '15', quick: '2', help: 'seconds of messages' } };

const place = { z: 'tab', x: 100, y: 100 };
const passing = { ...place, type: 'function', func: 'return msg' };

/** As many messages as are due every five milliseconds, so that a late timer costs none. */
const SEND = `
const started = Date.now();
const payload = Array.from({length: 64}, (_, k) => Math.sin(k) + 0.3 * Math.sin(7.3 * k));
let sent = 0;
setInterval(() => {
  for (; sent < Date.now() - started; sent++) node.send({payload: payload.map((x) => x + 0.1 * Math.random())});
}, 5);`;

/** What stands between a source of blocks and a counter. */
const WAYS = {
  'a function node': [{ ...passing, id: 'pass' }],
  'features, net, result': [
    { ...place, id: 'features', type: 'spikewire-features', length: '256', hop: '64', bands: '4' },
    { ...place, id: 'infer', type: 'spikewire-infer', net: 'net' },
  ],
};

function flow(way) {
  const source = { ...passing, id: 'source', initialize: SEND };
  const row = [source, ...way, { ...passing, id: 'count', func: "flow.set('count', (flow.get('count') ?? 0) + 1)" }];
  return [
    { id: 'tab', type: 'tab', label: 'rate' },
    {
      id: 'net',
      type: 'spikewire-net',
      model: 'rms, peak, kurtosis, band1, band2',
      modelType: 'channels',
      per: 'flow',
    },
    ...row.map((node, k) => ({ ...node, wires: row[k + 1] === undefined ? [] : [[row[k + 1].id]] })),
    { ...place, id: 'in', type: 'http in', url: '/count', method: 'get', wires: [['said']] },
    { ...passing, id: 'said', func: "msg.payload = {count: flow.get('count') ?? 0}; return msg", wires: [['out']] },
    { ...place, id: 'out', type: 'http response', statusCode: '', wires: [] },
  ];
}

async function measure(nodeRed, way, seconds) {
  await nodeRed.deploy(flow(way));
  await delay(5000); // the net is opened, the code compiled
  const count = async () => JSON.parse((await nodeRed.get('/count')).text).count;
  await nodeRed.vitals();
  const [before, started] = [await count(), performance.now()];
  await delay(1000 * seconds);
  const [after, ended] = [await count(), performance.now()];
  const { eventLoopDelay, busy } = await nodeRed.vitals();
  const sorted = busy.toSorted((a, b) => a - b);
  return {
    perSecond: (1000 * (after - before)) / (ended - started),
    ...eventLoopDelay,
    busy: sorted[Math.floor(0.99 * sorted.length)],
  };
}

const HEAD = ['through', 'messages a second', 'event-loop delay p50', 'p99', 'longest', 'busy between two timers, p99'];

export function page({ seconds }) {
  return withNodeRed([], async (nodeRed) => {
    const rows = [];
    for (const [name, way] of Object.entries(WAYS)) {
      const { perSecond, p50, p99, max, busy } = await measure(nodeRed, way, Number(seconds));
      const times = [p50, p99, max, busy].map((milliseconds) => `${milliseconds.toFixed(1)} ms`);
      rows.push([name, perSecond.toFixed(0), ...times]);
    }
    return table(HEAD, rows);
  });
}
