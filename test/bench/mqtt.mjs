import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { withTypeScript } from '../typescript.mjs';
import { median } from './infer/interleave.mjs';
import { measureInProcess } from './mqtt/in-process.mjs';
import { Load } from './mqtt/load.mjs';

export const title = 'mqtt: readings a second in process and through mosquitto, and latency, beside mqtt.js alone';

const NETS = 8;
/** Messages that wait for their answers, fewer than any queue holds. */
const UNDER_WAY = 200;
const MODEL = fileURLToPath(new URL('../../models/zoo/next-reading-1.spike', import.meta.url));
const RUN = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
const PASS_THROUGH = fileURLToPath(new URL('mqtt/pass-through.mjs', import.meta.url));

/** A slow wave. */
const payloadOf = (k) => `{"t":${1.7e12 + 1000 * k},"value":${(20 + 5 * Math.sin(k / 20)).toFixed(3)}}`;

export async function run({ quick = false } = {}) {
  const [rounds, milliseconds] = quick ? [3, 500] : [11, 2000];
  const [count, pause] = quick ? [100, 20] : [1000, 100];
  const inProcess = await measureInProcess(readFileSync(MODEL), NETS, payloadOf, rounds, milliseconds);
  return withTypeScript([new URL('../e2e/mosquitto.ts', import.meta.url)], async ({ startMosquitto }) => {
    const rates = {};
    for (const qos of [0, 1]) {
      rates[qos] = await withContestants(startMosquitto, [], qos, async (load, names) => {
        const found = Object.fromEntries(names.map((name) => [name, []]));
        for (let round = -1; round < rounds; round++) {
          for (const name of round % 2 === 0 ? names : names.toReversed()) {
            const rate = await load.rate(name, qos, UNDER_WAY, milliseconds);
            // The first round only warms up.
            if (round >= 0) found[name].push(rate);
          }
        }
        return found;
      });
    }
    const latencies = {};
    for (const noDelay of [false, true]) {
      const settings = [`set_tcp_nodelay ${noDelay}`];
      latencies[noDelay] = await withContestants(startMosquitto, settings, 1, async (load, names) => {
        const found = {};
        for (const name of names) found[name] = quantiles(await load.latencies(name, count, pause));
        return found;
      });
    }
    const { byClock, byProcessor } = inProcess;
    return {
      rounds,
      inProcess: { perSecond: Math.round(median(byClock)), perProcessorSecond: Math.round(median(byProcessor)) },
      rates: summarise(rates),
      latencies,
    };
  });
}

/** A broker, `spikewire run` and the pass-through beside it, each on topics of its own; undefined without mosquitto. */
async function withContestants(startMosquitto, settings, qos, measure) {
  const broker = await startMosquitto(settings);
  if (broker === undefined) return undefined;
  const processes = [];
  let load;
  try {
    load = await Load.open(broker.url, NETS, payloadOf);
    const words = ['--mqtt', broker.url, '--in', 'spikewire/in/+', '--out', 'spikewire/out/+', '--qos', qos];
    const contestants = {
      'mqtt.js': { words: [PASS_THROUGH, broker.url, 'mqtt.js/in', 'mqtt.js/out', qos], ready: /ready/ },
      spikewire: { words: [RUN, 'run', MODEL, ...words, '--learn', '--in-process'], ready: /^running/ },
    };
    for (const [name, { words, ready }] of Object.entries(contestants)) {
      await load.listenTo(name);
      processes.push(await start(words, ready));
    }
    return await measure(load, Object.keys(contestants));
  } finally {
    for (const process of processes) process.kill('SIGKILL');
    await load?.close();
    await broker.close();
  }
}

async function start(words, ready) {
  const child = spawn(process.execPath, words.map(String), { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${words[0]} ended`);
  });
  ended.catch(() => {});
  const said = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => ready.test(line) && resolve());
  });
  await Promise.race([said, ended]);
  return child;
}

function summarise(rates) {
  const rows = Object.entries(rates).filter(([, found]) => found !== undefined);
  return rows.map(([qos, found]) => ({
    qos: Number(qos),
    passThrough: Math.round(median(found['mqtt.js'])),
    spikewire: Math.round(median(found.spikewire)),
    ratio: Number(median(found.spikewire.map((rate, round) => rate / found['mqtt.js'][round])).toFixed(2)),
  }));
}

function quantiles(times) {
  const at = (share) => Number(times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(2));
  return { p50: at(0.5), p99: at(0.99) };
}

export function table({ inProcess, rates, latencies }) {
  const lines = [
    `in process, ${NETS} nets: ${inProcess.perSecond} readings a second, ${inProcess.perProcessorSecond} in one of the processor`,
    ...rates.map(
      ({ qos, passThrough, spikewire, ratio }) =>
        `through mosquitto, readings at QoS ${qos}: ${spikewire} a second, mqtt.js alone ${passThrough}, ratio ${ratio}`,
    ),
  ];
  for (const [noDelay, found] of Object.entries(latencies)) {
    if (found === undefined) continue;
    const each = Object.entries(found).map(([name, { p50, p99 }]) => `${name} p50 ${p50} ms, p99 ${p99} ms`);
    lines.push(`one quiet sensor, set_tcp_nodelay ${noDelay}: ${each.join('; ')}`);
  }
  if (rates.length === 0) lines.push('mosquitto is not here: the rest is not measured');
  return `${lines.join('\n')}\n`;
}
