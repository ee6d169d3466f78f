// A camera of 5 × 4 pixels on the network, in a process of its own, as jAER sends: what spikewire has to read. It
// shares nothing with spikewire. Options are JSON: transport udp or tcp, port, host, events, seed, and the faults loss,
// doubling, reordering (shares of datagrams), swapped (bytes of words), stampFirst, unnumbered, leave (after so many
// events). It writes a line of JSON with what it meant and did when it is done; over TCP it says its port first.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const options = {
  transport: 'udp',
  host: '127.0.0.1',
  port: 0,
  events: 1000,
  seed: 1,
  each: 5,
  ...JSON.parse(process.argv[2]),
};
const { loss = 0, doubling = 0, reordering = 0, swapped, stampFirst, unnumbered, leave = options.events } = options;

let state = options.seed >>> 0;
function drawn() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

// Address = pixel number; microseconds just before the clock of 32 bits begins anew.
let time = 2 ** 32 - 50_000;
const events = Array.from({ length: options.events }, () => {
  time += Math.floor(drawn() * 400);
  return { time, address: Math.floor(drawn() * 20) };
});

function word(bytes, at, value) {
  if (swapped) bytes.writeUInt32LE(value % 2 ** 32, at);
  else bytes.writeUInt32BE(value % 2 ** 32, at);
}

function written(some, first) {
  const bytes = Buffer.alloc(first + 8 * some.length);
  some.forEach((event, k) => {
    word(bytes, first + 8 * k, stampFirst ? event.time : event.address);
    word(bytes, first + 8 * k + 4, stampFirst ? event.address : event.time);
  });
  return bytes;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const report = { sent: [], lost: 0, doubled: 0, datagrams: 0 };
const tell = (document) => new Promise((resolve) => process.stdout.write(`${JSON.stringify(document)}\n`, resolve));

async function sendDatagrams() {
  const socket = createSocket('udp4');
  const send = (bytes) => new Promise((resolve) => socket.send(bytes, options.port, options.host, resolve));
  let waiting;
  for (let at = 0, number = 0; at < leave; at += options.each, number++) {
    const some = events.slice(at, at + options.each);
    const bytes = written(some, unnumbered ? 0 : 4);
    if (!unnumbered) word(bytes, 0, number);
    report.datagrams++;
    // The first ones come, so that it is known from where to count, and the last.
    const isSure = number < 3 || at + options.each >= leave;
    if (!isSure && drawn() < loss) {
      report.lost++;
      continue;
    }
    report.sent.push(...some.map((event) => [event.time, event.address]));
    const [doubles, waits] = [!isSure && drawn() < doubling, !isSure && waiting === undefined && drawn() < reordering];
    if (waits) waiting = bytes;
    else await send(bytes);
    if (doubles && !waits) {
      report.doubled++;
      await send(bytes);
    }
    if (!waits && waiting !== undefined) {
      await send(waiting);
      waiting = undefined;
    }
    if (number % 10 === 0) await pause(1);
  }
  socket.close();
}

async function serve() {
  const server = createServer();
  server.listen(options.port, options.host);
  await new Promise((resolve) => server.once('listening', resolve));
  await tell({ port: server.address().port });
  const socket = await new Promise((resolve) => server.once('connection', resolve));
  socket.on('error', () => {});
  const bytes = written(events.slice(0, leave), 0);
  // In pieces that end anywhere.
  for (let at = 0; at < bytes.length; at += 77) {
    socket.write(bytes.subarray(at, at + 77));
    if (at % 770 === 0) await pause(1);
  }
  report.sent = events.slice(0, leave).map((event) => [event.time, event.address]);
  await new Promise((resolve) => socket.end(resolve));
  server.close();
}

await (options.transport === 'udp' ? sendDatagrams() : serve());
await tell(report);
