import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openSensor, type SensorStream } from 'spikewire/sensors';
import { afterEach, describe, expect, it } from 'vitest';

const TWIN = fileURLToPath(new URL('twin.mjs', import.meta.url));
const STEP = 10_000;

interface Report {
  readonly sent: readonly (readonly [number, number])[];
  readonly lost: number;
  readonly doubled: number;
}

let twins: ChildProcess[] = [];
let sensors: SensorStream[] = [];

afterEach(async () => {
  for (const twin of twins) twin.kill('SIGKILL');
  await Promise.all(sensors.map((sensor) => sensor.close()));
  [twins, sensors] = [[], []];
});

/** The lines of a twin in another process. */
function startTwin(options: object): AsyncIterator<string> {
  const twin = spawn(process.execPath, [TWIN, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  twins.push(twin);
  return createInterface({ input: twin.stdout })[Symbol.asyncIterator]();
}

const documentIn = async <Content>(lines: AsyncIterator<string>) => JSON.parse((await lines.next()).value) as Content;

async function open(address: string): Promise<SensorStream> {
  const sensor = await openSensor(`${address}?size=5x4&step=${STEP / 1e6}&late=3`);
  sensors.push(sensor);
  return sensor;
}

/** Gathers what a sensor gives: counts by the end of their step, in steps, until it fails or is closed. */
function gather(sensor: SensorStream) {
  const steps = new Map<number, number[]>();
  const failed = (async () => {
    for (let block = await sensor.readBlock(); block !== undefined; block = await sensor.readBlock()) {
      block.times.forEach((time, k) => {
        steps.set(Math.round((1e6 * time) / STEP), Array.from(block!.values.subarray(20 * k, 20 * k + 20)));
      });
    }
    return undefined;
  })().catch((problem: Error) => problem);
  return { steps, failed };
}

/** The same by the time stamps that the twin meant, as far as steps were given. */
function expected({ sent }: Report, steps: ReadonlyMap<number, number[]>) {
  return new Map(
    Array.from(steps.keys(), (end) => {
      const inside = sent.filter(([time]) => Math.floor(time / STEP) + 1 === end);
      return [end, Array.from({ length: 20 }, (_, k) => inside.filter(([, address]) => address === k).length)];
    }),
  );
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** Until somebody listens at a port. */
async function taken(port: number): Promise<void> {
  const isFree = () => {
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    const listening = once(socket, 'listening').then(
      () => true,
      () => false,
    );
    return listening.finally(() => socket.close());
  };
  await expect.poll(isFree).toBe(false);
}

describe('a camera that sends datagrams', () => {
  it.each([
    ['none', {}],
    ['loss', { loss: 0.2 }],
    ['doubling', { doubling: 0.3 }],
    ['reordering', { reordering: 0.3 }],
    ['all of them', { loss: 0.1, doubling: 0.2, reordering: 0.2, seed: 7 }],
  ])('with faults: %s', async (_, faults) => {
    const port = await freePort();
    const sensor = await open(`aer:udp://127.0.0.1:${port}`);
    const { steps } = gather(sensor);
    await taken(port);
    const report = await documentIn<Report>(startTwin({ port, ...faults }));
    const missing = () => report.sent.length - (sensor.figures.counted?.events ?? 0);
    await expect.poll(missing).toBe(0);
    await expect.poll(() => steps.size).toBeGreaterThan(10);
    expect(steps).toEqual(expected(report, steps));
    expect(sensor.figures.counted).toMatchObject({
      lostDatagrams: report.lost,
      doubledDatagrams: report.doubled,
      ...{ newSenders: 0, late: 0, outside: 0, crowdedOut: 0, clockJumps: 0 },
    });
  });

  it.each([
    [{ swapped: true }, 'gets words in the other byte order; expected big-endian words'],
    [{ stampFirst: true }, /of 5 events 5 lie outside 5x4, 0 jump in time; expected big-endian words, first the addr/],
    [{ unnumbered: true }, 'got a datagram of 40 bytes; expected 4 of a sequence number and 8 an event'],
  ])('is refused with one error where its words are others: %j', async (wrong, message) => {
    const port = await freePort();
    const { steps, failed } = gather(await open(`aer:udp://127.0.0.1:${port}`));
    await taken(port);
    startTwin({ port, ...wrong });
    expect((await failed)?.message).toMatch(message);
    expect(steps.size).toBe(0);
  });

  it('may go away and come again as another process, from its first number on', async () => {
    const port = await freePort();
    const sensor = await open(`aer:udp://127.0.0.1:${port}`);
    gather(sensor);
    await taken(port);
    for (const [seed, total] of [
      [1, 300],
      [2, 600],
    ]) {
      await documentIn<Report>(startTwin({ port, seed, leave: 300 }));
      await expect.poll(() => sensor.figures.counted?.events).toBe(total);
    }
    expect(sensor.figures.counted).toMatchObject({ newSenders: 1, lostDatagrams: 0, doubledDatagrams: 0 });
  });
});

describe('a camera that is connected to', () => {
  it('is read in pieces of any length, and its end is told', async () => {
    const lines = startTwin({ transport: 'tcp' });
    const { port } = await documentIn<{ port: number }>(lines);
    const sensor = await open(`aer:tcp://127.0.0.1:${port}`);
    const { steps } = gather(sensor);
    const report = await documentIn<Report>(lines);
    await expect.poll(() => sensor.figures.problem).toMatch(/was closed by the other side|ECONNREFUSED/);
    expect(steps).toEqual(expected(report, steps));
    const given = [...steps.values()].flat().reduce((sum, count) => sum + count, 0);
    expect(given).toBe(report.sent.length);
  });

  it.each([{ swapped: true }, { stampFirst: true }])('is refused where its words are others: %j', async (wrong) => {
    const lines = startTwin({ transport: 'tcp', ...wrong });
    const { port } = await documentIn<{ port: number }>(lines);
    const { steps, failed } = gather(await open(`aer:tcp://127.0.0.1:${port}`));
    expect((await failed)?.message).toMatch(/expected big-endian words, first the address, then microseconds/);
    expect(steps.size).toBe(0);
  });
});
