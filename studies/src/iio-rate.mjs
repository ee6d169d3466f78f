// Eight channels of 1,000 samples a second through the buffer interface of Linux IIO into features and a net, by
// `spikewire run`, for ten minutes: what was lost, the share of a core, and how old a result is. A FIFO stands in for
// the character device /dev/iio:device0 and a recorded tree for /sys; this process writes what the kernel would.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseModel, RandomGenerator, writeModel } from '@spikewire/models';
import { processorTime } from '@spikewire/test/bench/mqtt/processor-time.mjs';
import { withTypeScript } from '@spikewire/test/typescript.mjs';
import { COMMAND } from './shared/spikewire.mjs';

export const options = { seconds: { default: '600', quick: '3', help: 'seconds of scans' } };

const SYSFS = new URL('../../devices/fixtures/sysfs/unpack.ts', import.meta.url);
const RATE = 1000;
const CHANNELS = 8;
const BLOCK = 50;
const WINDOW = 250;
const SCAN = 24;
/** Milliseconds between two writes, as of a part that interrupts when ten scans are ready. */
const BATCH_MS = 10;

/** Root mean square and peak-to-peak of a quarter of a second, of each channel, every 50 ms, into 64 neurons and 4. */
function model() {
  const random = new RandomGenerator(1, 'iio-rate');
  const rows = (height, width) =>
    Array.from({ length: height }, () => Array.from({ length: width }, () => random.nextNormal() / Math.sqrt(width)));
  return parseModel({
    channels: Array.from({ length: CHANNELS }, (_, k) => ({ name: `voltage${k}`, unit: 'V' })),
    nodes: {
      in: { type: 'Input', shape: [2 * CHANNELS] },
      front: { type: 'Linear', weight: rows(64, 2 * CHANNELS) },
      hidden: { type: 'LIF', tau: 0.01, v_threshold: 0.2 },
      back: { type: 'Linear', weight: rows(4, 64) },
      classes: { type: 'LIF', tau: 0.01, v_threshold: 0.2 },
      out: { type: 'Output' },
    },
    edges: ['in', 'front', 'hidden', 'back', 'classes', 'out'].flatMap((to, k, all) =>
      k > 0 ? [[all[k - 1], to]] : [],
    ),
    features: {
      in: [
        { type: 'block', length: BLOCK },
        { type: 'window', length: WINDOW, hop: BLOCK },
        [{ type: 'rms' }, { type: 'peak' }],
      ],
    },
    encoder: { in: { type: 'direct', range: [0, 2] } },
    decoder: { out: { type: 'count' } },
    sample: { steps: 20, between: 'reset' },
  });
}

/** Writes scans on a grid of a millisecond, with its times, until so many are written. */
async function writeScans(fifo, count) {
  const file = await open(fifo, 'r+');
  const began = Date.now();
  const scans = Buffer.alloc(SCAN * RATE);
  for (let written = 0; written < count; await delay(BATCH_MS)) {
    const due = Math.min(count - written, Math.floor(((Date.now() - began) * RATE) / 1000) - written, RATE);
    for (let k = 0; k < due; k++) {
      for (let c = 0; c < CHANNELS; c++) {
        const value = Math.round(900 * Math.sin((2 * Math.PI * (c + 1) * 5 * (written + k)) / RATE) + 1000);
        scans.writeInt16LE(value << 4, SCAN * k + 2 * c);
      }
      scans.writeBigInt64LE(BigInt(began) * 1_000_000n + BigInt(written + k) * 1_000_000n, SCAN * k + 16);
    }
    if (due > 0) await file.write(scans, 0, SCAN * due);
    written += Math.max(due, 0);
  }
  return file;
}

async function peakMegabytes(pid) {
  return Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1);

async function measure(folder, seconds) {
  const fifo = join(folder, 'iio:device0');
  execFileSync('mkfifo', [fifo]);
  await writeFile(join(folder, 'net.spike'), writeModel(model()));
  const words = [COMMAND, 'run', 'net.spike', '--sensor', 'iio:adc8?buffered'];
  const environment = { ...process.env, SPIKEWIRE_SYSFS: join(folder, 'sys'), SPIKEWIRE_DEV: folder };
  const child = spawn(process.execPath, words, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const ages = [];
  let told = '';
  const listening = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) ages.push(Date.now() - JSON.parse(line).t);
      else told += `${line}\n`;
      if (line.startsWith('sensor iio')) resolve();
    });
  });
  await listening;
  const [before, began] = [processorTime(child.pid), performance.now()];
  const file = await writeScans(fifo, seconds * RATE);
  const used = processorTime(child.pid) - before;
  const elapsed = (performance.now() - began) / 1000;
  const windows = 1 + Math.floor((seconds * RATE - WINDOW) / BLOCK);
  while (ages.length < windows) await delay(20);
  const peak = await peakMegabytes(child.pid);
  child.kill('SIGTERM');
  await ended;
  await file.close();
  const sorted = ages.toSorted((a, b) => a - b);
  const shares = [0.5, 0.99, 1].map((share) => quantile(sorted, share));
  return [
    `wrote ${seconds * RATE} scans of ${CHANNELS} channels in ${elapsed.toFixed(1)} s, ${ages.length} results`,
    told.trim().split('\n').at(-1),
    `processor: ${((100 * used) / elapsed).toFixed(1)} % of a core, memory at most ${peak.toFixed(0)} MB`,
    `age of a result, from its last sample: p50 ${shares[0]} ms, p99 ${shares[1]} ms, longest ${shares[2]} ms`,
    `load average ${loadavg()[0].toFixed(1)}`,
  ].join('\n');
}

export function page({ seconds }) {
  return withTypeScript([SYSFS], async ({ unpackSysfs }) => {
    const folder = await mkdtemp(join(tmpdir(), 'spikewire-iio-rate-'));
    try {
      await unpackSysfs('adc8', join(folder, 'sys'));
      return await measure(folder, Number(seconds));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}
