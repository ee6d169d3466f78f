// A SpiNNaker board that answers over UDP as BOARDS.md 1d and 8a say: the monitor of a chip (version, memory, tags,
// description), an injector, and a small net behind it. It shares nothing with the driver.
//
//   node twin.mjs '{"step": 1, "loss": 0.1, "seed": 3}'     prints {"port": …} when it listens
//
// Lines of JSON on stdin: {"do": "stats"} prints what was counted, {"do": "away"} lets it fall silent, {"do":
// "restart"} starts its net anew; with the setting manual, {"do": "step", "to": 7} runs its steps before 7, and prints
// {"time": 7} once all packets are sent. It ends with stdin. Settings, all with a default: step (ms of a step), neurons
// (that send), inputs, tag, core, timed (whether packets have the time of the board), manual (steps come from stdin,
// not from a clock), faults by probability: loss, double, reorder, busy; delay (ms at most); swap (numbers in the wrong
// byte order), shift (keys that are one too large), seed.
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';

const settings = {
  ...{
    step: 1,
    inputs: 4,
    neurons: 300,
    tag: 1,
    core: [0, 0, 3],
    firstKey: 65536,
    timed: true,
    scratch: true,
    manual: false,
  },
  ...{ loss: 0, double: 0, reorder: 0, busy: 0, delay: 0, swap: false, shift: 0, seed: 1, port: 0 },
  ...JSON.parse(process.argv[2] ?? '{}'),
};
const stats = {
  requests: 0,
  injected: 0,
  injectedPackets: 0,
  sent: 0,
  sentSpikes: 0,
  lost: 0,
  lostSpikes: 0,
  refused: 0,
};
const tags = Array.from({ length: 16 }, () => undefined);
const memory = Buffer.alloc(65536);
const BASE = 0x60240000;
const blocks = new Map();
let nextBlock = BASE;
let isAway = false;

const socket = createSocket('udp4');
socket.bind(settings.port, '127.0.0.1', () => console.log(JSON.stringify({ port: socket.address().port })));
socket.on('message', (bytes, from) => {
  if (isAway) return;
  stats.requests++;
  if (chance(settings.loss)) stats.lost++;
  else take(bytes, from);
});
socket.on('error', () => process.exit(1));

const control = createInterface({ input: process.stdin });
control.on('line', (line) => {
  const { do: what, to } = JSON.parse(line);
  if (what === 'stats')
    console.log(JSON.stringify({ ...stats, blocks: blocks.size, tags: tags.filter(Boolean).length }));
  if (what === 'away') isAway = true;
  if (what === 'restart') restart();
  // What was sent before this line is taken first.
  if (what === 'step') setImmediate(() => setImmediate(advance, to));
});
control.on('close', () => process.exit(0));

/** mulberry32. */
let state = settings.seed >>> 0;
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

function chance(probability) {
  return probability > 0 && random() < probability;
}

