import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { withTypeScript } from '../typescript.mjs';
import { median } from './infer/interleave.mjs';
import { measureInProcess } from './mqtt/in-process.mjs';
import { Load } from './mqtt/load.mjs';
import { processorTime } from './mqtt/processor-time.mjs';

export const title = 'mqtt: readings a second in process and through mosquitto, and latency, beside mqtt.js alone';

const NETS = 8;
/** Messages that wait for their answers, fewer than any queue holds. */
const UNDER_WAY = 200;
const MODEL = fileURLToPath(new URL('../../models/zoo/next-reading-1.spike', import.meta.url));
const RUN = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
const PASS_THROUGH = fileURLToPath(new URL('mqtt/pass-through.mjs', import.meta.url));

/** A slow wave. */
const payloadOf = (k) => `{"t":${1.7e12 + 1000 * k},"value":${(20 + 5 * Math.sin(k / 20)).toFixed(3)}}`;

const say = (line) => process.stderr.write(`mqtt: ${line}\n`);

/** The whole takes three minutes; what takes how long is said on the way. */
export async function run({ quick = false } = {}) {
  const [rounds, milliseconds] = quick ? [3, 500] : [11, 1000];
  const [count, paces] = quick ? [100, [20]] : [400, [20, 100]];
  say(`in process, ${rounds} blocks of ${milliseconds} ms`);
  const inProcess = await measureInProcess(readFileSync(MODEL), NETS, payloadOf, rounds, milliseconds);
  return withTypeScript([new URL('../e2e/mosquitto.ts', import.meta.url)], async ({ startMosquitto }) => {
    const rates = {};
    for (const qos of [0, 1]) {
      say(`through mosquitto at QoS ${qos}, ${rounds} rounds`);
      rates[qos] = await withContestants(startMosquitto, [], qos, (load, processes) =>
        measureRates(load, processes, qos, rounds, milliseconds),
      );
    }
    const latencies = [];
    for (const noDelay of [false, true]) {
      const setting = `set_tcp_nodelay ${noDelay}`;
      say(`a quiet sensor, ${count} messages every ${paces.join(' and every ')} ms, ${setting}`);
      const found = await withContestants(startMosquitto, [setting], 1, (load, processes) =>
        measureLatencies(load, Object.keys(processes), count, paces),
      );
      latencies.push(...(found ?? []).map((row) => ({ noDelay, ...row })));
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

/** What each contestant does in a second, and microseconds of the processor that a message costs it, round by round. */
async function measureRates(load, processes, qos, rounds, milliseconds) {
  const names = Object.keys(processes);
  const found = Object.fromEntries(names.map((name) => [name, { rates: [], microseconds: [] }]));
  for (let round = -1; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const used = processorTime(processes[name].pid);
      const { rate, answers } = await load.rate(name, qos, UNDER_WAY, milliseconds);
      // The first round only warms up.
      if (round < 0) continue;
      found[name].rates.push(rate);
      found[name].microseconds.push((1e6 * (processorTime(processes[name].pid) - used)) / answers);
    }
  }
  return found;
}

/**
 * Latencies of messages to each contestant at each pace. The first message of each topic is apart: with it spikewire
 * opens a net.
 */
async function measureLatencies(load, names, count, paces) {
  const opening = await load.latencies(names, NETS, paces[0]);
  await load.latencies(names, 2 * NETS, paces[0]);
  const rows = [];
  for (const pace of paces) {
    const times = await load.latencies(names, count, pace / names.length);
    const row = (name) => [name, { ...quantiles(times[name]), opening: quantiles(opening[name]).p50 }];
    rows.push({ pace, contestants: Object.fromEntries(names.map(row)) });
  }
  return rows;
}

/** A broker, `spikewire run` and the pass-through beside it, each on topics of its own; undefined without mosquitto. */
async function withContestants(startMosquitto, settings, qos, measure) {
  const broker = await startMosquitto(settings);
  if (broker === undefined) return undefined;
  const processes = {};
  let load;
  try {
    load = await Load.open(broker.url, NETS, payloadOf);
    const words = ['--mqtt', broker.url, '--in', 'spikewire/in/+', '--out', 'spikewire/out/+', '--qos', qos];
    const contestants = {
      'mqtt.js': { words: [PASS_THROUGH, broker.url, 'mqtt.js/in', 'mqtt.js/out', qos], ready: /ready/ },
      spikewire: { words: [RUN, 'run', MODEL, ...words, '--learn', '--threads', '0'], ready: /^running/ },
    };
    for (const [name, { words, ready }] of Object.entries(contestants)) {
      await load.listenTo(name);
      processes[name] = await start(words, ready);
    }
    return await measure(load, processes);
  } finally {
    for (const child of Object.values(processes)) child.kill('SIGKILL');
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
  return rows.map(([qos, { spikewire, 'mqtt.js': passThrough }]) => ({
    qos: Number(qos),
    passThrough: shown(passThrough),
    spikewire: shown(spikewire),
    ratio: Number(median(spikewire.rates.map((rate, round) => rate / passThrough.rates[round])).toFixed(2)),
  }));
}

function shown({ rates, microseconds }) {
  return { perSecond: Math.round(median(rates)), microseconds: Math.round(median(microseconds)) };
}

function quantiles(times) {
  const at = (share) => Number(times[Math.ceil(share * times.length) - 1].toFixed(2));
  return { p50: at(0.5), p99: at(0.99) };
}

export function table({ inProcess, rates, latencies }) {
  const lines = [
    `in process, ${NETS} nets: ${inProcess.perSecond} readings a second, ${inProcess.perProcessorSecond} in one of the processor`,
    ...rates.map(
      ({ qos, passThrough, spikewire, ratio }) =>
        `through mosquitto, readings at QoS ${qos}: ${spikewire.perSecond} a second, mqtt.js alone ${passThrough.perSecond}, ratio ${ratio}; ` +
        `µs of the processor per reading: ${spikewire.microseconds} and ${passThrough.microseconds}`,
    ),
  ];
  for (const { noDelay, pace, contestants } of latencies) {
    const each = Object.entries(contestants).map(
      ([name, { p50, p99, opening }]) => `${name} p50 ${p50} ms, p99 ${p99} ms, first of a topic ${opening} ms`,
    );
    lines.push(`one sensor, every ${pace} ms, set_tcp_nodelay ${noDelay}: ${each.join('; ')}`);
  }
  if (rates.length === 0) lines.push('mosquitto is not here: the rest is not measured');
  return `${lines.join('\n')}\n`;
}
