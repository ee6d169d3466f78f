// A process that is a bridge with a chip behind it, on TCP at 127.0.0.1. It is started with node:child_process `fork`
// and one argument, JSON:
//   {"tiny", "seed",                       the chip, and what its memories hold at power-up
//    "loss", "double", "reorder", "delay", faults of the line: shares of frames, and milliseconds
//    "swap",                               one kind of number in big endian: "frames", "addresses", "counts"
//    "lsb", "deaf",                        SPI with the lowest bit first; no AEROUT
//    "defect",                             {"memory", "address", "data"}: bits of a memory that are stuck at 0
//    "leaksMore",                          what a leak subtracts beyond what its neuron says
//    "keepsSpikes",                        spikes that wait are never handed out
//    "goneAfter"}                          frames after which it ends
// It sends {"port", "spiPort"}; the second port takes the bytes of SPI alone. It takes {"do": "dump"}, "slip" with
// "by" (clocks too many or too few) and "after" (transactions), "power" (the chip loses its power, and has "kept" bytes
// of its neurons all the same), "registers" (they lose what they hold but the gate), and "flip" (the next byte of
// synapses that is written has a wrong bit), each answered.
import { createServer } from 'node:net';
import { crc32 } from 'node:zlib';
import { BridgePins, BUFFER } from './bridge.mjs';
import { Chip } from './chip.mjs';
import { Xorshift } from './random.mjs';

const options = JSON.parse(process.argv[2] ?? '{}');
const { seed = 1, loss = 0, double = 0, reorder = 0, delay = 0, goneAfter = Number.POSITIVE_INFINITY } = options;
const pins = new BridgePins(new Chip(options.tiny, seed));
pins.deaf = options.deaf;
pins.chip.defect = options.defect;
pins.chip.leaksMore = options.leaksMore ?? 0;
const random = new Xorshift(seed + 1);
const happens = (share) => random.next(1 << 20) < share * (1 << 20);
const isLittle = (kind) => options.swap !== kind;

const [FRAMES, PAYLOAD, ROOM] = [4, 2000, 8040];
/** Longer than anything that the chip does. */
const MOST_CLOCKS = 1e6;

let frames = 0;
const counts = { lost: 0, doubled: 0, reordered: 0, repeated: 0 };

const server = createServer((socket) => {
  socket.setNoDelay();
  socket.on('error', () => {});
  const session = { nonce: undefined, expected: 0, answers: new Map() };
  let held;
  const put = (frame) => {
    if (happens(loss)) {
      counts.lost++;
      return;
    }
    const send = (bytes) =>
      delay > 0 ? setTimeout(() => socket.write(bytes), random.next(delay)) : socket.write(bytes);
    if (happens(reorder) && held === undefined) {
      counts.reordered++;
      held = frame;
      return;
    }
    send(frame);
    if (happens(double)) {
      counts.doubled++;
      send(frame);
    }
    if (held !== undefined) send(held);
    held = undefined;
  };
  let plain = [];
  let isEscaped = false;
  socket.on('data', (bytes) => {
    for (const byte of bytes) {
      if (byte === 0x7e) {
        if (plain.length > 0) take(Buffer.from(plain));
        plain = [];
        isEscaped = false;
      } else if (byte === 0x7d) isEscaped = true;
      else {
        plain.push(isEscaped ? byte ^ 0x20 : byte);
        isEscaped = false;
      }
    }
  });

  function take(frame) {
    if (++frames > goneAfter) process.exit(0);
    if (happens(loss)) {
      counts.lost++;
      return;
    }
    const end = frame.length - 4;
    if (end < 5 || u32(frame, end) !== crc32(frame.subarray(0, end)) || u16(frame, 0) !== end - 5) return;
    const [sequence, type, payload] = [u16(frame, 2), frame[4], frame.subarray(5, end)];
    if (type === 1) return greet(sequence, payload);
    if (session.nonce === undefined) return put(stuff(sequence, 0xfe, Buffer.of(4)));
    const isOld = (session.expected - sequence + 0x10000) % 0x10000 <= FRAMES && sequence !== session.expected;
    if (isOld && session.answers.has(sequence)) {
      counts.repeated++;
      return put(session.answers.get(sequence));
    }
    if (sequence !== session.expected) return put(stuff(session.expected, 0xfe, Buffer.of(2)));
    if (session.isBusy) return;
    const { answer, after = 0 } = answerTo(type, payload);
    const whole =
      answer === undefined ? stuff(sequence, 0xff, Buffer.of(1, type)) : stuff(sequence, type + 0x80, answer);
    if (after === 0) {
      keep(sequence, whole);
      return put(whole);
    }
    session.isBusy = true;
    setTimeout(() => {
      session.isBusy = false;
      keep(sequence, whole);
      put(whole);
    }, after);
  }

  function greet(sequence, payload) {
    const nonce = u32(payload, 0);
    if (nonce !== session.nonce) {
      session.nonce = nonce;
      session.answers.clear();
      session.expected = (sequence + 1) % 0x10000;
    }
    const answer = Buffer.alloc(19);
    put32(answer, 0, nonce);
    answer[4] = 1;
    answer[5] = FRAMES;
    put16(answer, 6, PAYLOAD);
    put16(answer, 8, ROOM);
    put(stuff(sequence, 0x81, answer));
  }

  function keep(sequence, answer) {
    session.answers.set(sequence, answer);
    session.answers.delete((sequence - FRAMES + 0x10000) % 0x10000);
    session.expected = (sequence + 1) % 0x10000;
  }
});