function u16(value) {
  const bytes = Buffer.alloc(2);
  if (settings.swap) bytes.writeUInt16BE(value);
  else bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value) {
  const bytes = Buffer.alloc(4);
  if (settings.swap) bytes.writeUInt32BE(value >>> 0);
  else bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

let held;
/** Datagrams on their way out of this process. */
let leaving = 0;

/** Sends a datagram under the faults that are set. */
function send(bytes, port, address, spikes = 0) {
  if (isAway) return;
  stats.sent++;
  if (chance(settings.loss)) {
    stats.lost++;
    stats.lostSpikes += spikes;
    return;
  }
  stats.sentSpikes += spikes;
  const go = () => {
    leaving++;
    socket.send(bytes, port, address, () => {
      leaving--;
      tellTime();
    });
  };
  const all = chance(settings.double) ? [go, go] : [go];
  if (chance(settings.reorder) && held === undefined) {
    held = all;
    setTimeout(release, 3);
    return;
  }
  const wait = settings.delay > 0 ? random() * settings.delay : 0;
  if (wait > 0) setTimeout(sendAll, wait, all);
  else sendAll(all);
  release();
}

function release() {
  const waiting = held ?? [];
  held = undefined;
  sendAll(waiting);
}

function sendAll(all) {
  for (const go of all) go();
}

/** A datagram to the UDP port of the monitor: pad, SDP, and a request or spikes. */
function take(bytes, from) {
  if (bytes.length < 10 || bytes.length > 2 + 24 + 256) return;
  const [flags, , to, , y, x] = bytes.subarray(2);
  const [port, cpu] = [to >> 5, to & 31];
  if (port === 1) return inject(bytes.subarray(10), [x, y, cpu]);
  if ((flags & 0x87) !== 0x87) return;
  const sequence = bytes.length >= 14 ? bytes.readUInt16LE(12) : 0;
  const reply = (code, data = Buffer.alloc(0)) => {
    if (code !== 0x80) stats.refused++;
    // The reply goes back along the way of the request, with flags that want no reply.
    const header = Buffer.from([0, 0, 0x07, 0xff, bytes[5], to, bytes[9], bytes[8], y, x]);
    send(Buffer.concat([header, u16(code), u16(sequence), data]), from.port, from.address);
  };
  if (bytes.length < 26) return reply(0x81);
  if (chance(settings.busy)) return reply(random() < 0.5 ? 0x86 : 0x8d);
  const words = [14, 18, 22].map((at) => bytes.readUInt32LE(at));
  answer(bytes.readUInt16LE(10), words, bytes.subarray(26), from, reply, { x, y, cpu });
}

function answer(command, [first, second, third], data, from, reply, { x, y, cpu }) {
  switch (command) {
    case 0: {
      const head = Buffer.concat([Buffer.from([cpu, cpu, y, x]), u16(256), u16(0xffff), u32(1_700_000_000)]);
      return reply(0x80, Buffer.concat([head, Buffer.from('SC&MP/SpiNNaker\0' + '4.0.0\0', 'latin1')]));
    }
    case 2:
    case 3: {
      if (second > 256 || third > 2) return reply(0x84);
      const at = first - BASE;
      const isHere = at >= 0 && at + second <= memory.length;
      if (command === 2) return reply(0x80, isHere ? memory.subarray(at, at + second) : Buffer.alloc(second));
      if (isHere) data.subarray(0, second).copy(memory, at);
      return reply(0x80);
    }
    case 26:
      return tagCommand(first, second, third, from, reply);
    case 28:
      return blockCommand(first, second, reply);
    case 31: {
      const info = Buffer.concat([u32(0x02fa3f12), u32(117_000_000), u32(20_480)]);
      const cores = Buffer.from([7, 15, 7, 7, ...Array(14).fill(15)]);
      return reply(0x80, Buffer.concat([info, cores, Buffer.from([0, 0, 127, 0, 0, 1, 6, 0])]));
    }
    default:
      return reply(0x83);
  }
}

function tagCommand(first, second, third, from, reply) {
  const [tag, operation] = [first & 255, (first >> 16) & 15];
  if (operation === 4) return reply(0x80, Buffer.from([9, 32, 8, 8]));
  if (tag >= 16) return reply(0x84);
  if (operation === 1) {
    const usesSender = (first & (1 << 30)) !== 0;
    const given = [third & 255, (third >> 8) & 255, (third >> 16) & 255, third >>> 24].join('.');
    tags[tag] = {
      address: usesSender || third === 0 ? from.address : given,
      port: usesSender ? from.port : second,
      strip: (first & (1 << 28)) !== 0,
      count: 0,
    };
    return reply(0x80, Buffer.from([tag, 0, 0, 0]));
  }
  if (operation === 2) return reply(0x80, entryOf(tags[tag]));
  if (operation === 3) {
    tags[tag] = undefined;
    return reply(0x80);
  }
  return reply(0x84);
}

function entryOf(tag) {
  if (tag === undefined) return Buffer.alloc(32);
  const address = Buffer.from(tag.address.split('.').map(Number));
  const head = Buffer.concat([address, Buffer.alloc(6), u16(tag.port), u16(9), u16(0x8100), u32(tag.count)]);
  return Buffer.concat([head, Buffer.alloc(32 - head.length)]);
}

function blockCommand(first, second, reply) {
  const [operation, application] = [first & 255, (first >> 8) & 255];
  if (operation === 0) {
    const fits = settings.scratch && nextBlock - BASE + second <= memory.length;
    if (!fits) return reply(0x80, u32(0));
    blocks.set(nextBlock, application);
    nextBlock += second;
    return reply(0x80, u32(nextBlock - second));
  }
  if (operation !== 2) return reply(0x84);
  for (const [at, owner] of blocks) if (owner === application) blocks.delete(at);
  if (blocks.size === 0) nextBlock = BASE;
  return reply(0x80, u32(0));
}

// ── The net ───────────────────────────────────────────────────────────────────────────────────────────────────────
// Neuron i gets the spikes of input i % inputs; it spikes where it has (i % 3) + 1 of them, which it then takes away.

const membranes = new Float64Array(settings.neurons);
let arrived = new Float64Array(settings.inputs);
let time = 0;
const begun = performance.now();

/** EIEIO into the injector: neurons as 16 bits, or keys of 32 bits above 7 · 65536. */
function inject(bytes, place) {
  if (place.join() !== settings.core.join() || bytes.length < 2) return;
  const [count, flags] = bytes;
  const isWide = flags === 0x08;
  if (!isWide && flags !== 0) return;
  stats.injectedPackets++;
  // A board is never behind its clock: what comes now belongs to this step.
  catchUp();
  for (let k = 0; k < count; k++) {
    const key = isWide ? bytes.readUInt32LE(2 + 4 * k) - 458_752 : bytes.readUInt16LE(2 + 2 * k);
    if (key < 0 || key >= settings.inputs) continue;
    stats.injected++;
    arrived[key]++;
  }
}

if (!settings.manual) setInterval(catchUp, Math.max(1, settings.step / 2));

function catchUp() {
  if (settings.manual) return;
  const now = Math.floor((performance.now() - begun) / settings.step);
  for (; time < now; time++) step();
}

let isAsked = false;

function advance(to) {
  for (; time < to; time++) step();
  isAsked = true;
  tellTime();
}

function tellTime() {
  if (!isAsked || leaving > 0) return;
  isAsked = false;
  console.log(JSON.stringify({ time }));
}

function restart() {
  membranes.fill(0);
  arrived.fill(0);
}

function step() {
  const given = arrived;
  arrived = new Float64Array(settings.inputs);
  const keys = [];
  for (let i = 0; i < settings.neurons; i++) {
    membranes[i] += given[i % settings.inputs];
    const threshold = (i % 3) + 1;
    if (membranes[i] < threshold) continue;
    membranes[i] -= threshold;
    keys.push(settings.firstKey + i + settings.shift);
  }
  const target = tags[settings.tag];
  if (target === undefined) return;
  for (let k = 0; k < keys.length; k += 62) {
    const some = keys.slice(k, k + 62);
    const head = settings.timed ? [Buffer.from([some.length, 0x38]), u32(time)] : [Buffer.from([some.length, 0x08])];
    target.count++;
    send(Buffer.concat([...head, ...some.map(u32)]), target.port, target.address, some.length);
  }
}
