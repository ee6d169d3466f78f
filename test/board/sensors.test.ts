import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { parseModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { InProcessExecutor } from 'spikewire/executor';
import { openSensor } from 'spikewire/sensors';
import { Session } from 'spikewire/session';
import { afterEach, beforeEach, describe, expect, it, type TestContext, vi } from 'vitest';
import { chain } from '../chain.ts';
import { lacks } from '../services.ts';
import { needsUno } from './needs-uno.ts';

let folder: string;
let uno: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-board-'));
});
afterEach(async () => {
  uno?.stdin?.end();
  uno = undefined;
  await rm(folder, { recursive: true });
});

/** A simulated board in real time: the path of its line, and what its outputs are at. */
async function plugIn(context: TestContext): Promise<{ path: string; pins: Map<number, number> }> {
  const { firmware, simulator } = needsUno(context);
  const child = spawn(simulator, [firmware, '--pty'], { stdio: ['pipe', 'pipe', 'inherit'] });
  uno = child;
  const pins = new Map<number, number>();
  const path = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (said) => {
      const [word, first, level] = said.split(' ');
      if (word === 'pty') resolve(first!);
      if (word === 'pin') pins.set(Number(first), Number(level));
    });
  });
  return { path: await path, pins };
}

const setVolts = (channel: number, volts: number) => uno!.stdin!.write(`analog ${channel} ${volts * 1000}\n`);
const pull = (pin: number, level: number) => uno!.stdin!.write(`digital ${pin} ${level}\n`);

/** Reads until a reading is as wanted. */
async function readUntil(address: string, isWanted: (values: Float64Array) => boolean, act = () => {}) {
  const sensor = await openSensor(address, { interval: 0.02 });
  try {
    for (let k = 0; ; k++) {
      const reading = (await sensor.read())!;
      if (k === 5) act();
      if (isWanted(reading.values)) return { figures: sensor.figures, description: sensor.description };
    }
  } finally {
    await sensor.close();
  }
}

describe('the firmware behind a serial line', () => {
  it('is a sensor by its address', async (context) => {
    const { path } = await plugIn(context);
    setVolts(0, 1);
    setVolts(3, 2.5);
    const near = (value: number, volts: number) => Math.abs(value - (volts / 5) * 1023) < 4;
    const { figures, description } = await readUntil(
      `firmata:${path}?inputs=0,3&rate=200&gather=10`,
      (values) => near(values[0]!, 4) && near(values[1]!, 2.5),
      () => setVolts(0, 4),
    );
    expect(description.channels.map(({ name }) => name)).toEqual(['A0', 'A3']);
    expect(figures).toMatchObject({ nonFinite: 0, problems: 0, gaps: 0 });
    expect(figures.rate).toBeCloseTo(200, 3);
  });

  it('that is silent is said, and looked for again', async (context) => {
    const { path } = await plugIn(context);
    const problems: string[] = [];
    const sensor = await openSensor(`firmata:${path}`, { onProblem: ({ message }) => problems.push(message) });
    await sensor.read();
    uno!.kill('SIGSTOP');
    await vi.waitFor(
      () => expect(problems).toContainEqual(expect.stringMatching(/is silent; expected a board/)),
      60_000,
    );
    uno!.kill('SIGCONT');
    const { problems: before } = sensor.figures;
    while (sensor.figures.problem !== null) await sensor.read();
    expect(before).toBeGreaterThan(0);
    await sensor.close();
  });

  it('that is not there is said with what mends it', async () => {
    const ended = new AbortController();
    const sensor = await openSensor(`firmata:${join(folder, 'ttyACM0')}`, { signal: ended.signal });
    const reading = sensor.read();
    const expected = /ttyACM0: is not there; expected a board that is plugged in/;
    await expect.poll(() => sensor.figures.problem).toMatch(expected);
    ended.abort();
    await reading;
    await sensor.close();
  });
});

/** The folder of johnny-five, with firmata-io beside it; it is no dependency of this house. */
function needsJohnnyFive(context: TestContext): string {
  const installed = process.env.SPIKEWIRE_JOHNNY_FIVE ?? '';
  if (installed !== '' && existsSync(installed)) return join(installed, '..');
  return lacks(context, 'johnny-five', 'johnny-five with firmata-io beside it in SPIKEWIRE_JOHNNY_FIVE');
}

const ROOT = new URL('../../', import.meta.url);

/** The module of the guide, with this line, and where the packages are; and an LED for the answer. */
async function boardModule(modules: string, path: string): Promise<string> {
  const guide = await readFile(new URL('docs/guide/own-sensor.md', ROOT), 'utf8');
  const module = /^```js board[.]mjs\n(.*?)^```/ms.exec(guide)![1]!;
  const packages = createRequire(join(modules, 'johnny-five/package.json'));
  const text = module
    .replace('/dev/ttyACM0', path)
    .replace('@spikewire/devices/firmata', new URL('devices/dist/firmata/index.js', ROOT).href)
    .replaceAll(/(?<=from ')(firmata-io|johnny-five)(?=')/g, (name) => pathToFileURL(packages.resolve(name)).href);
  return `${text}export const led = new five.Led(13);\n`;
}

describe('johnny-five takes the firmware for an Arduino Uno', () => {
  // One test, since johnny-five knows one board in a process.
  it('gives what the guide has as channels of a sensor, and shows the answer of a net by its LED', async (context) => {
    const modules = needsJohnnyFive(context);
    const { path, pins } = await plugIn(context);
    for (const [channel, volts] of [3, 0.75].entries()) setVolts(channel, volts);
    const file = join(folder, 'board.mjs');
    await writeFile(file, await boardModule(modules, path));
    const sensor = await openSensor(`johnny-five:${file}`, { interval: 0.02 });
    const units = sensor.description.channels.map(({ name, unit }) => `${name} ${unit}`);
    expect(units).toEqual(['light ', 'heat °C', 'door ']);
    const readUntil = async (isWanted: (light: number, celsius: number, down: number) => boolean) => {
      for (;;) {
        const [light, celsius, down] = (await sensor.read())!.values;
        if (isWanted(light!, celsius!, down!)) return;
      }
    };
    await readUntil((light, celsius, down) => Math.abs(light - 614) < 2 && Math.abs(celsius - 25) < 1 && down === 0);
    pull(2, 1);
    await readUntil((_light, _celsius, down) => down === 1);
    const { led } = (await import(pathToFileURL(file).href)) as { led: { on(): void; off(): void } };
    // A bright input makes a neuron fire, a dark one the other.
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        fc: { type: 'Affine', weight: [[-2], [2]], bias: [1, -1] },
        cells: { type: 'IF', v_threshold: [1, 1], r: [1000, 1000] },
        out: { type: 'Output' },
      },
      edges: chain('in', 'fc', 'cells', 'out'),
      encoder: { in: { type: 'direct', range: [0, 1023] } },
      decoder: { out: { type: 'count' } },
      labels: ['dark', 'bright'],
      semantics: { dt: 1e-3 },
      sample: { steps: 10, between: 'reset' },
    });
    const session = new Session(model, new InProcessExecutor(engineNamed('reference'), model), { clock: () => 0 });
    const shown = async (level: number) => {
      while (pins.get(13) !== level) {
        const [light] = (await sensor.read())!.values;
        const { result } = await session.feed({ time: 0, values: Float64Array.of(light!) });
        if (result === 'bright') led.on();
        else led.off();
      }
    };
    setVolts(0, 0.5);
    await shown(0);
    setVolts(0, 4.5);
    await shown(1);
    setVolts(0, 0.5);
    await shown(0);
    await session.close();
    await sensor.close();
  });
});
