// Bytes that a threshold saves when the simulated Arduino Uno sends recorded movement, and the accuracy that it costs:
// the task `hapt` of `spikewire stream-eval` on the recordings as the host receives them.
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { HeldSamples } from '@spikewire/devices/firmata';
import { percent, sum } from '../shared/figures.mjs';
import { table } from '../shared/page.mjs';
import { documentOf } from '../shared/spikewire.mjs';
import { withUno } from './board.mjs';

const THRESHOLDS = [0, 1, 2, 4, 8];
const HEAD = ['threshold, of 1024 steps', 'bytes a second', 'saved', 'accuracy'];

export async function page(site) {
  const folder = join(site.data, 'hapt');
  const recordings = recordingsOf(folder);
  await compareWithBoard(recordings[0].steps, site.isQuick ? 300 : 3000);
  const accuracyOf = async (name, place) => {
    const words = ['--task', 'hapt', '--data', `hapt:${place}`, '--fronts', '1', '--draws', '1'];
    return percent((await site.kept(name, () => documentOf(['stream-eval', ...words]))).accuracy, 1);
  };
  const samples = sum(recordings.map(({ steps }) => steps.length / WIDTH));
  const rows = site.isQuick ? [] : [['as recorded, 16 bits', '', '', await accuracyOf('recorded', folder)]];
  for (const threshold of site.isQuick ? THRESHOLDS.slice(-1) : THRESHOLDS) {
    const place = site.path(`hapt-${threshold}`);
    const bytes = writeReceived(recordings, threshold, folder, place);
    const saved = 1 - bytes / (samples * WIDTH * 3);
    rows.push([
      threshold === 0 ? 'every value reported' : String(threshold),
      ((bytes / samples) * 50).toFixed(0),
      threshold === 0 ? '0' : `${percent(saved, 1)} %`,
      await accuracyOf(`threshold ${threshold}`, place),
    ]);
  }
  return table(HEAD, rows);
}

function recordingsOf(folder) {
  return readdirSync(folder)
    .filter((name) => /^exp.*\.i16\.gz$/.test(name))
    .map((name) => {
      const bytes = gunzipSync(readFileSync(join(folder, name)));
      const counts = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
      return { name, steps: counts.map((value, k) => toSteps(value, k % WIDTH)) };
    });
}

/** Says how far the copy of the firmware's code below and the simulated board agree in the first samples. */
function compareWithBoard(steps, samples) {
  return withUno(async (withBoard) => {
    const first = steps.subarray(0, samples * WIDTH);
    for (const threshold of [4, 16]) {
      const [copy, board] = [sendOnDelta(first, threshold), await boardBytes(withBoard, first, threshold)];
      const differing = board.known.filter((value, k) => value !== copy.known[k]).length;
      process.stderr.write(`threshold ${threshold}: copy ${copy.bytes} bytes, board ${board.bytes}; `);
      process.stderr.write(`${differing} of ${board.known.length} values differ\n`);
    }
  });
}

/** Writes the recordings as the host receives them, and gives the bytes on the line. */
function writeReceived(recordings, threshold, folder, place) {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  for (const name of ['labels.txt', 'index.json', 'activity_labels.txt', 'SOURCE.txt'])
    symlinkSync(join(folder, name), join(place, name));
  let total = 0;
  for (const { name, steps } of recordings) {
    const { known, bytes } =
      threshold === 0 ? { known: steps, bytes: (steps.length / WIDTH) * 18 } : sendOnDelta(steps, threshold);
    total += bytes;
    const back = known.map((value, k) =>
      Math.max(-32_768, Math.min(32_767, Math.round((value - MIDDLE) / SCALES[k % WIDTH]))),
    );
    writeFileSync(join(place, name), gzipSync(Buffer.from(back.buffer), { level: 1 }));
  }
  return total;
}

const [WIDTH, MIDDLE] = [6, 512];
/** Steps of the converter per step of the recording: ±2 g and ±500 °/s over the whole range. */
const SCALES = [1, 1, 1, 0, 0, 0].map((isAcceleration) => 512 / (isAcceleration ? 1440 : 28_571));
const GATHER = 25;

const toSteps = (value, channel) => Math.max(0, Math.min(1023, Math.round(MIDDLE + value * SCALES[channel])));

/** The firmware's code "values" on this side: what the host knows after each sample, and the bytes of all frames. */
function sendOnDelta(samples, threshold) {
  const held = new Array(WIDTH).fill(undefined);
  const known = new Int16Array(samples.length);
  let [bytes, filled, began, reached, sent, begun] = [0, 0, 0, 0, 0, false];
  const send = (tick) => {
    bytes += 10 + filled;
    begun = false;
    sent = tick;
  };
  for (let tick = 1; tick <= samples.length / WIDTH; tick++) {
    if (begun && filled + 14 > 64) send(tick);
    for (let c = 0; c < WIDTH; c++) {
      const at = (tick - 1) * WIDTH + c;
      if (held[c] === undefined || Math.abs(samples[at] - held[c]) >= threshold) {
        held[c] = samples[at];
        if (!begun) [begun, began, reached, filled] = [true, tick, tick, 0];
        filled += Math.ceil((tick - reached) / 64) + 2;
        reached = tick;
      }
      known[at] = held[c];
    }
    if (begun ? tick - began >= GATHER : tick - sent > 51) {
      if (!begun) filled = 0;
      send(tick);
    }
  }
  return { known, bytes };
}

/** How far the twin above and the simulated board agree: bytes of the first samples of a recording. */
async function boardBytes(withBoard, samples, threshold) {
  const known = [];
  const bytes = await withBoard(async (uno, board) => {
    const held = new HeldSamples([0, 1, 2, 3, 4, 5]);
    board.onFrame = (frame) => known.push(...held.take(frame, 1e6).values);
    const set = (row) => {
      for (let c = 0; c < WIDTH; c++) uno.analog(c, Math.ceil((samples[row * WIDTH + c] * 5000) / 1023) / 1000);
    };
    set(0);
    await uno.during(
      board.encode({ code: 'values', channels: [0, 1, 2, 3, 4, 5], period: 20_000, threshold, gather: GATHER }),
      100,
    );
    let bytes = 0;
    for (let row = 0; row < samples.length / WIDTH; row++) {
      set(row);
      bytes += (await uno.run(20_000)).length;
    }
    return bytes;
  });
  return { bytes, known };
}
