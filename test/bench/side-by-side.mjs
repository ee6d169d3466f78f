import { anomalyModel, writeModel } from 'spikewire';
import { Host } from 'spikewire/host';

export const title = 'side-by-side: time and memory of one net, of two nets, and of two models side by side on a net';

const ROUNDS = 5;
/** Nets of the same kind that are not the same. */
const [model, other] = [1, 2].map((seed) =>
  writeModel(anomalyModel({ channels: [{ name: 'level', unit: 'm' }], seed })),
);
const CASES = { 'one net': 1, 'two nets': 2, 'two models side by side': 1 };

export async function run({ quick = false } = {}) {
  const readings = quick ? 500 : 4000;
  const rows = Object.keys(CASES).map((name) => ({ name, microseconds: Number.POSITIVE_INFINITY, netBytes: 0 }));
  for (let round = 0; round < (quick ? 2 : ROUNDS); round++) {
    for (const row of rows) {
      const { microseconds, netBytes } = await measure(row.name, readings);
      row.microseconds = Math.min(row.microseconds, microseconds);
      row.netBytes = netBytes;
    }
  }
  return { readings, rows };
}

/** Microseconds of the processor for a reading, to all nets that get it. */
async function measure(name, readings) {
  const hosts = [];
  const bytes = name === 'two nets' ? [model, other] : [model];
  for (const each of bytes) hosts.push(await Host.open({ bytes: each }, { device: 'clocked', threads: 0, net: '' }));
  if (name === 'two models side by side') await hosts[0].watch({ bytes: other });
  const [host] = hosts;
  const caughtUp = ({ readings, leftOut }, fed) => readings + leftOut >= fed;
  const feed = async (from, to) => {
    for (let k = from; k < to; k++) {
      const reading = { time: k, values: Float64Array.of(Math.sin(k / 20)) };
      await Promise.all(hosts.map((each) => each.desk.feed('', reading)));
    }
    while (host.comparison && !caughtUp(host.comparison, to)) await new Promise(setImmediate);
  };
  await feed(0, 500); // until what is hot is compiled
  const before = process.cpuUsage();
  await feed(500, 500 + readings);
  const { user, system } = process.cpuUsage(before);
  const sizes = await Promise.all(hosts.map((each) => each.pool.use('', ({ session }) => session.bytes)));
  const { leftOut = 0, watched } = host.comparison ?? {};
  if (leftOut > 0) throw new Error(`${leftOut} readings were left out`);
  await Promise.all(hosts.map((each) => each.close()));
  const netBytes = sizes.reduce((sum, size) => sum + size, 0) + (watched?.bytes ?? 0);
  return { microseconds: (user + system) / readings, netBytes };
}

export function table({ rows }) {
  const lines = [
    ['', 'processor, of a reading', 'nets'],
    ['---', '---', '---'],
    ...rows.map(({ name, microseconds, netBytes }) => [
      name,
      `${microseconds.toFixed(1)} µs`,
      `${(netBytes / 1000).toFixed(1)} kB`,
    ]),
  ];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
