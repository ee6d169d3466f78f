import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { withTypeScript } from '../typescript.mjs';
import { processorTime } from './mqtt/processor-time.mjs';
import { Sensors } from './topics/sensors.mjs';

export const title =
  'topics: thousands of topics behind a "+" on one process: memory, readings a second, restart, losses';

const MODEL = fileURLToPath(new URL('../../models/zoo/next-reading-1.spike', import.meta.url));
const RUN = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
/** Readings of each topic while its net is new, before the restart, and after it. */
const [FIRST, THEN] = [2, 8];

/** About two minutes; with `quick` 200 topics. */
export async function run({ quick = false } = {}) {
  return withTypeScript([new URL('../e2e/mosquitto.ts', import.meta.url)], async ({ startMosquitto }) => {
    const broker = await startMosquitto();
    if (broker === undefined) return { topics: 0 };
    const store = mkdtempSync(join(tmpdir(), 'spikewire-topics-'));
    try {
      return await measure(broker.url, store, quick ? 200 : 2000);
    } finally {
      await broker.close();
      rmSync(store, { recursive: true });
    }
  });
}

async function measure(url, store, topics) {
  const sensors = await Sensors.open(url, topics);
  try {
    const first = await start(url, store);
    const empty = residentBytes(first.child.pid);
    // A reading of each in ten seconds, as slow sensors speak, so that every topic is heard of soon.
    const opening = await timed(() => speak(sensors, FIRST, topics / 10));
    const bytes = residentBytes(first.child.pid);
    const processor = processorTime(first.child.pid);
    const running = await timed(() => speak(sensors, THEN, 1000));
    const busy = processorTime(first.child.pid) - processor;
    const stop = await timed(() => end(first.child));
    const second = await start(url, store);
    const again = await timed(() => speak(sensors, 1, 1000));
    const after = residentBytes(second.child.pid);
    await end(second.child);
    return {
      topics,
      megabytes: { empty: mega(empty), open: mega(bytes), afterRestart: mega(after) },
      kilobytesPerNet: Math.round((bytes - empty) / topics / 1024),
      opening: seconds(opening),
      perSecond: Math.round((THEN * topics) / (running / 1000)),
      processorMicroseconds: Math.round((1e6 * busy) / (THEN * topics)),
      saved: seconds(stop),
      restart: seconds(again),
      // A net that begins anew counts from 1.
      wentOn: sensors.last.filter((sequence) => sequence === FIRST + THEN + 1).length,
      lost: sensors.missing,
      errors: sensors.errors,
      said: [...first.said, ...second.said].filter((line) => /one more than|no room|lost|waited|died/.test(line)),
    };
  } finally {
    await sensors.close();
  }
}

async function speak(sensors, rounds, perSecond) {
  await sensors.speak(rounds, perSecond);
  await sensors.allAnswered();
}

async function start(url, store) {
  const words = ['run', MODEL, '--mqtt', url, '--in', 'sensor/+', '--out', 'result/+', '--learn', '--store', store];
  const child = spawn(process.execPath, [RUN, ...words, '--client-id', 'topics'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`spikewire ended: ${said.join('; ')}`);
  });
  ended.catch(() => {});
  const ready = new Promise((resolve) => {
    lines.on('line', (line) => /^running/.test(line) && resolve());
  });
  await Promise.race([ready, ended]);
  return { child, said };
}

async function end(child) {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function residentBytes(pid) {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return 1024 * Number(kilobytes);
}

const mega = (bytes) => Math.round(bytes / 2 ** 20);
const seconds = (milliseconds) => Number((milliseconds / 1000).toFixed(1));

export function table({ topics, ...found }) {
  if (topics === 0) return 'mosquitto is not here: nothing is measured\n';
  const { megabytes, kilobytesPerNet, opening, perSecond, processorMicroseconds, saved, restart, wentOn, lost } = found;
  return `${[
    `${topics} topics: ${megabytes.empty} MB before, ${megabytes.open} MB with all nets open (${kilobytesPerNet} kB each)`,
    `two readings of each new topic, one in ten seconds: ${opening} s`,
    `then ${perSecond} readings a second, ${processorMicroseconds} µs of the processor each`,
    `end with all saved ${saved} s; after the restart all have answered in ${restart} s, ${wentOn} where they were`,
    `${lost} readings lost`,
    ...found.said,
  ].join('\n')}\n`;
}
