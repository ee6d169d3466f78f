import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Model, nextReadingModel, quantize, RandomGenerator, writeModel } from '@spikewire/models';
import { build } from 'esbuild';
import { MqttLink } from 'spikewire/mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, it, type TestContext, vi } from 'vitest';
import { needs } from '../services.ts';
import { startBrowser } from './browser.ts';
import { killAll, type RunningCommand, runCommand, startCommand, until } from './command.ts';
import { startMosquitto } from './mosquitto.ts';
import { TestFlow } from './node-red-helper.ts';
import type { TestBroker } from './test-broker.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CONFORMANCE = join(ROOT, 'test/conformance');

/** The board of test/conformance as an installed driver; the number of its process is in the file `board`. */
const DRIVERS = `
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ForeignBoard } from ${JSON.stringify(join(CONFORMANCE, 'foreign-board.ts'))};
class Board extends ForeignBoard {
  async open(rest) {
    const source = await super.open(rest);
    writeFileSync(join(import.meta.dirname, 'board'), String(this.process.pid));
    return source;
  }
}
export const acceleratorDrivers = [new Board()];
`;

let folder: string;
let broker: TestBroker | undefined;
let commands: RunningCommand[] = [];
let links: MqttLink[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-split-'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), JSON.stringify(described));
  await build({
    stdin: { contents: DRIVERS, resolveDir: CONFORMANCE, loader: 'js' },
    outfile: join(folder, 'drivers.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  await copyFile(join(CONFORMANCE, 'foreign-board.mjs'), join(folder, 'foreign-board.mjs'));
  await writeFile(join(folder, 'level.spike'), writeModel(levelModel()));
});
const described = { name: 'foreign', version: '1.0.0', type: 'module', spikewire: { drivers: './drivers.js' } };

afterEach(async () => {
  await Promise.all(links.map((link) => link.close()));
  await killAll(commands);
  await broker?.close();
  broker = undefined;
  [commands, links] = [[], []];
});
afterAll(() => rm(folder, { recursive: true }));

/** A net that learns to predict; the board takes its first layer, and not the read-out, which learns. */
function levelModel(): Model {
  const model = nextReadingModel({
    channels: [{ name: 'level', unit: 'm' }],
    neurons: 24,
    rangeWarmUp: 20,
    monitor: { warmUp: 20 },
  });
  const nodes = new Map(model.graph.nodes);
  const { bias: _, ...parameters } = nodes.get('reading/encode')!.parameters;
  nodes.set('reading/encode', { type: 'Linear', parameters });
  return quantize({ ...model, graph: { ...model.graph, nodes } }, { bits: 8 });
}

const BOARD = { SPIKEWIRE_PACKAGES: './' };
const outputOf = (...words: string[]) => runCommand(words, folder, BOARD);

describe('a model that does not fit on a board whole', () => {
  const refusal = new RegExp(
    '^spikewire: level\\.spike: (model|node "[^"]+"): has? .+; expected a model for foreign 0; ' +
      '--split would place 2 of 6 nodes on foreign 0\\n$',
  );
  it.each([
    ['run', 'level.spike', '--device', 'foreign:0', '--in', 'a', '--out', 'b', '--mqtt', 'mqtt://127.0.0.1:1'],
    ['eval', 'level.spike', '--device', 'foreign:0', '--data', 'csv:absent.csv'],
  ])('is refused, and told how much of it a split would place there: %s', async (...words) => {
    const { code, stderr } = await outputOf(...words);
    expect(stderr).toMatch(refusal);
    expect(code).toBe(1);
  });

  it('is told so by inspect, too', async () => {
    const { code, stdout, stderr } = await outputOf('inspect', 'level.spike', '--device', 'foreign:0');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^level\.spike on foreign 0:\n/);
    expect(stderr).toBe(
      'spikewire: level.spike: does not fit on foreign:0; expected a device with more abilities, or another model; ' +
        '--split would place 2 of 6 nodes on foreign 0\n',
    );
  });

  it('lies in parts by --split, which inspect shows', async () => {
    const words = ['inspect', 'level.spike', '--device', 'foreign:0', '--split'];
    const { placement } = JSON.parse((await outputOf(...words, '--json')).stdout);
    const [board, here] = ['foreign 0', 'auto (worker)'];
    expect(placement).toMatchObject({ fits: true, executor: `${board} and ${here}` });
    const places = placement.nodes.map(({ name, on }: { name: string; on: string }) => [name, on]);
    expect(places).toEqual([
      ['in', here],
      ['reading/encode', board],
      ['reading/neurons', board],
      ['reading/decode', here],
      ['reading/synapse', here],
      ['out', here],
    ]);
    const { because } = placement.nodes.find(({ name }: { name: string }) => name === 'reading/synapse');
    const { code, stdout } = await outputOf(...words);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n {2}node +type +on +not on the board because\n/);
    expect(stdout).toMatch(/\n {2}reading\/neurons +LIF +foreign 0\n/);
    expect(stdout).toContain(because);
    expect(stdout).toContain('Lowpass  auto (worker)');
  });

  it('is told so by doctor, too', async () => {
    const { findings } = JSON.parse((await outputOf('doctor', 'level.spike', '--json')).stdout);
    expect(findings).toContainEqual({
      check: 'boards',
      state: 'note',
      found: expect.stringMatching(/^foreign:0: process of tests, .+; level\.spike does not fit on it$/),
      advice:
        'spikewire inspect level.spike --device foreign:0 says why; --split would place 2 of 6 nodes on foreign:0',
    });
  });

  it('does not hand out everything to record', async () => {
    await writeFile(join(folder, 'in.json'), '{"steps":2,"input":{}}');
    const words = ['simulate', 'level.spike', '--input', 'in.json', '--device', 'foreign:0', '--split'];
    const { code, stdout, stderr } = await outputOf(...words, '--record', 'refractory');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/recorded refractory: are not handed out, or not all, by .+; expected less to record, or /);
  });

  it.each([
    [
      ['--device', 'clocked'],
      /^spikewire: --split: needs a board, and "clocked" is an engine; expected <driver>:<board>/,
    ],
    [[], /^spikewire: --split: needs a board, and "auto" is an engine; expected <driver>:<board>\n$/],
  ])('cannot be split over one place: %j', async (words, problem) => {
    const { code, stderr } = await outputOf('run', 'level.spike', '--in', 'a', '--out', 'b', '--split', ...words);
    expect(stderr).toMatch(problem);
    expect(code).toBe(2);
  });
});

