import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { WindowResult } from '@spikewire/engine/executor';
import { parseModel, resolveGraph } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { needs } from '../../../test/services.ts';
import { readAedat } from '../address-events/aedat.ts';
import { readNMnist } from '../address-events/n-mnist.ts';
import { SpikeOutput } from './spike-output.ts';

const STEPS = 10;

function graphOf(shape: number[], dt = 0.001) {
  const nodes = {
    in: { type: 'Input', shape },
    cell: { type: 'IF', r: 1, v_threshold: 1 },
    out: { type: 'Output' },
  };
  const edges = [
    ['in', 'cell'],
    ['cell', 'out'],
  ];
  const { graph, semantics } = parseModel({ nodes, edges, semantics: { dt } });
  return resolveGraph(graph, semantics);
}

/** A window of ten steps in which neurons spike: [step, index]. */
function windowOf(before: number, spikes: readonly (readonly [number, number])[], dropped = 0): WindowResult {
  const [step, index] = [0, 1].map((k) => Int32Array.from(spikes, (spike) => spike[k]!)) as [Int32Array, Int32Array];
  const node = new Int32Array(spikes.length).fill(1);
  const raster = { step, node, index, value: new Float64Array(spikes.length).fill(1) };
  return { raster, step: before + STEPS, dropped } as unknown as WindowResult;
}

let folder: string;
let output: SpikeOutput | undefined;
let warned: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-spikes-'));
  warned = [];
});

afterEach(async () => {
  await output?.close().catch(() => {});
  output = undefined;
  await rm(folder, { recursive: true });
});

async function open(graph: ReturnType<typeof graphOf>, to: string, node = 'cell') {
  output = await SpikeOutput.open(graph, { node, to, warn: (line) => warned.push(line) });
  return output;
}

