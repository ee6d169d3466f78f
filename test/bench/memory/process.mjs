import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Long enough for compiler threads to finish and for the collector's tasks after the last inference. */
const SETTLE_MILLISECONDS = 300;

/**
 * Runs a program of this folder, calls `onReport(process id, inferences, spikes)` for each of its lines, and ends it.
 */
export async function runProgram(name, words, onReport) {
  const path = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [path, ...words.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const last = String(words[1] ?? 0);
  let done;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [inferences, spikes] = line.split(' ');
      if (inferences === last) await wait(SETTLE_MILLISECONDS);
      onReport(child.pid, Number(inferences), Number(spikes));
      done = inferences;
      if (done === last) break;
    }
  } finally {
    child.kill('SIGKILL');
    await exit;
  }
  if (done !== last) throw new Error(`${name}.mjs ended after ${done ?? 'no'} of ${last} inferences`);
}

/**
 * Bytes of a process in memory: all, with shared pages divided among those who share them, and what is its own alone.
 */
export function readMemory(id) {
  const text = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8');
  const bytes = (key) => 1024 * Number(new RegExp(`^${key}: +(\\d+) kB$`, 'm').exec(text)[1]);
  return { rss: bytes('Rss'), pss: bytes('Pss'), anonymous: bytes('Anonymous') };
}

/** Medians of `rounds` interleaved runs of each program, the least and largest RSS, and the least of its own. */
export async function measureFootprints(programs, rounds) {
  const readings = new Map(programs.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, words } of programs) {
      await runProgram(name, words, (id, inferences) => {
        if (inferences === Number(words[1] ?? 0)) readings.get(name).push(readMemory(id));
      });
    }
  }
  return Object.fromEntries([...readings].map(([name, each]) => [name, summarise(each)]));
}

/** Least squares over the samples [inferences, bytes] behind the first tenth: the slope and its standard error. */
export function fitGrowth(samples) {
  const last = samples.at(-1)[0];
  const points = samples.filter(([inferences]) => inferences > last / 10);
  const mean = (k) => points.reduce((sum, point) => sum + point[k], 0) / points.length;
  const [x0, y0] = [mean(0), mean(1)];
  const spread = points.reduce((sum, [x]) => sum + (x - x0) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0) / spread;
  const residue = points.reduce((sum, [x, y]) => sum + (y - y0 - slope * (x - x0)) ** 2, 0);
  return { slope, standardError: Math.sqrt(residue / (points.length - 2) / spread) };
}

function summarise(readings) {
  const sorted = (key) => readings.map((reading) => reading[key]).sort((a, b) => a - b);
  const median = (key) => sorted(key)[Math.floor(readings.length / 2)];
  const rss = sorted('rss');
  const own = sorted('anonymous')[0];
  return { rss: median('rss'), low: rss[0], high: rss.at(-1), pss: median('pss'), anonymous: median('anonymous'), own };
}
