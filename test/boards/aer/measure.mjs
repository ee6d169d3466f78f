/**
 * Measures address events over the loopback: `node test/boards/aer/measure.mjs`. Prints the row of devices/RESULTS.md:
 * datagrams that were lost and are counted, from a sender in another process that drops a tenth of them, and the time
 * from the event that completes a step to the step, 1,000 times; then how many events a second are taken.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openSensor } from 'spikewire/sensors';

const PORT = 18_991;
const ROUNDS = 1000;
const TWIN = fileURLToPath(new URL('twin.mjs', import.meta.url));

function datagram(number, events) {
  const bytes = Buffer.alloc(4 + 8 * events.length);
  bytes.writeUInt32BE(number);
  events.forEach(([address, time], k) => {
    bytes.writeUInt32BE(address, 4 + 8 * k);
    bytes.writeUInt32BE(time, 8 + 8 * k);
  });
  return bytes;
}

async function lossesOf() {
  const sensor = await openSensor(`aer:udp://127.0.0.1:${PORT}?size=5x4`);
  const reading = sensor.readBlock();
  await delay(100);
  const options = { port: PORT, events: 50_000, loss: 0.1, doubling: 0.1, reordering: 0.1, seed: 3 };
  const twin = spawn(process.execPath, [TWIN, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: twin.stdout }), 'line');
  await delay(200);
  const { lost, doubled, datagrams } = JSON.parse(line);
  const { lostDatagrams, doubledDatagrams, events } = sensor.figures.counted;
  await sensor.close();
  await reading;
  return { datagrams, lost, counted: lostDatagrams, doubled, leftOut: doubledDatagrams, events };
}

async function timesOf() {
  const sensor = await openSensor(`aer:udp://127.0.0.1:${PORT + 1}?size=34x34&polarity=split&late=0`);
  const socket = createSocket('udp4');
  const send = (bytes) => socket.send(bytes, PORT + 1, '127.0.0.1');
  const first = sensor.readBlock();
  await delay(100);
  const times = [];
  send(datagram(0, [[0, 0]]));
  send(datagram(1, [[1, 1000]]));
  await first;
  for (let k = 2; k < ROUNDS + 2; k++) {
    const began = performance.now();
    send(datagram(k, [[k % 1000, 1000 * k]]));
    await sensor.readBlock();
    times.push(1000 * (performance.now() - began));
  }
  times.sort((a, b) => a - b);
  socket.close();
  await sensor.close();
  return { median: Math.round(times[ROUNDS / 2]), most: Math.round(times[Math.floor(0.99 * ROUNDS)]) };
}

async function rateOf() {
  const sensor = await openSensor(`aer:udp://127.0.0.1:${PORT + 2}?size=34x34&polarity=split`);
  const socket = createSocket('udp4');
  const reading = (async () => {
    while ((await sensor.readBlock()) !== undefined);
  })();
  await delay(100);
  const began = performance.now();
  for (let number = 0; performance.now() - began < 3000; number++) {
    const events = Array.from({ length: 180 }, (_, k) => [(k * 13) % 2312, 5 * (180 * number + k)]);
    await new Promise((resolve) => socket.send(datagram(number, events), PORT + 2, '127.0.0.1', resolve));
  }
  const seconds = (performance.now() - began) / 1000;
  await delay(500);
  const { events, lostDatagrams, crowdedOut } = sensor.figures.counted;
  socket.close();
  await sensor.close();
  await reading;
  return { perSecond: Math.round(events / seconds), lostDatagrams, crowdedOut };
}

const [losses, times, rate] = [await lossesOf(), await timesOf(), await rateOf()];
console.log(JSON.stringify({ losses, times, rate }));