/** The answer, and the milliseconds after which it is there. */
function answerTo(type, payload) {
  switch (type) {
    case 0x20:
      return { answer: Buffer.from('AER\u0001', 'latin1') };
    case 0x21:
      return { answer: payload.length % 5 === 0 ? Buffer.from(pins.spi(payload, options.lsb)) : undefined };
    case 0x22:
      return eventsAnswer(payload);
    case 0x23:
      pins.reset();
      return { answer: Buffer.alloc(0) };
    default:
      return {};
  }
}

function eventsAnswer(payload) {
  if (payload.length % 3 !== 2) return {};
  const limit = u16(payload, 0);
  const addresses = [];
  for (let at = 2; at < payload.length; at += 3)
    addresses.push(isLittle('addresses') ? payload.readUIntLE(at, 3) : payload.readUIntBE(at, 3));
  const acknowledged = pins.events(addresses, MOST_CLOCKS);
  // A chip does not stand still; it does here, until somebody asks what came since, so that nobody relies on time.
  if (addresses.length === 0) pins.wait(() => pins.chip.isIdle || pins.chip.gate, MOST_CLOCKS);
  const spikes = options.keepsSpikes ? [] : pins.spikes.splice(0, PAYLOAD - 8);
  const head = Buffer.alloc(8);
  put16(head, 0, acknowledged, 'counts');
  put16(head, 2, pins.spikes.length, 'counts');
  put32(head, 4, pins.lost, 'counts');
  // What is not acknowledged by now never is.
  return { answer: Buffer.concat([head, Buffer.from(spikes)]), after: acknowledged < addresses.length ? limit : 0 };
}

function stuff(sequence, type, payload) {
  const plain = Buffer.alloc(9 + payload.length);
  put16(plain, 0, payload.length);
  put16(plain, 2, sequence);
  plain[4] = type;
  payload.copy(plain, 5);
  put32(plain, plain.length - 4, crc32(plain.subarray(0, -4)));
  const line = [0x7e];
  for (const byte of plain) {
    if (byte === 0x7e || byte === 0x7d) line.push(0x7d, byte ^ 0x20);
    else line.push(byte);
  }
  return Buffer.from([...line, 0x7e]);
}

function u16(bytes, at) {
  return isLittle('frames') ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}
function u32(bytes, at) {
  return isLittle('frames') ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}
function put16(bytes, at, value, kind = 'frames') {
  if (isLittle(kind)) bytes.writeUInt16LE(value, at);
  else bytes.writeUInt16BE(value, at);
}
function put32(bytes, at, value, kind = 'frames') {
  if (isLittle(kind)) bytes.writeUInt32LE(value >>> 0, at);
  else bytes.writeUInt32BE(value >>> 0, at);
}

const spiServer = createServer((socket) => {
  socket.on('error', () => {});
  let waiting = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    const whole = waiting.length - (waiting.length % 5);
    socket.write(pins.spi(waiting.subarray(0, whole), options.lsb));
    waiting = waiting.subarray(whole);
  });
});

process.on('message', ({ do: what, by, after, kept }) => {
  const { chip } = pins;
  if (what === 'dump') {
    const hex = (bytes) => Buffer.from(bytes).toString('hex');
    process.send({
      neurons: hex(chip.neurons),
      synapses: hex(chip.synapses),
      lost: chip.lost,
      registers: [...chip.registers],
      ...{ transactions: pins.transactions, counts, buffer: BUFFER },
    });
    return;
  }
  if (what === 'slip') pins.slips.set(pins.transactions + after, by);
  if (what === 'power') {
    pins.chip = new Chip(options.tiny, seed + 77);
    for (const at of kept) pins.chip.neurons[at] = chip.neurons[at];
  }
  if (what === 'registers')
    chip.registers = chip.registers.map((value, at) => (at === 0 ? value : random.next(1 << 20)));
  if (what === 'flip') chip.flips = true;
  process.send({ done: what });
});
process.on('disconnect', () => process.exit(0));

const listening = [server, spiServer].map(
  (each) => new Promise((resolve) => each.listen(0, '127.0.0.1', () => resolve(each.address().port))),
);
const [port, spiPort] = await Promise.all(listening);
process.send({ port, spiPort });
