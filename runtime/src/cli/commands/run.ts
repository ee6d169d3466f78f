import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { RandomGenerator, SpikewireError } from '@spikewire/models';
import { engineNamed } from '../../engine/engines.ts';
import { inProcess } from '../../executor/in-process.ts';
import type { ExecutorSource } from '../../executor/executor.ts';
import { InferenceWorker } from '../../executor/worker-executor.ts';
import { openSensor } from '../../sensors/find.ts';
import type { Sensor } from '../../sensors/sensor.ts';
import { MqttLink } from '../../stream/mqtt-link.ts';
import { NetPool } from '../../stream/net-pool.ts';
import { formatOutcome } from '../../stream/result-message.ts';
import { Stream } from '../../stream/stream.ts';
import type { Command, CommandArguments, CommandConsole } from '../command.ts';
import { parseModelFile, readModelFile } from '../model-argument.ts';

const DEFAULT_BROKER = 'mqtt://127.0.0.1:1883';

/** `spikewire run`: a model on a stream, for as long as the machine runs. */
export const command: Command = {
  name: 'run',
  summary: 'run a model on an MQTT stream or a sensor, learning as it goes',
  positionals: [{ name: 'model', doc: 'a .spike file or its text form in JSON' }],
  options: {
    mqtt: { type: 'string', value: '<url>', doc: `broker; ${DEFAULT_BROKER} where --in or --out is given` },
    in: { type: 'string', value: '<topic>', doc: 'readings come from here; "+" for a net of its own per level' },
    out: { type: 'string', value: '<topic>', doc: 'results go here' },
    sensor: { type: 'string', value: '<driver:address>', doc: 'readings come from a sensor of this machine' },
    interval: { type: 'string', value: '<seconds>', doc: 'time between two readings of the sensor', default: '5' },
    learn: { type: 'boolean', doc: 'keep learning; without it weights and ranges stay after the warm-up' },
    store: { type: 'string', value: '<folder>', doc: 'keep what is learned here, safe from power failures' },
    'save-every': { type: 'string', value: '<seconds>', doc: 'least time between two saves', default: '60' },
    engine: { type: 'string', value: '<name>', doc: 'how to run it', default: 'clocked' },
    'in-process': { type: 'boolean', doc: 'run the net in the main thread: saves 12 MB' },
    nets: { type: 'string', value: '<n>', doc: 'nets open at the same time where --in has a "+"', default: '64' },
    'client-id': { type: 'string', value: '<name>', doc: 'name of the session at the broker; stable over restarts' },
    seed: { type: 'string', value: '<n>', doc: 'seed of everything random', default: '1' },
    dashboard: { type: 'string', value: '<host:port>', doc: 'show the live page there' },
    'dashboard-token': { type: 'string', value: '<word>', doc: 'what a viewer must know; made up where the host is not loopback' },
  },

  async run(args, console) {
    const path = args.positionals[0]!;
    const routes = routesOf(args);
    const sensorAddress = args.text('sensor');
    if (routes === undefined && sensorAddress === undefined) {
      throw new SpikewireError('usage', 'spikewire run', 'has nothing to listen to', '--in <topic> and --out <topic>, or --sensor <driver:address>');
    }
    const bytes = await readModelFile(path);
    const model = parseModelFile(path, bytes);
    const engine = engineNamed(args.text('engine')!);
    const source: ExecutorSource = args.flag('in-process') ? inProcess(engine) : new InferenceWorker(engine.name);
    const seed = args.number('seed', { minimum: 0, whole: true })!;
    const warn = (line: string) => void console.stderr.write(`spikewire: ${line}\n`);
    const directory = args.text('store');
    const pool = new NetPool(bytes, source, {
      ...(directory === undefined ? {} : { directory }),
      saveEverySeconds: args.number('save-every', { minimum: 0 })!,
      capacity: args.number('nets', { minimum: 1, whole: true })!,
      learning: args.flag('learn'),
      seed,
      warn,
    });
    const stream = new Stream(pool, { routes: routes ?? { in: 'sensor', out: 'result' }, warn });
    const link = routes === undefined ? undefined : await openLink(args, stream, seed, warn);
    const page = await openPage(args, stream, model.channels.length === 0 ? path : `${path} on ${routes?.in ?? sensorAddress}`, console);
    stream.attach(link);
    if (link !== undefined) {
      console.say(`running ${path} on ${engine.name}: ${routes!.in} → ${routes!.out} (MQTT ${link.version ?? 'waiting for the broker'})`);
    }
    try {
      if (sensorAddress === undefined) await aborted(console.signal);
      else await followSensor(await openSensor(sensorAddress), stream, args, console, link === undefined);
    } finally {
      await page?.close();
      await link?.close();
      await pool.close();
      await source.close();
    }
    const { received, bad, published } = stream.counters;
    console.say(`stopped: ${received} messages, ${bad} bad, ${published} published, ${stream.dropped} dropped`);
  },
};

