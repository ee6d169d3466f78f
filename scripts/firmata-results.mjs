#!/usr/bin/env node
// Measures the simulated Arduino Uno with the firmware of devices/firmware: tables for devices/RESULTS.md.
//
//   node scripts/firmata-results.mjs rate                     samples a second by line rate and channels
//   node scripts/firmata-results.mjs errors                   what comes of a line with one wrong byte in a thousand
//   node scripts/firmata-results.mjs saved <hapt> <folder>    bytes and accuracy by threshold; recordings as the host
//                                                             has them are written into the folder
//
// in a built workspace, with avr-gcc, gcc and libsimavr.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  EncoderFrames,
  FirmataBoard,
  FirmataParser,
  HeldSamples,
  LINE_RATES,
  unpackMessage,
} from '@spikewire/devices/firmata';
import { RandomGenerator } from '@spikewire/models';
import { buildUno, Uno } from '../test/board/uno.mjs';
import { WrongBytes } from '../test/board/wrong-bytes.mjs';
import { documentOf, kept, table } from './results-page.mjs';

const folder = mkdtempSync(join(tmpdir(), 'spikewire-firmata-'));
const built = buildUno(folder);

async function withBoard(action) {
  const uno = new Uno(built);
  const board = await uno.during(FirmataBoard.open(uno.line));
  try {
    return await action(uno, board);
  } finally {
    await uno.close();
  }
}

const say = (...words) => process.stdout.write(`${words.join(' ')}\n`);

/** The shortest period at which a second of samples, an event in each of every channel, loses nothing. */
const PERIODS = [150, 200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1500, 2000, 2500, 3000];

function shortestPeriod(rate, count, gather) {
  return withBoard(async (uno, board) => {
    await uno.during(board.setLineRate(rate));
    const channels = Array.from({ length: count }, (_, k) => k);
    // One spike in each sample of each channel.
    for (const channel of channels) uno.analog(channel, 4);
    for (const period of PERIODS) {
      await uno.during(board.encode({ code: 'rate', channels, period, threshold: 818, gather }));
      for (let k = 0; k < 20; k++) await uno.run(50_000);
      const { missed, dropped } = await uno.during(board.status());
      if (missed === 0 && dropped === 0 && board.counts.lost === 0) return period;
    }
    return undefined;
  });
}

async function measureRate() {
  const rows = [];
  for (const rate of LINE_RATES) {
    for (const gather of [0, 10]) {
      const periods = [];
      for (const count of [1, 2, 4, 6]) periods.push(await shortestPeriod(rate, count, gather));
      const cells = periods.map((period) =>
        period === undefined ? '-' : Math.floor(1e6 / period).toLocaleString('en'),
      );
      rows.push([rate.toLocaleString('en'), String(gather), ...cells]);
    }
  }
  say(table(['baud', 'samples gathered', '1 channel', '2 channels', '4 channels', '6 channels'], rows));
}

/** Six inputs that never rest, for ten minutes: what the board sent. */
function longRecording(settings) {
  return withBoard(async (uno, board) => {
    const random = new RandomGenerator(1, 'inputs');
    const channels = [0, 1, 2, 3, 4, 5];
    const pieces = [];
    if (settings !== undefined) await uno.during(board.encode({ ...settings, channels, period: 20_000 }));
    else uno.send(Uint8Array.of(0xf0, 0x7a, 20, 0, 0xf7, ...channels.flatMap((channel) => [0xc0 | channel, 1])));
    for (let k = 0; k < 30_000; k++) {
      for (const channel of channels) uno.analog(channel, 5 * random.nextUniform());
      pieces.push(await uno.run(20_000));
    }
    return Buffer.concat(pieces);
  });
}

/** Values of a report of Firmata itself, by their place in the stream of those that came. */
function reportsIn(bytes) {
  const messages = new FirmataParser().take(bytes);
  return messages.flatMap(({ first, data }) =>
    (first & 0xf0) === 0xe0 ? [`${first & 15} ${data[0] | (data[1] << 7)}`] : [],
  );
}

function eventsIn(bytes) {
  const frames = new EncoderFrames('values');
  const events = new FirmataParser().take(bytes).flatMap(({ first, data }) => {
    const message = first === 0xf0 ? unpackMessage(data) : undefined;
    return (
      (message && frames.take(message)?.events.map(({ tick, channel, value }) => `${tick} ${channel} ${value}`)) ?? []
    );
  });
  return { events, frames: frames.frames, lost: frames.lost };
}

/** Samples that a net gets: whole ones, and those with a channel that is not known. */
function samplesIn(bytes) {
  const [frames, held] = [new EncoderFrames('values'), new HeldSamples([0, 1, 2, 3, 4, 5])];
  let [whole, unknown] = [0, 0];
  for (const { first, data } of new FirmataParser().take(bytes)) {
    const message = first === 0xf0 ? unpackMessage(data) : undefined;
    const frame = message && frames.take(message);
    const { values } = frame ? held.take(frame, 1e6) : { values: [] };
    for (let k = 0; k < values.length; k += 6) {
      if (values.subarray(k, k + 6).some(Number.isNaN)) unknown++;
      else whole++;
    }
  }
  return { whole, unknown };
}