describe('spikes of a node', () => {
  it('are datagrams: sequence number, then address and microseconds of the net, big-endian; their loss is counted', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const graph = graphOf([300]);
    const { port } = socket.address();
    const spikes = await open(graph, `aer:udp://127.0.0.1:${port}`);
    const came: Buffer[] = [];
    socket.on('message', (message) => came.push(message));
    spikes.take(
      graph,
      windowOf(0, [
        [3, 299],
        [9, 0],
      ]),
      STEPS,
    );
    spikes.take(graph, windowOf(10, []), STEPS);
    spikes.take(
      graph,
      windowOf(
        20,
        Array.from({ length: 200 }, (_, k) => [0, k] as const),
        7,
      ),
      STEPS,
    );
    await expect.poll(() => came.length).toBe(3);
    expect(came[0]!.toString('hex')).toBe(['00000000', '0000012b', '00000bb8', '00000000', '00002328'].join(''));
    expect([came[1]!.readUInt32BE(0), came[1]!.length, came[2]!.readUInt32BE(0), came[2]!.length]).toEqual([
      1,
      4 + 8 * 180,
      2,
      4 + 8 * 20,
    ]);
    expect(spikes.figures).toMatchObject({ sent: 202, lost: 7 });
    socket.close();
    await once(socket, 'close');
    await expect
      .poll(() => {
        spikes.take(graph, windowOf(30, [[0, 1]]), STEPS);
        return spikes.figures.lost;
      })
      .toBeGreaterThan(7);
  });

  it('are for whoever connects; without anybody they are lost', async () => {
    const probe = createSocket('udp4').bind(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    const graph = graphOf([2, 3, 4]);
    const spikes = await open(graph, `aer:tcp://127.0.0.1:${port}?layout=davis`);
    probe.close();
    spikes.take(graph, windowOf(0, [[1, 5]]), STEPS);
    expect(spikes.figures).toMatchObject({ sent: 0, lost: 1 });
    const listener = connect(port, '127.0.0.1');
    const came: Buffer[] = [];
    listener.on('data', (piece) => came.push(piece));
    await once(listener, 'connect');
    await expect
      .poll(() => {
        spikes.take(graph, windowOf(0, [[2, 23]]), STEPS);
        return came.length;
      })
      .toBeGreaterThan(0);
    // Element 23 is x 3, y 2 of those that become brighter; bits of a DAVIS.
    const word = ((2 << 22) | (3 << 12) | (1 << 11)).toString(16).padStart(8, '0');
    expect(Buffer.concat(came).subarray(0, 8).toString('hex')).toBe(`${word}000007d0`);
    listener.destroy();
  });

  it('are lost where a listener takes nothing, and the bytes that wait for it have a bound', async () => {
    const probe = createSocket('udp4').bind(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    probe.close();
    const graph = graphOf([1000]);
    const spikes = await open(graph, `aer:tcp://127.0.0.1:${port}`);
    const listener = connect(port, '127.0.0.1').pause();
    await once(listener, 'connect');
    const all = Array.from({ length: 1000 }, (_, k) => [0, k] as const);
    await expect
      .poll(async () => {
        for (let k = 0; k < 100; k++) spikes.take(graph, windowOf(0, all), STEPS);
        return spikes.figures.sent > 0 && spikes.figures.lost > 100_000;
      })
      .toBe(true);
    listener.destroy();
  });

  it.each(['index', 'davis', 'dvs128'])('are a recording in layout %s that says its size', async (layout) => {
    const path = join(folder, 'spikes.aedat');
    const graph = graphOf([2, 3, 4], 0.0001);
    const spikes = await open(graph, `aer:${path}?layout=${layout}`);
    spikes.take(
      graph,
      windowOf(50, [
        [0, 0],
        [4, 23],
        [4, 7],
      ]),
      STEPS,
    );
    await spikes.close();
    const read = readAedat(await readFile(path));
    expect([read.size, read.start, Array.from(read.time)]).toEqual([{ width: 4, height: 3 }, 5000, [0, 4e-4, 4e-4]]);
    expect([Array.from(read.x), Array.from(read.y), Array.from(read.polarity)]).toEqual([
      [0, 3, 3],
      [0, 2, 1],
      [0, 1, 0],
    ]);
  });

  describe('on a serial line', () => {
    /** A pseudo-terminal; prints its name, then in hexadecimal what it got, once its input ends. */
    const PTY = `
import os, pty, sys, tty
near, far = pty.openpty()
tty.setraw(far)
print(os.ttyname(far), flush=True)
sys.stdin.read(1)
got = b''
while len(got) < int(sys.argv[1]):
    got += os.read(near, 65536)
print(got.hex(), flush=True)
sys.stdin.read()
`;
    async function openLine(bytes: number) {
      const child = spawn('python3', ['-c', PTY, String(bytes)], { stdio: ['pipe', 'pipe', 'inherit'] });
      onTestFinished(() => void child.kill());
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      return {
        child,
        path: (await lines.next()).value as string,
        next: async () => (await lines.next()).value as string,
      };
    }

    it('are events of an eDVS', async (context) => {
      needs(context, 'python3');
      const { child, path, next } = await openLine(12);
      const graph = graphOf([2, 3, 4]);
      const spikes = await open(graph, `aer:serial:${path}?baud=115200`);
      spikes.take(
        graph,
        windowOf(60, [
          [0, 0],
          [4, 23],
          [8, 12],
        ]),
        STEPS,
      );
      child.stdin.write('x');
      // 60 ms; 64 ms, x 3, y 2, brighter; 68 ms are 2,464 µs behind 2^16.
      expect(await next()).toBe(['8000ea60', '8283fa00', '808009a0'].join(''));
      expect(spikes.figures).toMatchObject({ sent: 3, lost: 0 });
    });

    it('are lost where the line takes nothing; they have a bound, and closing ends', async (context) => {
      needs(context, 'python3');
      const { path } = await openLine(12);
      const graph = graphOf([100]);
      const spikes = await open(graph, `aer:serial:${path}`);
      const all = Array.from({ length: 100 }, (_, k) => [0, k] as const);
      for (let k = 0; k < 4000; k++) spikes.take(graph, windowOf(0, all), STEPS);
      const { sent, lost } = spikes.figures;
      expect(sent + lost).toBe(400_000);
      expect(sent).toBeLessThanOrEqual(2 ** 20 / 4);
      await spikes.close();
      expect(spikes.figures.sent).toBeLessThan(100_000);
      expect(spikes.figures.sent + spikes.figures.lost).toBe(400_000);
    });

    it('need a line that there is, and no more than 128 columns', async () => {
      await expect(open(graphOf([3]), 'aer:serial:/nonexistent')).rejects.toThrow(
        /^aer:serial:\/nonexistent: .*No such file.*; expected a serial line that this user may write$/,
      );
      await expect(open(graphOf([129]), 'aer:serial:/nonexistent')).rejects.toThrow(
        'cannot hold 129x1 neurons; expected at most 128x128',
      );
    });
  });

  it('are a recording of N-MNIST for as long as that can be', async () => {
    const path = join(folder, 'spikes.bin');
    const graph = graphOf([3, 4]);
    const spikes = await open(graph, `aer:${path}`);
    spikes.take(graph, windowOf(8380, [[8, 11]]), STEPS);
    spikes.take(graph, windowOf(8390, [[0, 1]]), STEPS);
    await spikes.close();
    const { x, y, polarity, time } = readNMnist(await readFile(path));
    expect([x[0], y[0], polarity[0], time[0], x.length]).toEqual([3, 2, 1, 8.388, 1]);
    expect(spikes.figures).toMatchObject({ sent: 1, lost: 1 });
    expect(warned).toEqual([`${path}: cannot hold later spikes; N-MNIST ends after 8.4 s; further spikes are lost`]);
  });

  it('fill a file up to its bound, in whole windows, and then say so once', async () => {
    const path = join(folder, 'spikes.aedat');
    const graph = graphOf([100]);
    const spikes = await open(graph, `aer:${path}?max=2000`);
    const all = Array.from({ length: 100 }, (_, k) => [0, k] as const);
    for (let k = 0; k < 5; k++) spikes.take(graph, windowOf(STEPS * k, all), STEPS);
    await spikes.close();
    const { size } = await stat(path);
    expect(size).toBeLessThanOrEqual(2000);
    expect(readAedat(await readFile(path)).x.length).toBe(200);
    expect(spikes.figures).toMatchObject({ sent: 200, lost: 300 });
    expect(warned).toEqual([`${path}: has ${size} bytes and is full; further spikes are lost`]);
  });
});

describe('refused', () => {
  it.each([
    ['out', 'aer:x.aedat', 'node "out": is not a node that spikes; expected cell'],
    ['cell', 'udp://x:1', 'udp://x:1: is not an address for events; expected aer:udp://HOST:PORT'],
    ['cell', 'aer:x.txt', 'aer:x.txt: names no place; expected aer:udp://HOST:PORT'],
    ['cell', 'aer:udp://x:70000', 'aer:udp://x:70000: names no place'],
    ['cell', 'aer:x.aedat?rate=3', 'has unknown setting "rate"; expected layout, max, baud'],
    ['cell', 'aer:x.aedat?layout=dvs128', 'cannot hold 300x1 neurons; expected at most 128x128'],
    ['cell', 'aer:x.bin', 'cannot hold 300x1 neurons; expected at most 256x240'],
  ])('node %s to %s', async (node, to, message) => {
    await expect(open(graphOf([300]), to, node)).rejects.toThrow(message);
  });

  it('a recording of more neurons in a row than its reader takes, and no datagrams of them', async () => {
    const row = graphOf([65_537]);
    await expect(open(row, `aer:${join(folder, 'wide.aedat')}`)).rejects.toThrow(
      'cannot hold 65537x1 neurons; expected at most 65536x65536',
    );
    await (await open(row, 'aer:udp://127.0.0.1:9')).close();
    await open(graphOf([65_536]), `aer:${join(folder, 'wide.aedat')}`);
  });

  it('a host that is unknown, in one line', async () => {
    await expect(open(graphOf([3]), 'aer:udp://no-such-host.invalid:9')).rejects.toThrow(
      /^aer:udp:\/\/no-such-host\.invalid:9: .*no-such-host\.invalid; expected an existing host$/,
    );
  });

  it('a file that exists, steps below a microsecond, and another shape', async () => {
    const path = join(folder, 'there.aedat');
    await writeFile(path, 'mine');
    await expect(open(graphOf([3]), `aer:${path}`)).rejects.toThrow(`${path}: already exists; expected another name`);
    expect(await readFile(path, 'utf8')).toBe('mine');
    await expect(open(graphOf([3], 1e-7), 'aer:x.aedat')).rejects.toThrow('has steps of 1e-7 s');
    const spikes = await open(graphOf([3]), `aer:${join(folder, 'x.aedat')}`);
    expect(() => spikes.expectFitting(graphOf([4]))).toThrow(
      'node "cell": has 4x1 neurons in the new model; expected 3x1',
    );
    spikes.expectFitting(graphOf([3]));
  });
});
