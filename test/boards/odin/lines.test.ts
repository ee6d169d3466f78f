import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { EventBuffer, type EventList } from 'spikewire';
import { afterEach, describe, expect, it, type TestContext } from 'vitest';
import { openPins } from '../../../devices/src/accelerators/odin/address.ts';
import { OdinBoard } from '../../../devices/src/accelerators/odin/board.ts';
import type { ChipPins } from '../../../devices/src/accelerators/odin/bridge.ts';
import { odin } from '../../../devices/src/accelerators/odin/chips.ts';
import { mapModel } from '../../../devices/src/accelerators/odin/mapping.ts';
import { abilitiesOf } from '../../../devices/src/accelerators/odin/odin.ts';
import { openOdinNet } from '../../../devices/src/accelerators/odin/odin-net.ts';
import { SoftwareNet } from '../../../devices/src/accelerators/odin/software-net.ts';
import { openSpiPins } from '../../../devices/src/accelerators/odin/spi-pins.ts';
import { runCommand } from '../../e2e/command.ts';
import { needs } from '../../services.ts';
import { STEPS, smallBytes, smallModel, smallWindow } from './small-net.ts';
import { Twin } from './twin.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function startTwin(): Promise<Twin> {
  const twin = await Twin.start({ seed: 51 });
  closing.push(() => twin.stop());
  return twin;
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-odin-'));
  closing.push(() => rm(folder, { recursive: true }));
  return folder;
}

/** Two windows of a net on the chip behind these pins, and of its software. */
async function answers(pins: ChipPins) {
  const board = new OdinBoard(odin, pins);
  const net = await openOdinNet({ name: 'odin', abilities: abilitiesOf(odin) }, board, smallBytes, undefined, () => {});
  const software = new SoftwareNet(mapModel(odin, smallModel()));
  const [found, expected]: [EventList[], EventList[]] = [[], []];
  for (const seed of [1, 2]) {
    const input = smallWindow(seed);
    found.push((await net.run({ steps: STEPS, input })).output);
    const output = new EventBuffer(1000);
    software.run(STEPS, EventBuffer.of(input), output);
    expected.push(output.toList());
  }
  expect(expected.every(({ step }) => step.length > 0)).toBe(true);
  return { found, expected, verified: board.counts.verified };
}

/** A pseudo-terminal whose far side is a TCP port; prints its path. */
const PTY = `
import os, pty, select, socket, sys, time, tty
near, far = pty.openpty()
tty.setraw(far)
print(os.ttyname(far), flush=True)
os.close(far)
bridge = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
def read():
    try:
        return os.read(near, 65536)
    except OSError:
        time.sleep(0.01)
        return b''
def write(data):
    while data:
        data = data[os.write(near, data):]
while True:
    for ready in select.select([near, bridge], [], [])[0]:
        if ready is bridge:
            data = bridge.recv(65536)
            if not data:
                sys.exit()
            write(data)
        else:
            bridge.sendall(read())
`;

/** The path of a pseudo-terminal in front of a twin, until the test is over. */
async function startPty(context: TestContext, { port }: Twin): Promise<string> {
  const child: ChildProcess = spawn(needs(context, 'python3'), ['-c', PTY, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  closing.push(async () => {
    child.kill();
    await ended;
  });
  const [path] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return path;
}

/** A program with the name and the options of spi-pipe, which does what `script` says. */
async function fakeSpiPipe(folder: string, script: string): Promise<string> {
  const program = join(folder, 'spi-pipe');
  await writeFile(program, `#!${process.execPath}\n${script}\n`);
  await chmod(program, 0o755);
  return program;
}

/** One in front of a twin's SPI. */
function spiPipeTo(folder: string, { spiPort }: Twin): Promise<string> {
  const connect = `require('node:net').connect(${spiPort},'127.0.0.1')`;
  return fakeSpiPipe(folder, `const s=${connect};process.stdin.pipe(s);s.pipe(process.stdout);`);
}

describe('a whole net on ODIN', () => {
  it('runs over a serial line', async (context) => {
    const { pins } = await openPins(odin, `${await startPty(context, await startTwin())}?baud=115200`);
    closing.push(() => pins.close());
    const { found, expected, verified } = await answers(pins);
    expect(found).toEqual(expected);
    expect(verified).toBe(4096 + 32_768);
  });

  it('runs over SPI of this machine, with a bridge for events and reset', async () => {
    const twin = await startTwin();
    const folder = await makeFolder();
    const program = await spiPipeTo(folder, twin);
    await writeFile(join(folder, 'spidev0.0'), '');
    const { pins: bridge } = await openPins(odin, twin.address);
    const setting = { speed: 1_000_000, patience: 8 };
    const pins = await openSpiPins(bridge, join(folder, 'spidev0.0'), setting, program);
    closing.push(() => pins.close());
    const { found, expected } = await answers(pins);
    expect(found).toEqual(expected);
    // The bridge had no frame of SPI: as many requests as events, and resets.
    expect(bridge.counts.sent).toBeLessThan(4 * STEPS * 2);
  });

  it('is tried by the command over an SPI device and the line of its events', async () => {
    const twin = await startTwin();
    const folder = await makeFolder();
    await spiPipeTo(folder, twin);
    await writeFile(join(folder, 'spidev0.0'), '');
    const address = `odin:spi:${folder}/spidev0.0?speed=4000000&aer=${twin.address}`;
    const environment = { PATH: `${folder}${delimiter}${process.env.PATH}` };
    const { stdout } = await runCommand(['devices', '--test', address], folder, environment);
    expect(stdout).toMatch(/memory: 36864 bytes, .* hold what was written in two rounds/);
    expect(stdout).toMatch(/spikes: all 256 neurons, in order/);
  });

  it('is refused over an SPI device that gives nothing back, and the program of it ends', async () => {
    const twin = await startTwin();
    const folder = await makeFolder();
    const program = await fakeSpiPipe(folder, 'process.stdin.resume();setInterval(()=>{},1000);');
    await writeFile(join(folder, 'spidev0.0'), '');
    const { pins: bridge } = await openPins(odin, twin.address);
    const setting = { speed: 1_000_000, patience: 1 };
    const pins = await openSpiPins(bridge, join(folder, 'spidev0.0'), setting, program);
    closing.push(() => pins.close());
    await expect(pins.spi(new Uint8Array(5))).rejects.toThrow(/spidev0\.0: is gone: 0 of 5 bytes came back; /);
    expect(pins.isGone).toBe(true);
  });
});