describe('a device of Node-RED that splits', () => {
  it.each([
    [true, 'foreign 0 and auto (worker)'],
    [false, /; split would place 2 of 6 nodes on foreign 0$/],
  ])('%s', async (split, expected) => {
    const box = { id: 'box', type: 'spikewire-device', address: 'foreign:0', split };
    const net = {
      id: 'net',
      type: 'spikewire-net',
      model: join(folder, 'level.spike'),
      modelType: 'file',
      place: 'box',
    };
    vi.stubEnv('SPIKEWIRE_PACKAGES', folder);
    const flow = await TestFlow.start(folder, [box, net, { id: 'infer', type: 'spikewire-infer', net: 'net' }]);
    try {
      const answer = await flow.ask({ payload: 3 });
      if (!split) expect(answer.problem).toMatch(expected);
      else
        expect((await flow.ask({ command: 'status' })).spikewire).toMatchObject({
          executor: expected,
          because: '2 of 6 nodes on foreign 0',
        });
    } finally {
      await flow.stop();
      vi.unstubAllEnvs();
    }
  });
});

describe('run --split', () => {
  const random = new RandomGenerator(1, 'test');
  async function connect(): Promise<MqttLink> {
    const link = await MqttLink.connect(broker!.url, { clientId: 'test', random: () => random.nextUniform() });
    links.push(link);
    return link;
  }

  async function start(out: string, ...more: string[]): Promise<RunningCommand> {
    const io = ['--mqtt', broker!.url, '--in', 'tank/level', '--out', out, '--store', out, '--client-id', out];
    const command = startCommand(['run', 'level.spike', ...io, '--learn', ...more], folder, BOARD);
    commands.push(command);
    await command.says(/running level\.spike/);
    return command;
  }

  async function end(command: RunningCommand): Promise<void> {
    command.process.kill('SIGTERM');
    expect(await command.ended).toBe(0);
  }

  /** What comes on a topic, as it came, but for how long it took. */
  async function listen(link: MqttLink, topic: string): Promise<string[]> {
    const heard: string[] = [];
    await link.subscribe(topic, ({ payload }) => {
      heard.push(
        Buffer.from(payload)
          .toString()
          .replace(/"latencyUs":\d+,/, ''),
      );
    });
    return heard;
  }

  const send = (link: MqttLink, from: number, to: number) =>
    Promise.all(
      Array.from({ length: to - from }, (_, k) => {
        const t = from + k;
        return link.publish('tank/level', JSON.stringify({ t, values: { level: 3 + Math.sin(t / 9) } }));
      }),
    );

  const withBroker = async (context: TestContext) => {
    needs(context, 'mosquitto');
    broker = await startMosquitto();
    return connect();
  };

  it('answers like the whole net, byte for byte, also from its saved state, and says what lies where', async (context) => {
    const link = await withBroker(context);
    const [parts, whole] = [await listen(link, 'parts'), await listen(link, 'whole')];
    for (const [from, to] of [
      [0, 150],
      [150, 300],
    ] as const) {
      const [split, one] = [
        await start('parts', '--device', 'foreign:0', '--split', '--dashboard', '127.0.0.1:0'),
        await start('whole'),
      ];
      await send(link, from, to);
      await until(() => parts.length === to && whole.length === to);
      expect(split.stdout()).toContain(
        'on auto (worker): in, reading/decode, reading/synapse, out\n' +
          'on foreign 0: reading/encode, reading/neurons\n' +
          'not on the board: reading/synapse; ',
      );
      expect(split.stdout()).toMatch(
        /^running level\.spike on foreign 0 and auto \(worker\) \(2 of 6 nodes on foreign 0\): tank\/level → parts/m,
      );
      if (from === 0) await expectPlaces(context, /page: (\S+)/.exec(split.stdout())![1]!);
      await end(split);
      await end(one);
    }
    expect(parts).toEqual(whole);
    const last = JSON.parse(parts.at(-1)!);
    expect(last.seq).toBe(300);
    expect(JSON.parse(parts[100]!).result.level).not.toBe(JSON.parse(parts[101]!).result.level);
  });

  async function expectPlaces(context: TestContext, url: string): Promise<void> {
    const browser = await startBrowser(needs(context, 'chromium'));
    try {
      const page = await browser.context.newPage();
      await page.goto(url);
      await page.getByText('Where it runs').click();
      await page.getByText('on foreign 0: reading/encode, reading/neurons', { exact: true }).waitFor();
    } finally {
      await browser.close();
    }
  }

  it('goes on on this machine when the board is lost: what waited is refused, the rest answered once', async (context) => {
    const link = await withBroker(context);
    const heard = await listen(link, 'lost');
    const command = await start('lost', '--device', 'foreign:0', '--split', '--save-every', '0');
    await send(link, 0, 100);
    await until(() => heard.length === 100);
    process.kill(Number(await readFile(join(folder, 'board'), 'utf8')), 'SIGKILL');
    await send(link, 100, 200);
    await until(() => heard.some((message) => JSON.parse(message).t === 199_000));
    await end(command);
    const gone = 'foreign 0: does not answer; expected a board that is attached';
    expect(command.stderr()).toContain(`spikewire: ${gone}; nets continue on auto (worker)\n`);
    expect(command.stderr()).toMatch(
      new RegExp(`net "": ${gone}; continues from its last state, of \\d+ readings, on auto \\(worker\\)\n`),
    );
    const times = heard.map((message) => JSON.parse(message).t / 1000);
    const [, refused] = /stopped: 200 MQTT messages received, (\d+) bad, /.exec(command.stdout())!;
    expect(Number(refused)).toBeGreaterThan(0);
    expect(times).toEqual(
      Array.from({ length: 200 }, (_, t) => t).filter((t) => t < 100 || t >= 100 + Number(refused)),
    );
  });
});