function routesOf(args: CommandArguments) {
  const input = args.text('in');
  const output = args.text('out');
  if (input === undefined && output === undefined && args.text('mqtt') === undefined) return undefined;
  if (output === undefined) throw new SpikewireError('usage', 'spikewire run', '--out is missing', 'a topic for the results');
  if (input === undefined && args.text('sensor') === undefined) {
    throw new SpikewireError('usage', 'spikewire run', '--in is missing', 'a topic for the readings, or --sensor');
  }
  return { in: input ?? `${output}/reading`, out: output };
}

function openLink(args: CommandArguments, stream: Stream, seed: number, warn: (line: string) => void): Promise<MqttLink> {
  const clientId = args.text('client-id') ?? `spikewire-${hostname()}-${stream.routes.in.replace(/[^A-Za-z0-9]+/g, '-')}`;
  // The jitter of the back-off must differ between devices, not be secret.
  const random = new RandomGenerator(seed, clientId);
  return MqttLink.connect(args.text('mqtt') ?? DEFAULT_BROKER, {
    clientId,
    random: () => random.nextUniform(),
    status: { topic: `${stream.routes.out.replace(/\+/g, '_')}/link` },
    subscriptions: stream.subscriptions,
    firstFailure: 'retry',
    onWarning: warn,
  });
}

async function openPage(args: CommandArguments, stream: Stream, title: string, console: CommandConsole) {
  const address = args.text('dashboard');
  if (address === undefined) return undefined;
  const colon = address.lastIndexOf(':');
  const port = Number(address.slice(colon + 1));
  if (!Number.isInteger(port) || port < 0 || port > 65535 || address.slice(colon + 1) === '') {
    throw new SpikewireError('usage', 'spikewire run --dashboard', `is "${address}"`, 'host:port such as 127.0.0.1:8080');
  }
  const { startDashboard, StreamSource } = await import('../../dashboard/index.ts');
  const token = args.text('dashboard-token');
  const page = await startDashboard(new StreamSource(stream, { title }), {
    host: colon > 0 ? address.slice(0, colon) : '127.0.0.1',
    port,
    ...(token === undefined ? {} : { token }),
  });
  console.say(`page: ${page.url}`);
  return page;
}

/** Reads the sensor at its interval until the command is stopped; a reading that fails is said and the next one tried. */
async function followSensor(sensor: Sensor, stream: Stream, args: CommandArguments, console: CommandConsole, print: boolean): Promise<void> {
  const interval = args.number('interval', { minimum: 0.001 })! * 1000;
  const { description } = sensor;
  console.say(`sensor ${description.address}: ${description.channels.map(({ name, unit }) => `${name} (${unit})`).join(', ')}`);
  try {
    for (let due = performance.now(); !console.signal.aborted; due += interval) {
      await takeReading(sensor, stream, console, print);
      await delay(Math.max(0, due + interval - performance.now()), undefined, { signal: console.signal }).catch(() => {});
    }
  } finally {
    await sensor.close();
  }
}

async function takeReading(sensor: Sensor, stream: Stream, console: CommandConsole, print: boolean): Promise<void> {
  try {
    const outcome = await stream.feed('', { time: Date.now(), values: await sensor.read() });
    if (print) console.stdout.write(`${JSON.stringify(formatOutcome(stream.pool.model, outcome))}\n`);
  } catch (problem) {
    if (!(problem instanceof SpikewireError)) throw problem;
    stream.counters.bad++;
    console.stderr.write(`spikewire: ${problem.message}\n`);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