async function measureErrors() {
  const bytes = await longRecording({ code: 'values', threshold: 1, gather: 5 });
  const known = new Set(eventsIn(bytes).events);
  const line = new WrongBytes({ changed: 1e-3 }, 1);
  const wrong = line.take(bytes);
  const { events, frames, lost } = eventsIn(wrong);
  const believed = events.filter((event) => !known.has(event)).length;
  const { whole, unknown } = samplesIn(wrong);
  say(`encoder: ${bytes.length} bytes, ${line.changed} changed; ${frames} frames came, ${lost} lost and counted;`);
  say(`${known.size} values sent, ${events.length} came, ${believed} of them wrong;`);
  say(`samples for a net: ${whole} whole, ${unknown} with a channel that is not known`);

  const plain = await longRecording(undefined);
  const plainLine = new WrongBytes({ changed: 1e-3 }, 1);
  const [sent, came] = [reportsIn(plain), reportsIn(plainLine.take(plain))];
  const counts = new Map();
  for (const report of sent) counts.set(report, (counts.get(report) ?? 0) + 1);
  let strangers = 0;
  for (const report of came) {
    const left = counts.get(report) ?? 0;
    if (left === 0) strangers++;
    else counts.set(report, left - 1);
  }
  say(`Firmata's own reports: ${plain.length} bytes, ${plainLine.changed} changed; ${sent.length} values sent,`);
  say(`${came.length} came, at least ${strangers} of them wrong and none of them noticed`);
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
async function boardBytes(samples, threshold) {
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

async function measureSaved(data, results) {
  const files = readdirSync(data).filter((name) => /^exp.*\.i16\.gz$/.test(name));
  const recordings = files.map((name) => {
    const bytes = gunzipSync(readFileSync(join(data, name)));
    const counts = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    return { name, steps: counts.map((value, k) => toSteps(value, k % WIDTH)) };
  });
  const first = recordings[0].steps.subarray(0, 3000 * WIDTH);
  for (const threshold of [4, 16]) {
    const [twin, board] = [sendOnDelta(first, threshold), await boardBytes(first, threshold)];
    const differing = board.known.filter((value, k) => value !== twin.known[k]).length;
    say(`threshold ${threshold}: twin ${twin.bytes} bytes, board ${board.bytes};`);
    say(`${differing} of ${board.known.length} values differ`);
  }
  const accuracyOf = (name, place) =>
    kept(results, name, () =>
      documentOf(['stream-eval', '--task', 'hapt', '--data', `hapt:${place}`, '--fronts', '1', '--draws', '1']),
    );
  const rows = [];
  const total = recordings.reduce((sum, { steps }) => sum + steps.length / WIDTH, 0);
  const plain = total * WIDTH * 3;
  const document = await accuracyOf('recorded', data);
  rows.push(['as recorded, 16 bits', '', '', (100 * document.accuracy).toFixed(1)]);
  for (const threshold of [0, 1, 2, 4, 8]) {
    const place = join(results, `hapt-${threshold}`);
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
    for (const name of ['labels.txt', 'index.json', 'activity_labels.txt', 'SOURCE.txt'])
      symlinkSync(join(data, name), join(place, name));
    let bytes = 0;
    for (const { name, steps } of recordings) {
      const { known, bytes: own } =
        threshold === 0 ? { known: steps, bytes: (steps.length / WIDTH) * 18 } : sendOnDelta(steps, threshold);
      bytes += own;
      const back = known.map((value, k) =>
        Math.max(-32_768, Math.min(32_767, Math.round((value - MIDDLE) / SCALES[k % WIDTH]))),
      );
      writeFileSync(join(place, name), gzipSync(Buffer.from(back.buffer), { level: 1 }));
    }
    const document = await accuracyOf(`threshold ${threshold}`, place);
    rows.push([
      String(threshold),
      ((bytes / total) * 50).toFixed(0),
      `${(100 * (1 - bytes / plain)).toFixed(1)} %`,
      (100 * document.accuracy).toFixed(1),
    ]);
    say(rows.at(-1).join(' | '));
  }
  say(table(['threshold', 'bytes a second', 'saved', 'accuracy'], rows));
}

const MEASURES = { rate: measureRate, errors: measureErrors, saved: measureSaved };
const [what, ...rest] = process.argv.slice(2);
try {
  if (MEASURES[what] === undefined) throw new Error(`expected ${Object.keys(MEASURES).join(', ')}`);
  await MEASURES[what](...rest);
} finally {
  rmSync(folder, { recursive: true });
}
